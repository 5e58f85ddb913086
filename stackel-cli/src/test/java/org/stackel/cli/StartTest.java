package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.problem.Problems;
import org.stackel.tensor.Cuda;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands that answer at once. */
class StartTest {
  @TempDir Path temp;

  private String classesLoadedBy(String command) throws Exception {
    Process process =
        Cli.start(
            List.of("-Xlog:class+load:file=" + temp.resolve("classes")),
            temp.resolve("log"),
            (Object[]) command.split(" "));
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Cli.read(temp.resolve("log.err"))).isZero();
    return Cli.read(temp.resolve("classes"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "--version", "run --help"})
  void helpLoadsNothingNative(String command) throws Exception {
    assertThat(classesLoadedBy(command))
        .contains("org.stackel.cli.Main")
        .doesNotContain("org.bytedeco");
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "list --json"})
  void listLoadsNoNativeLibrary(String command) throws Exception {
    // Loading the class of the loader, or initialising libtorch's, is what would extract and load.
    assertThat(classesLoadedBy(command))
        .contains("org.stackel.algorithm.Algorithms")
        .doesNotContain("org.bytedeco.javacpp.Loader ", "org.bytedeco.pytorch.global.torch ");
  }

  @Test
  void listNamesPresetsWithTheirScalesAndFiles() {
    String text = Cli.run("list", "presets").out();
    for (JsonNode preset :
        new JsonMapper().readTree(Cli.run("list", "presets", "--json").out()).get("presets")) {
      assertThat(text).contains("  " + preset.get("name").asString());
      assertThat(preset.get("scales")).isNotEmpty();
    }
    assertThat(text)
        .contains("data/trec/train_5500.label: the training questions of TREC")
        .contains("data/glove.840B.300d.txt: GloVe's vectors");
  }

  @Test
  void listNamesEverythingWithItsDefaults() {
    JsonNode all = new JsonMapper().readTree(Cli.run("list", "--json").out());
    assertThat(all.get("algorithms").findValuesAsString("name"))
        .contains("slip", "bo-rep", "adambo");
    assertThat(all.get("problems").findValuesAsString("name")).contains("quadratic");
    assertThat(Cli.run("list", "algorithms").out())
        .contains("slip", "ICML 2024", "momentum: 0.9", "1 ∇f")
        .doesNotContain("problems");
  }

  @Test
  void listShowsWhichAlgorithmRunsOnWhichProblem() {
    String table = Cli.run("list", "combinations").out();
    assertThat(table.lines().toList().get(1).strip().split(" +"))
        .startsWith("algorithm", "data-cleaning");
    assertThat(table).containsPattern("v-pbgd +yes").containsPattern("mgbio +if small");
    assertThat(table.lines().skip(2).map(line -> line.replaceAll("(?<=\\S) +.*", "").length()))
        .as("no name is longer than its column")
        .allMatch(length -> length < table.lines().toList().get(1).indexOf("data-cleaning"));
    JsonNode rows = new JsonMapper().readTree(Cli.run("list", "--json").out()).get("combinations");
    assertThat(rows).hasSize(Algorithms.all().size());
    for (JsonNode row : rows) {
      assertThat(row.size()).isEqualTo(1 + Problems.all().size());
      if (row.get("algorithm").stringValue().equals("slip")) {
        assertThat(row.get("pl-game").stringValue()).isEqualTo("yes");
        assertThat(row.get("quadratic").stringValue()).isEqualTo("if x is free");
      }
    }
  }

  @Test
  void helpNamesTheCommands() {
    Cli.Result help = Cli.run("--help");
    assertThat(help.code()).isZero();
    assertThat(help.out()).contains("run", "resume", "report", "list", "doctor", "130");
    assertThat(Cli.run("--version").out()).startsWith("stackel ");
  }

  @Test
  void doctorTriesASmallRun() {
    Cli.Result result = Cli.run("doctor", "--json");
    assertThat(result.code()).as(result.out()).isZero();
    JsonNode report = new JsonMapper().readTree(result.lastLine());
    assertThat(report.get("selfCheck").asString()).isEqualTo("right");
    assertThat(report.get("libtorch").asString()).startsWith("2.");
    assertThat(report.get("variant").asString()).isIn("CPU", "CUDA");
    assertThat(report.get("cuda").asBoolean()).isEqualTo(report.get("gpus").asInt() > 0);
    assertThat(report.has("cudaAdvice")).isNotEqualTo(report.get("cuda").asBoolean());
    assertThat(report.get("nativeCache").asString()).contains("cache");
  }

  @Test
  void cudaWithoutItsLibrariesNamesTheProfile() {
    assumeFalse(Cuda.isBundled());
    Cli.Result result =
        Cli.run("run", "quadratic-demo", "--device", "cuda", "--out", temp.resolve("run"));
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .contains("The device (cuda)", "\nMaybe \"cpu\" was meant", "-Pcuda", "docs/cuda.md");
  }

  @Test
  void aDefectIsOneLineAndAFile() throws Exception {
    Process process =
        Cli.start(
            List.of("-Dorg.bytedeco.javacpp.platform=none", "-Djava.io.tmpdir=" + temp),
            temp.resolve("log"),
            "doctor");
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(Cli.read(temp.resolve("log.err")).lines()).hasSize(1);
    String details =
        Cli.read(temp.resolve("log.err")).replaceAll("(?s).*details are in (.*)\\.\\R", "$1");
    assertThat(Cli.read(Path.of(details))).contains("stackel doctor", "arch: ", "\tat org.stackel");
  }
}
