package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReviewCommandTest {
  @TempDir Path directory;

  private Path cleaned(String name) throws IOException {
    Path run = Files.createDirectory(directory.resolve(name));
    Cli.write(
        run.resolve("review-info.json"),
        """
        {"data": "a.csv", "sha256": "00ff", "classes": ["yes", "no"], "rows": 9, "suspected": 2}
        """);
    String line =
        """
        {"record": %d, "line": %d, "id": {}, "fields": {"text": "fine"}, "label": "yes",\
         "suggested": "no", "probability": 0.9, "suspicion": 0.8, "suspected": true,\
         "scores": {"weight": 0.1}, "neighbours": []}
        """;
    Cli.write(run.resolve("review.jsonl"), line.formatted(3, 4) + line.formatted(5, 6));
    return run;
  }

  @Test
  void writesAPage() throws IOException {
    Path run = cleaned("a run");
    Cli.Result result = Cli.run("review", run);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.lastLine()).isEqualTo(run.resolve("review.html").toString());
    assertThat(run.resolve("review.html")).content().contains("<title>Review: a.csv</title>");

    Path elsewhere = directory.resolve("page.html");
    Cli.Result one = Cli.run("review", run, "--limit", 1, "--out", elsewhere);
    assertThat(one.code()).isZero();
    assertThat(one.err()).startsWith("1 of 2 rows are on the page");
    assertThat(elsewhere).isNotEmptyFile();
    assertThat(Cli.run("review", run, "--limit", 0).err()).contains("--limit", "Maybe ");
  }

  /** A run of `run` has nothing to review; one beside it that has is named. */
  @Test
  void saysWhichRunsHaveSomethingToReview() throws IOException {
    Path run = directory.resolve("plain");
    Path file = Cli.write(directory.resolve("q.json"), Cli.EXPERIMENT);
    assertThat(Cli.run("run", file, "--steps", 2, "--out", run).code()).isZero();
    Cli.Result none = Cli.run("review", run);
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err())
        .startsWith(run + ": There is nothing to review: review.jsonl is missing.")
        .contains("Maybe `stackel clean TRAIN");
    Path other = cleaned("cleaned");
    assertThat(Cli.run("review", run).err()).contains("Maybe '" + other + "' was meant.");
  }
}
