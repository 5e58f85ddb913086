package org.stackel.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.stackel.experiment.Experiment;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Start;
import org.stackel.run.MetricsRow;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

class TuningScoreTest {
  private static Experiment experiment(Map<String, ?> problem) {
    return Experiment.of(Map.of("problem", problem, "algorithm", Map.of("type", "slip")));
  }

  private static Experiment logistic(int features) {
    return experiment(
        Map.of("type", "logistic-hpo", "examples", 60, "features", features, "batch", 9));
  }

  /** More numbers than exact metrics take leave Φ unknown. */
  @Test
  void isPhiWhereEvaluationsHaveIt() {
    assertThat(TuningScore.of(logistic(3))).isEqualTo(new TuningScore("valueFunction", false));
    TuningScore large = TuningScore.of(logistic(2001));
    assertThat(large).isEqualTo(new TuningScore("upperLoss", true));
    assertThat(large.label()).isEqualTo("upper loss with the lower level solved");
    Map<String, ?> toy = Map.of("type", "toy");
    assertThat(TuningScore.of(experiment(toy))).isEqualTo(new TuningScore("valueFunction", false));
  }

  /** y that fits the validation data at an x that did not move gains nothing. */
  @Test
  void theRunsOwnLowerVariableDoesNotCount() {
    Experiment experiment = logistic(3);
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      Start start = problem.start(new Seed(0));
      var score = new TuningScore("upperLoss", true);
      double[] scores = new double[2];
      double[] losses = new double[2];
      List<Tensor> lowers = List.of(start.y(), start.y().add(new Scalar(1)));
      for (int i = 0; i < 2; i++) {
        var measured = score.measured(experiment);
        var metrics = problem.evaluate(start.x(), lowers.get(i));
        losses[i] = metrics.get("upperLoss");
        measured.evaluated(
            new MetricsRow(9, null, 1, new OracleCalls(0, 0, 0, 0, 100_000), metrics));
        measured.completed(problem, start.x(), lowers.get(i));
        scores[i] = measured.value();
        assertThat(scores[i]).isCloseTo(metrics.get("valueFunction"), within(1e-6));
      }
      assertThat(Math.abs(losses[0] - losses[1])).isGreaterThan(.1);
      assertThat(scores[0]).isCloseTo(scores[1], within(1e-6));
    }
  }

  @Test
  void theWorstIsOnTheOtherSide() {
    assertThat(new TuningScore("upperLoss", true).worst()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(new TuningScore("validationAccuracy", true).worst())
        .isEqualTo(Double.NEGATIVE_INFINITY);
  }
}
