package org.stackel.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Metrics;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunOutcome;
import org.stackel.runfile.ComparisonFile.Cost;

/** What it cost to reach a loss of 1, for runs of which some never do. */
class TargetTableTest {
  private static final Target TARGET = new Target("loss", 1);

  private static MetricsRow row(long step, double loss) {
    return new MetricsRow(
        step,
        null,
        step,
        new OracleCalls(step, 0, 0, 0, 3 * step),
        Metrics.NONE.with("loss", loss));
  }

  /** A run that is at 1 at this step; never if it is negative. */
  private static void add(TargetTable table, long at) {
    List<MetricsRow> rows =
        at < 0 ? List.of(row(0, 9), row(100, 2)) : List.of(row(0, 9), row(at, 1), row(100, .5));
    Metrics end = rows.get(rows.size() - 1).metrics();
    table.add("a", rows, new RunOutcome.Completed(100, 100, end, 0));
  }

  private static Cost cost(long... at) {
    var table = new TargetTable();
    for (long step : at) {
      add(table, step);
    }
    return table.toFile(TARGET, "loss").rows().get(0);
  }

  /**
   * The mean over those that arrive would be 15, less than that of a method that always arrives.
   */
  @Test
  void aRunThatDoesNotArriveIsDearerThanAllThatDo() {
    Cost cost = cost(20, -1, 10);
    assertThat(cost.reached()).isEqualTo(2);
    assertThat(cost.median().steps()).isEqualTo(20);
    assertThat(cost.median().oracleCalls()).isEqualTo(20);
    assertThat(cost.median().samples()).isEqualTo(60);
    assertThat(cost.steps()).as("no mean over survivors").isNull();
    assertThat(cost.oracleCalls()).isNull();
    assertThat(cost(-1, 10).median()).as("halfway to one that never arrives").isNull();
    assertThat(cost(-1, 10, -1).median()).isNull();
    assertThat(cost(-1, 10, 20, 40).median().steps()).isEqualTo(30);
  }

  @Test
  void whereAllArriveThereIsAMean() {
    Cost cost = cost(10, 40, 20, 30);
    assertThat(cost.steps().mean()).isEqualTo(25);
    assertThat(cost.samples().mean()).isEqualTo(75);
    assertThat(cost.median().steps()).isEqualTo(25);
    assertThat(cost(10, 40, 20).median().steps()).isEqualTo(20);
  }

  @Test
  void aRunThatDivergedArrivesNowhere() {
    var table = new TargetTable();
    add(table, 10);
    table.add(
        "a",
        List.of(row(0, .1)),
        new RunOutcome.Diverged(0, 0, Metrics.NONE.with("loss", .1), 1, "x"));
    Cost cost = table.toFile(TARGET, "loss").rows().get(0);
    assertThat(cost.reached()).isEqualTo(1);
    assertThat(cost.median()).isNull();
  }
}
