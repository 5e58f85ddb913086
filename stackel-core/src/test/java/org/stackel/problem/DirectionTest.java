package org.stackel.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

class DirectionTest {
  @ParameterizedTest
  @CsvSource({
    "testAccuracy, HIGHER",
    "auroc, HIGHER",
    "testAUC, HIGHER",
    "upperLoss, LOWER",
    "hypergradientNorm, LOWER",
    "valueFunction, LOWER",
    "lambdaSd,",
    "accuracyOfSomething,",
  })
  void nameSaysIt(String metric, Direction direction) {
    assertThat(Direction.of(metric)).isEqualTo(direction);
  }

  @Test
  void prefersTheBetterEnd() {
    assertThat(Direction.HIGHER.prefers(2, 1)).isTrue();
    assertThat(Direction.LOWER.prefers(2, 1)).isFalse();
    assertThat(Direction.LOWER.prefers(Double.NaN, 1)).isFalse();
    assertThat(Direction.HIGHER.prefers(1, 1)).isFalse();
  }

  @Test
  void goalsAreMetricsOfTheProblem() {
    var options =
        Problems.create(
            "quadratic",
            Map.of(
                "A", List.of(List.of(2)),
                "B", List.of(List.of(1))));
    try (var scope = StateScope.open();
        var problem =
            options.open(new Seed(0), new Device(Device.Kind.CPU, Device.Precision.FLOAT64))) {
      Start start = problem.start(new Seed(0));
      Goal goal = options.goal();
      assertThat(problem.evaluate(start.x(), start.y()).values())
          .containsKeys(goal.objective(), goal.progress(), goal.result());
      assertThat(Direction.of(goal.objective())).isEqualTo(Direction.LOWER);
    }
  }
}
