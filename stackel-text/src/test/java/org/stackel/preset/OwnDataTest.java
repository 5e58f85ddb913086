package org.stackel.preset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.experiment.Draft;
import org.stackel.problem.Metrics;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.text.OwnTexts;

/** What the quality tests show on real data, in small, on data of the project's own. */
class OwnDataTest {
  @TempDir Path directory;

  private static List<Metrics> run(String preset, Scale scale, long steps, Map<String, ?> problem) {
    Draft draft = Presets.named(preset).draft(scale);
    problem.forEach((key, value) -> draft.set("problem." + key, value, "test"));
    draft.set("steps", steps, "test");
    draft.set("evaluateEvery", steps, "test");
    var rows = new ArrayList<Metrics>();
    RunOutcome outcome =
        Runner.run(
            draft.experiment(),
            new RunListener() {
              @Override
              public void evaluated(MetricsRow row) {
                rows.add(row.metrics());
              }
            });
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
    return rows;
  }

  /** Words of praise and blame are those of other domains. */
  @Test
  void sentimentOfOtherDomains() {
    Path file = OwnTexts.reviews(directory.resolve("reviews.jsonl"));
    List<Metrics> rows =
        run(
            "hr-amazon",
            Scale.TINY,
            60,
            Map.of("data", file.toString(), "only", List.of("thr=t4"), "vectors", "random"));
    double start = rows.get(0).get("testAccuracy");
    double end = rows.get(rows.size() - 1).get("testAccuracy");
    assertThat(end).isGreaterThan(.9).isGreaterThan(start);
  }

  @Test
  void rareBadReviews() {
    Path file = OwnTexts.reviews(directory.resolve("reviews.jsonl"));
    List<Metrics> rows =
        run(
            "auc-amazon",
            Scale.TINY,
            60,
            Map.of(
                "data",
                file.toString(),
                "only",
                List.of("thr=t2"),
                "vectors",
                "random",
                "trainSize",
                200,
                "testSize",
                100,
                "pretraining",
                Map.of("steps", 0)));
    double start = rows.get(0).get("testAuc");
    double end = rows.get(rows.size() - 1).get("testAuc");
    assertThat(end).isGreaterThan(.9).isGreaterThan(start);
  }

  /** Training, trusted and test requests in files of their own. */
  @Test
  void wrongIntents() {
    List<Metrics> rows =
        run(
            "clean-wordnet",
            Scale.SMALL,
            60,
            Map.of(
                "data",
                OwnTexts.intents(directory.resolve("train.csv"), 60, 1).toString(),
                "trusted",
                OwnTexts.intents(directory.resolve("trusted.csv"), 10, 2).toString(),
                "test",
                OwnTexts.intents(directory.resolve("test.csv"), 20, 3).toString(),
                "vectors",
                "random",
                "noise",
                "uniform",
                "noiseRate",
                .3));
    Metrics end = rows.get(rows.size() - 1);
    assertThat(end.get("auroc")).isGreaterThan(.9);
    assertThat(end.get("testAccuracy")).isGreaterThan(.9);
  }
}
