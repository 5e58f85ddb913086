package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.stackel.problem.Problems;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** Steps neither leak native objects nor grow the process. */
class MemoryTest {
  @Test
  void aThousandStepsOfSlip() {
    stepsLeaveNothing(1_000, 8L << 20);
  }

  @Tag("slow")
  @Test
  void tenThousandStepsOfSlip() {
    stepsLeaveNothing(10_000, 48L << 20);
  }

  /** The graphs of all steps would be far more than the bytes allowed. */
  private static void stepsLeaveNothing(int steps, long allowed) {
    var options =
        Map.of(
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "d", List.of(3),
            "E", List.of(List.of(1)));
    for (String sampling : List.of("independent", "shared")) {
      var slip = Algorithms.create("slip", Map.of("sampling", sampling));
      try (var scope = StateScope.open();
          var problem = Problems.create("quadratic", options).open(new Seed(0), Device.CPU64);
          var run = Runs.start(slip, problem, new Seed(1))) {
        run.steps(500);
        long pointers = NativeObjects.settled();
        long bytes = StateScope.residentBytes();
        long start = System.nanoTime();
        run.steps(steps);
        double micros = (System.nanoTime() - start) / 1e3 / steps;
        long more = StateScope.livePointers() - pointers;
        long grown = StateScope.residentBytes() - bytes;
        System.out.printf(
            "slip, %s, %,d steps: %+d native objects (of %d), %+,d bytes resident (of %,d),"
                + " %.0f µs a step%n",
            sampling, steps, more, pointers, grown, bytes, micros);
        assertThat(more).isLessThanOrEqualTo(0);
        assertThat(grown).isLessThan(allowed);
      }
    }
  }
}
