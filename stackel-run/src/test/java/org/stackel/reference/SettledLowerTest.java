package org.stackel.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.stackel.problem.Problems;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class SettledLowerTest {
  /** From anywhere to y*(x), on all blocks of a finite sum. */
  @Test
  void findsTheLowerMinimiser() {
    Map<String, ?> options = Map.of("d", 5, "p", 6, "n", 40, "batch", 7);
    try (var scope = StateScope.open();
        var problem = Problems.create("quadratic-sum", options).open(new Seed(0), Device.CPU64)) {
      Start start = problem.start(new Seed(0));
      Tensor far = Tensors.full(Device.CPU64, 50, 6);
      assertThat(problem.evaluate(start.x(), far).get("lowerDistance")).isGreaterThan(10);
      Tensor found = SettledLower.at(problem, new Seed(1), start.x(), far, 100_000);
      assertThat(problem.evaluate(start.x(), found).get("lowerDistance"))
          .isCloseTo(0, within(1e-5));
      assertThat(Tensors.toArray(far)).containsOnly(50);
    }
  }
}
