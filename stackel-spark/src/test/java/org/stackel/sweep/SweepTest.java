package org.stackel.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.compare.ComparisonListener;
import org.stackel.config.InvalidInputException;
import org.stackel.run.RunDirectory;

class SweepTest {
  private static final String GRID =
      "'grid': {'algorithm.upperLr': [0.01, 0.1, 1e6], 'algorithm.type': ['soba', 'slip']}, 'seeds': [0, 1]";

  @TempDir Path temp;

  /** Notes what was asked for, and may break. */
  private static final class Noting implements Workers {
    private final List<SweepTask> tasks = Collections.synchronizedList(new ArrayList<>());
    private final LocalWorkers workers = new LocalWorkers(2);

    @Override
    public int atOnce() {
      return 2;
    }

    @Override
    public String run(String task, int ranks) {
      SweepTask known = SweepTask.parse(task);
      tasks.add(known);
      if (known.run().contains("point-002")) {
        throw new IllegalStateException("the process is gone");
      }
      return workers.run(task, ranks);
    }

    @Override
    public void stop() {
      workers.stop();
    }

    @Override
    public void close() {}
  }

  @Test
  void theTableDoesNotDependOnHowManyRunAtOnce() throws Exception {
    Sweep.Result one = Sweeps.run(Sweeps.of(GRID), temp.resolve("one"), new LocalWorkers(1));
    Sweep.Result three = Sweeps.run(Sweeps.of(GRID), temp.resolve("three"), new LocalWorkers(3));
    assertThat(Sweeps.table(temp.resolve("three"))).isEqualTo(Sweeps.table(temp.resolve("one")));
    assertThat(three).isEqualTo(one);
    assertThat(one.completed() + one.diverged()).isEqualTo(12);
    assertThat(one.diverged()).isPositive();
    List<String> rows = Files.readAllLines(temp.resolve("one/sweep.csv"));
    assertThat(rows).hasSize(13);
    assertThat(rows.get(0))
        .startsWith("run,point,seed,algorithm.upperLr,algorithm.type,status,step,seconds,")
        .endsWith(",cause");
    assertThat(rows.get(1)).startsWith("point-001-seed0,1,0,0.01,soba,completed,40,");
    assertThat(rows.get(12)).startsWith("point-006-seed1,6,1,1000000.0,slip,");
    assertThat(temp.resolve("one/point-001-seed0"))
        .isDirectoryContaining(each -> each.endsWith("report.html"))
        .isDirectoryContaining(each -> each.endsWith("outcome.json"));
    assertThat(temp.resolve("one/report.html"))
        .content()
        .contains("Best points", "All runs", "point-006-seed1", "Best upperLoss for each");
  }

  @Test
  void whatHasEndedIsUsedAndWhatFailedIsTriedAgain() throws Exception {
    Path place = temp.resolve("sweep");
    String grid = "'grid': {'algorithm.upperLr': [0.01, 0.05, 0.1]}";
    Sweep.Result broken = Sweeps.run(Sweeps.of(grid), place, new Noting());
    assertThat(broken.failed()).containsOnlyKeys("point-002-seed0");
    assertThat(broken.completed()).isEqualTo(2);
    assertThat(place.resolve("failures.jsonl"))
        .content()
        .contains("{\"run\":\"point-002-seed0\",\"attempt\":1,\"error\":\"the process is gone\"}");
    assertThat(place.resolve("sweep.csv")).content().contains("failed,0,0.0,,", "process is gone");
    assertThat(place.resolve("report.html")).content().contains("Failed runs");
    Path outcome = place.resolve("point-001-seed0/outcome.json");
    var before = Files.getLastModifiedTime(outcome);
    assertThatThrownBy(() -> Sweeps.run(Sweeps.of(grid), place, new LocalWorkers(2)))
        .message()
        .contains("exists.", "--resume to go on with it");
    Sweep.Result mended =
        Sweeps.run(Sweeps.of(grid), place, new LocalWorkers(2), RunDirectory.IfExists.CONTINUE);
    assertThat(mended.failed()).isEmpty();
    assertThat(mended.completed()).isEqualTo(3);
    assertThat(Files.getLastModifiedTime(outcome)).isEqualTo(before);
    Sweeps.run(Sweeps.of(grid), temp.resolve("whole"), new LocalWorkers(1));
    assertThat(Sweeps.table(place)).isEqualTo(Sweeps.table(temp.resolve("whole")));
  }

  @Test
  void aFailureIsTriedAgainAndToldWithEveryError() {
    Path place = temp.resolve("sweep");
    Sweep sweep = Sweeps.of("'grid': {'algorithm.upperLr': [0.01]}");
    var workers =
        new Workers() {
          @Override
          public int atOnce() {
            return 1;
          }

          @Override
          public String run(String task, int ranks) {
            return OneRun.make(
                task,
                () -> {
                  throw new IllegalStateException("a disk that breaks");
                });
          }

          @Override
          public void stop() {}

          @Override
          public void close() {}
        };
    Sweep.Result result = Sweeps.run(sweep, place, workers);
    assertThat(result.failed().get("point-001-seed0")).contains("a disk that breaks");
    assertThat(place.resolve("failures.jsonl"))
        .content()
        .hasLineCount(3)
        .contains("\"attempt\":1", "\"attempt\":3");
  }

  @Test
  void survivorsOfHalvingMakeTheRunThatTheyWouldHaveMadeAtOnce() throws Exception {
    String values =
        "'random': {'runs': 6, 'ranges': {'algorithm.upperLr': {'log': [0.001, 1.0]}}}, 'seeds': [0, 1]";
    Path halved = temp.resolve("halved");
    String rounds = values + ", 'halving': {'rounds': 2, 'keep': 0.5}";
    Sweeps.run(Sweeps.of(rounds), halved, new LocalWorkers(2));
    Sweeps.run(Sweeps.of(values), temp.resolve("whole"), new LocalWorkers(2));
    List<String> whole = Sweeps.table(temp.resolve("whole")).lines().toList();
    List<String> rows = Sweeps.table(halved).lines().toList();
    assertThat(rows.stream().filter(each -> each.contains("completed,20,"))).hasSize(6);
    assertThat(rows.stream().filter(each -> each.contains("completed,40,")))
        .hasSize(6)
        .isSubsetOf(whole);
    String table = Sweeps.table(halved);
    Sweeps.run(Sweeps.of(rounds), halved, new LocalWorkers(1), RunDirectory.IfExists.CONTINUE);
    assertThat(Sweeps.table(halved)).isEqualTo(table);
  }

  @Test
  void aSweepThatIsStoppedGoesOn() throws Exception {
    Path place = temp.resolve("sweep");
    Sweep sweep = Sweeps.of(GRID);
    var isEnough = new AtomicBoolean();
    var listener =
        new ComparisonListener() {
          @Override
          public void finished(String run) {
            isEnough.set(true);
          }
        };
    Sweep.Result stopped =
        sweep.run(
            place, RunDirectory.IfExists.REFUSE, new LocalWorkers(1), listener, isEnough::get);
    assertThat(stopped.stopped()).isTrue();
    assertThat(place.resolve("sweep.csv")).doesNotExist();
    Sweeps.run(sweep, place, new LocalWorkers(2), RunDirectory.IfExists.CONTINUE);
    Sweeps.run(sweep, temp.resolve("whole"), new LocalWorkers(2));
    assertThat(Sweeps.table(place)).isEqualTo(Sweeps.table(temp.resolve("whole")));
  }

  @Test
  void anotherSweepInTheDirectoryIsToldBeforeAnythingIsWritten() throws Exception {
    Path place = temp.resolve("sweep");
    Sweeps.run(Sweeps.of("'grid': {'algorithm.upperLr': [0.01]}"), place, new LocalWorkers(1));
    String before = Files.readString(place.resolve("sweep.json"));
    Sweep other = Sweeps.of("'grid': {'algorithm.upperLr': [0.02]}");
    var workers = new LocalWorkers(1);
    assertThatThrownBy(() -> Sweeps.run(other, place, workers, RunDirectory.IfExists.CONTINUE))
        .hasMessageContaining("was begun with another file")
        .hasMessageContaining("--force");
    assertThat(place.resolve("sweep.json")).hasContent(before);
    assertThat(place.resolve("failures.jsonl")).doesNotExist();
  }

  @Test
  void aValueThatIsRefusedIsToldBeforeAnyRunWithItsLine() {
    assertThatThrownBy(() -> Sweeps.of("'grid': {\n'algorithm.upperLr': [0.1, -1]}"))
        .isInstanceOf(InvalidInputException.class)
        .message()
        .startsWith("grid.json:")
        .contains("The upperLr (-1.0) of soba must be greater than 0.");
  }

  @Test
  void aMetricThatIsNotThereIsTold() {
    assertThatThrownBy(
            () ->
                Sweeps.run(
                    Sweeps.of("'metric': 'testAccuracy'"), temp.resolve("a"), new LocalWorkers(1)))
        .message()
        .contains("The runs have no metric 'testAccuracy'.", "upperLoss");
    assertThatThrownBy(() -> Sweeps.of("'metric': 'size'"))
        .message()
        .contains("whether a larger or a smaller 'size' is better");
  }

  @Test
  void whoDoesNotSeeTheDirectorySaysSo() {
    SweepTask task =
        new SweepTask(
            "a", temp.resolve("elsewhere/a").toString(), "{}", 0, 0, true, 3, List.of(), 1, null);
    SweepResult result = SweepResult.parse(OneRun.make(task.line(), () -> false));
    assertThat(result.status()).isEqualTo(SweepResult.Status.FAILED);
    assertThat(result.errors()).hasSize(1);
    assertThat(result.cause()).contains("is not seen where the run is to be made", "Maybe --out");
  }

  @Test
  void ranksNeedSpark() {
    assertThatThrownBy(
            () -> Sweeps.run(Sweeps.of("'ranks': 2"), temp.resolve("a"), new LocalWorkers(1)))
        .message()
        .contains("Runs of 2 ranks need Spark");
  }
}
