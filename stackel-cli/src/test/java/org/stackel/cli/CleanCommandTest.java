package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.tensor.Seed;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code stackel clean}. */
class CleanCommandTest {
  private static final List<String> CLASSES = List.of("no", "yes");
  private static final String[][] WORDS = {
    {"never", "bad", "refuse", "wrong"}, {"sure", "good", "agree", "right"}
  };

  @TempDir Path temp;

  private Path file(String name, int rows, double rate) {
    SplittableRandom random = new Seed(rows).generator();
    var text = new StringBuilder("text,label\n");
    for (int i = 0; i < rows; i++) {
      int truth = random.nextInt(2);
      for (int k = 0; k < 5; k++) {
        int topic = random.nextDouble() < 0.8 ? truth : 1 - truth;
        text.append(k == 0 ? "" : " ").append(WORDS[topic][random.nextInt(4)]);
      }
      text.append(' ').append(i);
      text.append(',').append(CLASSES.get(random.nextDouble() < rate ? 1 - truth : truth));
      text.append('\n');
    }
    return Cli.write(temp.resolve(name), text.toString());
  }

  @Test
  void cleansAndPredictsWithTheReportedAccuracy() {
    Path train = file("train.csv", 120, 0.2);
    Path trusted = file("trusted.csv", 30, 0);
    Path test = file("test.csv", 50, 0);
    Path out = temp.resolve("a run");
    Cli.Result cleaned =
        Cli.run(
            "clean",
            train,
            "--trusted",
            trusted,
            "--test",
            test,
            "--out",
            out,
            "--time-budget",
            "50s",
            "--threads",
            1,
            "--json");
    assertThat(cleaned.code()).as(cleaned.err()).isZero();
    assertThat(cleaned.err()).contains("'text' is taken for the text; --text names another");
    assertThat(cleaned.out()).contains("Suspected: ", "of 120 rows", "way to train", "← model/");
    JsonNode summary = new JsonMapper().readTree(cleaned.lastLine());
    assertThat(summary.get("rows").asInt()).isEqualTo(120);
    for (String name : List.of("report.html", "weights.csv", "corrected.csv", "review.jsonl")) {
      assertThat(out.resolve(name)).exists();
    }
    assertThat(Cli.read(out.resolve("report.html"))).doesNotContain("http", "<script");

    Cli.Result predicted =
        Cli.run("predict", out, test, "--label", "label", "--json", "--out", temp.resolve("p.csv"));
    assertThat(predicted.code()).as(predicted.err()).isZero();
    assertThat(new JsonMapper().readTree(predicted.lastLine()).get("accuracy").asDouble())
        .isCloseTo(summary.get("testAccuracy").asDouble(), within(1e-12));

    Cli.Result again = Cli.run("clean", train, "--trusted", trusted, "--out", out);
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("exists.\nMaybe --force");
  }

  @Test
  void mistakesAreExplained() {
    Path train = file("train.csv", 20, 0);
    Cli.Result fix = Cli.run("clean", train, "--fix", "repair");
    assertThat(fix.code()).isEqualTo(2);
    assertThat(fix.err()).contains("--fix is 'repair'", "\nMaybe ");
    Cli.Result budget = Cli.run("clean", train, "--time-budget", "soon");
    assertThat(budget.code()).isEqualTo(2);
    assertThat(budget.err()).contains("--time-budget is 'soon'", "\nMaybe ");
    Cli.Result missing = Cli.run("clean", temp.resolve("trian.csv"));
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).contains("There is no file", "train.csv' was meant");
  }
}
