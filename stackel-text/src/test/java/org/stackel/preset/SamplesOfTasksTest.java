package org.stackel.preset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Settings;
import org.stackel.oracle.OracleCalls;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunListener;
import org.stackel.run.Runner;

/** On one budget of samples methods see as many tasks, however many a step has. */
class SamplesOfTasksTest {
  private static final long BUDGET = 96;

  @ParameterizedTest
  @CsvSource({"slip, 4", "maml, 1", "anil, 1"})
  void aCallCountsTheTasksOfItsMinibatch(String algorithm, long tasks) {
    Draft draft = Presets.named("hr-wordnet").draft(Scale.TINY);
    draft.set("problem.vectors=random");
    draft.set("problem.taskBatch=" + tasks);
    draft.useAlgorithm(algorithm, "test");
    if (algorithm.equals("slip")) {
      draft.set("algorithm.lowerSolver=steps"); // solved heads take more calls in the last step
    }
    var spent = new OracleCalls[] {OracleCalls.NONE};
    Runner.run(
        draft
            .experiment()
            .withSettings(
                Map.of(
                    "steps", Settings.NO_LIMIT,
                    "maxSamples", BUDGET,
                    "evaluateEvery", Settings.NO_LIMIT,
                    "checkpointEvery", Settings.NO_LIMIT)),
        new RunListener() {
          @Override
          public void evaluated(MetricsRow row) {
            spent[0] = row.oracle();
          }
        });
    assertThat(spent[0].samples()).isEqualTo(tasks * spent[0].total());
    assertThat(spent[0].samples()).isBetween(BUDGET, BUDGET + 4 * 4);
  }
}
