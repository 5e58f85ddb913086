package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.experiment.Experiment;
import org.stackel.run.RunListener;
import org.stackel.runfile.CheckFile.Verdict;
import org.stackel.tensor.Seed;

/** A check of heads of tasks, where both levels of a step must be about the same tasks. */
class HyperRepresentationCheckTest {
  @TempDir Path directory;

  private Map<String, Object> problem(int tasks) throws IOException {
    var random = new Seed(0).generator();
    var rows = new StringBuilder("text,label,domain\n");
    for (int i = 0; i < 400; i++) {
      rows.append(
          "own%d%d common%d,class%d,domain%d%n"
              .formatted(i % 8, random.nextInt(3), random.nextInt(10), i % 4, i / 100));
    }
    Path file = Files.writeString(directory.resolve("texts.csv"), rows);
    return Map.ofEntries(
        Map.entry("type", "hyper-representation"),
        Map.entry("data", file.toString()),
        Map.entry("vectors", "random"),
        Map.entry("split", "domains"),
        Map.entry("ways", 3),
        Map.entry("shots", 2),
        Map.entry("queries", 3),
        Map.entry("tasks", tasks),
        Map.entry("testTasks", 2),
        Map.entry("taskBatch", 2),
        Map.entry("hidden", 4),
        Map.entry("maxTokens", 4),
        Map.entry("testSteps", 5));
  }

  /** Fewer minibatches than tasks: 90 and 300 numbers in the heads, so by either method. */
  @ParameterizedTest
  @CsvSource("6, 2")
  void tasksOfBothLevelsAgree(int tasks, int reference) throws IOException {
    agree(tasks, reference);
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"6, 16", "20, 4"})
  void tasksOfBothLevelsAgreeByEitherMethod(int tasks, int reference) throws IOException {
    agree(tasks, reference);
  }

  private void agree(int tasks, int reference) throws IOException {
    Experiment experiment =
        Experiment.of(
            Map.of("problem", problem(tasks), "algorithm", Map.of("type", "slip"), "steps", 3));
    var plan = new CheckPlan(1, List.of(3L), 8, reference, 0, List.of());
    CheckResult result = Check.run(experiment, plan, new RunListener() {}, sentence -> {}).result();
    assertThat(result.wrong()).isEmpty();
    assertThat(result.points())
        .allSatisfy(
            point -> {
              assertThat(point.system().finding().verdict()).isEqualTo(Verdict.RIGHT);
              assertThat(point.system().isHypergradient()).isTrue();
              assertThat(point.system().curvature().smallest()).isPositive();
              assertThat(point.hypergradient()).isPositive();
            });
  }
}
