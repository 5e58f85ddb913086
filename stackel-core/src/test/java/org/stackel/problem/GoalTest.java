package org.stackel.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

class GoalTest {
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
    }
  }
}
