package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.cleaning.DataCleaning;
import org.stackel.compare.Comparison;
import org.stackel.experiment.Experiment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CompareCommandTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir Path directory;

  @Test
  void cleaningIsComparedWithItsBaselines() throws IOException {
    Path out = directory.resolve("c");
    var result =
        Cli.run(
            "compare",
            "clean-wordnet",
            "--scale",
            "tiny",
            "--algorithms",
            "slip,adambo",
            "--seeds",
            "0,1",
            "--steps",
            "30",
            "--out",
            out.toString(),
            "--json");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode section = JSON.readTree(out.resolve("comparison.json")).get("sections").get(0);
    List<String> methods =
        section.get("rows").valueStream().map(r -> r.get("method").asString()).toList();
    assertThat(methods)
        .startsWith("slip", "slip + trusted", "adambo", "adambo + trusted", "plain")
        .contains("confident learning", "oracle (wrong labels removed)");
    JsonNode slip = section.get("rows").get(0).get("values");
    assertThat(slip.get("testAccuracy").get("n").asInt()).isEqualTo(2);
    assertThat(slip.get("oracleCalls").get("mean").asDouble()).isEqualTo(4 * 30 + 3);
    assertThat(section.get("runs")).hasSize(4);
    assertThat(result.out()).contains("slip + trusted", "test accuracy", "report.html");
    JsonNode last = JSON.readTree(result.out().strip().lines().reduce((a, b) -> b).orElseThrow());
    assertThat(last.get("sections")).hasSize(1);
    assertThat(out.resolve("report.html")).isNotEmptyFile();

    Path run = out.resolve("slip-seed1");
    JsonNode outcome = JSON.readTree(run.resolve("outcome.json")).get("metrics");
    assertThat(outcome.get("retrainAccuracy").asDouble()).isBetween(.1, .6);
    List<String> weights = Files.readAllLines(run.resolve("weights.csv"));
    assertThat(weights.get(0)).isEqualTo("row,label,weight,suspected,suggested,flipped,text");
    assertThat(weights).hasSize(1001);
    assertThat(run.resolve("model/weights.safetensors")).isNotEmptyFile();
    assertThat(JSON.readTree(run.resolve("model/config.json")).get("classes")).hasSize(38);

    // Adam's upper level sees all trusted texts, the others a minibatch.
    assertThat(problem(out.resolve("adambo-seed0")).get("upperBatch").asInt()).isZero();
    assertThat(problem(run).get("upperBatch").asInt()).isEqualTo(256);

    var again =
        Cli.run("compare", "quadratic-demo", "--algorithms", "slip", "--out", out.toString());
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("exists", "Maybe --force");
    assertThat(
            Cli.run(
                    "compare",
                    "quadratic-demo",
                    "--algorithms",
                    "slip",
                    "--out",
                    out.toString(),
                    "--force")
                .code())
        .isZero();
    assertThat(run).doesNotExist();
  }

  private static JsonNode problem(Path run) throws IOException {
    return JSON.readTree(run.resolve("experiment.json")).get("problem");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "slip,sliq | 0 | no algorithm 'sliq'",
        "slip,slip | 0 | distinct names",
        "slip,,bo-rep | 0 | distinct names",
        "slip | 0,x | whole numbers of at least 0",
        "slip | 1,1 | distinct numbers",
        "slip | -1  | whole numbers of at least 0",
      })
  void wrongListsAreRefused(String algorithms, String seeds, String expected) {
    Path out = directory.resolve("none");
    var result =
        Cli.run(
            "compare",
            "quadratic-demo",
            "--algorithms",
            algorithms,
            "--seeds=" + seeds,
            "--out",
            out.toString());
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains(expected, "Maybe");
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"--algorithm=slip", "--seed=1", "--trace"})
  void optionsForOneRunAreRefused(String option) {
    var result = Cli.run("compare", "quadratic-demo", "--algorithms", "slip", option);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("There is no option", "Maybe");
    String name = option.replaceAll("=.*", "") + "[= \\]]";
    assertThat(Cli.run("compare", "--help").out()).doesNotContainPattern(name);
    assertThat(Cli.run("run", "--help").out()).containsPattern(name);
  }

  @Test
  void whatALaterAlgorithmRefusesIsSaidBeforeTheFirstRun() {
    Path out = directory.resolve("none");
    var result =
        Cli.run(
            "compare",
            "hr-wordnet",
            "--scale=tiny",
            "--steps=1",
            "--algorithms=slip,mgbio",
            "--out",
            out.toString());
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("dense second derivatives", "Maybe").doesNotContain("seed 0");
    assertThat(out).doesNotExist();
  }

  @Test
  void directoriesOfOthersAreLeftAlone() throws IOException {
    Files.writeString(directory.resolve("thesis.tex"), "years of work");
    var result =
        Cli.run(
            "compare",
            "quadratic-demo",
            "--algorithms",
            "slip",
            "--force",
            "--out",
            directory.toString());
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("is not that of a comparison", "Maybe");
    assertThat(directory.resolve("thesis.tex")).hasContent("years of work");
  }

  @Test
  void weightsThatHardlyDifferAreSaid() {
    var result =
        Cli.run(
            "run",
            "clean-wordnet",
            "--scale",
            "tiny",
            "--steps",
            "5",
            "--set",
            "algorithm.upperLr=0.01",
            "--out",
            directory.resolve("r").toString());
    assertThat(result.code()).isZero();
    assertThat(result.err()).contains("hardly differ", "Maybe a larger upperLr");
    assertThat(result.err()).contains("of the words have a vector");
  }

  @Test
  void epochsArePassesThroughTheTrainingSet() throws IOException {
    Path run = directory.resolve("e");
    var result =
        Cli.run(
            "run",
            "clean-wordnet",
            "--scale",
            "tiny",
            "--epochs",
            "2",
            "--out",
            run.toString(),
            "--set",
            "evaluateEvery=4");
    assertThat(result.code()).as(result.err()).isZero();
    List<String> rows = Files.readAllLines(run.resolve("metrics.jsonl"));
    JsonNode last = JSON.readTree(rows.get(rows.size() - 1));
    assertThat(last.get("step").asInt()).isEqualTo(8); // 1,000 examples in batches of 256
    assertThat(last.get("epoch").asDouble()).isEqualTo(2);
    assertThat(Cli.run("run", "quadratic-demo", "--epochs", "2").err())
        .contains("--epochs needs a problem with a training set", "Maybe --steps");
    assertThat(Cli.run("run", "clean-wordnet", "--epochs", "2", "--steps", "3").code())
        .isEqualTo(2);
  }

  @Test
  void demoHasThreeTables() {
    Comparison demo = Demo.comparison(List.of(0L, 1L, 2L));
    assertThat(demo.sections())
        .extracting(Comparison.Section::name)
        .containsExactly("linear", "rnn", "uniform");
    assertThat(demo.sections().get(0).seeds()).containsExactly(0L, 1L, 2L);
    assertThat(demo.sections().get(0).experiments())
        .extracting(Experiment::algorithmType)
        .containsExactly("bo-rep", "slip", "adambo");
    assertThat(demo.sections().get(1).experiments())
        .allSatisfy(
            e ->
                assertThat(((DataCleaning) e.problem()).network().encoder().toOption())
                    .isEqualTo("rnn"));
  }
}
