package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands on somebody's own data: {@code tune}, {@code auc}, {@code meta}, {@code adapt}. */
class DataCommandsTest {
  @TempDir Path temp;

  private Path numbers(int rows) {
    var csv = new StringBuilder("a,b,label\n");
    for (int i = 0; i < rows; i++) {
      csv.append(i % 7 - 3 + (i % 2 == 0 ? .3 : -.3)).append(',').append(i % 5);
      csv.append(i % 7 > 3 ? ",yes\n" : ",no\n");
    }
    return Cli.write(temp.resolve("my numbers.csv"), csv.toString());
  }

  private Path texts(String name, int perDomain, String... domains) {
    var csv = new StringBuilder("text,label,domain\n");
    for (String domain : domains) {
      for (int i = 0; i < perDomain; i++) {
        csv.append(i % 2 == 0 ? "a tall tree " : "a wide river ").append(domain);
        csv.append(" number").append(i % 5).append(i % 2 == 0 ? ",up," : ",down,");
        csv.append(domain).append('\n');
      }
    }
    return Cli.write(temp.resolve(name), csv.toString());
  }

  private static JsonNode json(Cli.Result result) {
    return new JsonMapper().readTree(result.lastLine());
  }

  @Test
  void tuneLeavesStrengthsAModelAndAPage() {
    Path out = temp.resolve("tuned");
    Path data = numbers(120);
    Cli.Result result =
        Cli.run("tune", data, "--out", out, "--search", 3, "--steps", 5, "--threads", 1, "--json");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("'label' is taken for the label", "standardised");
    JsonNode summary = json(result);
    assertThat(summary.get("results").get("one strength").get("testLoss").asDouble()).isPositive();
    assertThat(Cli.read(out.resolve("report.html"))).contains("Strengths of the penalty");
    assertThat(Cli.read(out.resolve("strengths.csv"))).startsWith("feature,group,strength,weight");
    assertThat(Cli.run("predict", out, data, "--quiet").code()).isZero();
    assertThat(Cli.run("report", out, "--out", temp.resolve("again.html")).code()).isZero();

    Cli.Result resumed = Cli.run("resume", out);
    assertThat(resumed.code()).isEqualTo(2);
    assertThat(resumed.err()).contains("no checkpoints.\nMaybe the same command with --force");
    Cli.Result both = Cli.run("report", temp, out);
    assertThat(both.err())
        .contains("tuned: The results of `stackel tune", "report.html' was meant");

    Cli.Result again = Cli.run("tune", data, "--out", out);
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("exists.\nMaybe --force");
    assertThat(
            Cli.run("tune", data, "--out", out, "--force", "--search", 1, "--strengths", "one")
                .code())
        .isZero();
  }

  @Test
  void mistakesNameTheOption() {
    Path data = numbers(60);
    Cli.Result strengths = Cli.run("tune", data, "--strengths", "grup");
    assertThat(strengths.code()).isEqualTo(2);
    assertThat(strengths.err()).contains("--strengths", "\nMaybe 'group' was meant");
    Cli.Result none = Cli.run("auc", temp.resolve("nothing.csv"));
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("There is no file", "\nMaybe ");
    Cli.Result model = Cli.run("adapt", temp, data);
    assertThat(model.code()).isEqualTo(2);
    assertThat(model.err()).contains("There is no model here");
    Cli.Result used = Cli.run("tune", data, "--out", temp);
    assertThat(used.code()).isEqualTo(2);
    assertThat(used.err()).contains("is not one of results", "\nMaybe ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"predict", "tune", "auc", "meta", "adapt"})
  void helpDescribesEveryOption(String command) {
    Cli.Result help = Cli.run(command, "--help");
    assertThat(help.code()).isZero();
    assertThat(help.out()).contains("Usage: stackel " + command, "--out", "--force", "--json");
  }

  /** Starts a command, sends it SIGTERM when it has said something, and returns what it said. */
  private String stopped(String when, Object... args) throws Exception {
    Process process = Cli.start(List.of(), temp.resolve("log"), args);
    Path err = temp.resolve("log.err");
    for (int i = 0; i < 600 && !Cli.read(err).contains(when); i++) {
      Thread.sleep(50);
    }
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Cli.read(err)).isEqualTo(130);
    return Cli.read(err);
  }

  @Test
  @Tag("slow")
  void stoppedTrainingsLeaveWhatTheyHave() throws Exception {
    Path data = texts("texts.csv", 60, "books", "music", "toys");
    Path auc = temp.resolve("auc");
    assertThat(stopped("step 2 of", "auc", data, "--positive", "up", "--steps", 9999, "--out", auc))
        .contains("Stopped; what was found until then is written.");
    assertThat(Cli.read(auc.resolve("report.html"))).contains("The command was stopped");
    Path meta = temp.resolve("meta");
    assertThat(stopped("step ", "meta", data, "--domain", "domain", "--steps", 9999, "--out", meta))
        .contains("Stopped; what was found until then is written.");
    Path head = temp.resolve("head");
    Path many = texts("many.csv", 60_000, "garden");
    assertThat(stopped("'label' is taken", "adapt", meta, data, "--test", many, "--out", head))
        .contains("Stopped; nothing was written.");
    assertThat(head).doesNotExist();
    Path cleaned = temp.resolve("cleaned");
    assertThat(
            stopped(
                " % ", "clean", many, "--text", "text", "--trusted-rows", 2000, "--out", cleaned))
        .contains("Stopped; nothing was written.");
    assertThat(cleaned).doesNotExist();
  }

  private Path manyClasses(String name, int rows) {
    var random = new Random(0);
    var csv = new StringBuilder("a,b,c,label\n");
    for (int i = 0; i < rows; i++) {
      int kind = i % 1000;
      for (int size = 1; size < 1000; size *= 10) {
        csv.append(kind / size % 10 + random.nextGaussian() / 10).append(',');
      }
      csv.append("kind ").append(kind).append('\n');
    }
    return Cli.write(temp.resolve(name), csv.toString());
  }

  /** All probabilities of rows and classes at once, of every fold and model, took twice as much. */
  @Test
  @Tag("slow")
  void aThousandClassesAreCleanedInLittleMemory() throws Exception {
    Process process =
        Cli.start(
            List.of("-Xmx256m"),
            temp.resolve("log"),
            "clean",
            manyClasses("train.csv", 10_000),
            "--trusted",
            manyClasses("trusted.csv", 2000),
            "--time-budget",
            "30s",
            "--threads",
            2,
            "--out",
            temp.resolve("cleaned"));
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Cli.read(temp.resolve("log.err"))).isZero();
  }

  @Test
  void aStoppedSearchSaysSo() throws Exception {
    Path out = temp.resolve("stopped");
    assertThat(stopped("validation loss", "tune", numbers(4000), "--out", out, "--search", 100_000))
        .contains("Stopped; what was found until then is written.");
    assertThat(Cli.read(out.resolve("report.html"))).contains("The command was stopped");
    assertThat(out.resolve("model/weights.safetensors")).exists();
  }

  @Test
  void aucLeavesAModelAndAPage() {
    Path out = temp.resolve("auc");
    Path data = texts("texts.csv", 60, "books");
    Cli.Result result =
        Cli.run(
            "auc",
            data,
            "--out",
            out,
            "--positive",
            "up",
            "--steps",
            2,
            "--pretraining",
            5,
            "--json");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(json(result).get("results").get("cross entropy").get("testAuc").asDouble())
        .isBetween(0.0, 1.0);
    assertThat(Cli.read(out.resolve("report.html"))).contains("ROC curve", "Thresholds");
    assertThat(Cli.run("predict", out, data, "--quiet").code()).isZero();
    assertThat(Cli.run("auc", data, "--positive", "sideways").err())
        .contains(data + ": The class 'sideways' is unknown", "\nMaybe ");
  }

  @Test
  @Tag("slow")
  void metaAndAdapt() {
    Path encoder = temp.resolve("encoder");
    Path out = temp.resolve("adapted");
    Path data = texts("texts.csv", 30, "books", "music", "toys");
    Cli.Result meta =
        Cli.run(
            "meta",
            data,
            "--domain",
            "domain",
            "--shots",
            3,
            "--steps",
            1,
            "--out",
            encoder,
            "--json");
    assertThat(meta.code()).as(meta.err()).isZero();
    assertThat(json(meta).get("meanVectorAccuracy").asDouble()).isBetween(0.0, 1.0);
    Path few = texts("few.csv", 8, "garden");
    Cli.Result adapted = Cli.run("adapt", encoder, few, "--test", data, "--out", out, "--json");
    assertThat(adapted.code()).as(adapted.err()).isZero();
    assertThat(json(adapted).get("results").get("encoder").get("testAccuracy").asDouble())
        .isBetween(0.0, 1.0);
    assertThat(Cli.run("predict", out, data, "--quiet").code()).isZero();
  }
}
