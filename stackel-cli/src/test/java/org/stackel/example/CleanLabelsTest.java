package org.stackel.example;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.stackel.run.RunOutcome;

/** The code of docs/own-data.md does what it says. */
class CleanLabelsTest {
  @Test
  void wrongLabelsGetSmallWeights() {
    RunOutcome outcome = CleanLabels.run();
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
    assertThat(outcome.metrics().get("auroc")).isGreaterThan(0.85);
    assertThat(outcome.metrics().get("weightOfWrong"))
        .isLessThan(0.5 * outcome.metrics().get("weightOfClean"));
  }
}
