package org.stackel.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Metrics;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunOutcome;

class SameRunsTest {
  private static void add(SameRuns runs, String method, long seed, double loss, long calls) {
    Metrics metrics = Metrics.NONE.with("loss", loss);
    var row = new MetricsRow(10, null, seed + calls, new OracleCalls(calls, 0, 0, 0), metrics);
    runs.add(method, seed, List.of(row), new RunOutcome.Completed(10, 1, metrics, 0));
  }

  @Test
  void oneRowForWhatComputedTheSame() {
    var runs = new SameRuns();
    for (long seed = 0; seed < 2; seed++) {
      add(runs, "a", seed, seed, 7);
      add(runs, "b", seed, seed, 7);
      add(runs, "other calls", seed, seed, 8);
      add(runs, "other numbers", seed, seed + 1e-15, 7);
      add(runs, "one seed alike", seed, 0, 7);
    }
    assertThat(runs.standsFor("b")).isEqualTo("a");
    for (String method : List.of("a", "other calls", "other numbers", "one seed alike")) {
      assertThat(runs.standsFor(method)).isEqualTo(method);
    }
    assertThat(runs.note("a")).contains("a is also b:").doesNotContain("other");
    assertThat(runs.note("b")).isNull();
    assertThat(runs.note("other calls")).isNull();
  }

  /** At the same step, from the same start: that says nothing. */
  @Test
  void whatDivergedIsLikeNothing() {
    var runs = new SameRuns();
    for (String method : List.of("a", "b")) {
      runs.add(method, 0, List.of(), new RunOutcome.Diverged(0, 0, Metrics.NONE, 1, "x"));
    }
    assertThat(runs.standsFor("b")).isEqualTo("b");
  }
}
