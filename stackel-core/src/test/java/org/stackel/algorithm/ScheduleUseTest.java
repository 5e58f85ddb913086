package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.optim.Schedule;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;

/** Every schedule of every algorithm is read at the number of the step. */
class ScheduleUseTest {
  private static final int STEP = 4; // one in which bo-rep moves y
  private static final double FIRST = .0625;

  /** All but those of the warm start. */
  static Stream<Arguments> schedules() {
    return Algorithms.all().stream()
        .flatMap(
            entry ->
                Arrays.stream(entry.defaults().getClass().getRecordComponents())
                    .filter(component -> component.getType() == Schedule.class)
                    .filter(component -> !component.getName().equals("warmStartLr"))
                    .map(component -> Arguments.of(entry.name(), component.getName())));
  }

  private static BilevelAlgorithm<?> algorithm(String name, String key, Object value) {
    var options = new HashMap<String, Object>(Map.of(key, value));
    if (name.equals("bvfsm")) {
      options.put("penalty", 1); // stays in bounds with larger steps
    }
    return Algorithms.create(name, options);
  }

  private static List<String> bits(Map<String, double[]> numbers) {
    return numbers.entrySet().stream()
        .map(column -> column.getKey() + Arrays.toString(column.getValue()))
        .toList();
  }

  /** A step of a falling size is the step of the constant that it has fallen to. */
  @ParameterizedTest
  @MethodSource("schedules")
  void isReadAtTheStep(String name, String key) {
    var falling = Map.of("type", "step", "initial", FIRST, "factor", .5, "every", 1);
    try (var problem = MatrixRecursionTest.PROBLEM.open(new Seed(0), Device.CPU64);
        var run = Runs.start(algorithm(name, key, falling), problem, new Seed(1)).steps(STEP)) {
      var now = run.next(algorithm(name, key, FIRST / (1 << STEP)));
      var first = run.next(algorithm(name, key, FIRST));
      run.steps(1);
      assertThat(bits(run.numbers())).isEqualTo(bits(now)).isNotEqualTo(bits(first));
      assertThat(bits(now)).noneMatch(column -> column.contains("N"));
    }
  }
}
