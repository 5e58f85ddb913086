package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.check.Candidate;
import org.stackel.check.CheckPlan;
import org.stackel.distributed.Ranks;
import org.stackel.experiment.Draft;
import org.stackel.hypergradient.Formula;
import org.stackel.hypergradient.Neumann;
import org.stackel.run.RunDirectory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code stackel check} says and leaves behind. */
class CheckCommandTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path temp;
  private Path file;
  private Path out;

  @BeforeEach
  void experiment() {
    file = Cli.write(temp.resolve("q.json"), Cli.NOISY);
    out = temp.resolve("out");
  }

  /** Without noise nothing can hide. */
  @Tag("slow")
  @Test
  void saysThatEverythingAgreesOnlyWhereItDoes() {
    Cli.write(file, Cli.EXPERIMENT);
    Cli.Result result =
        Cli.run("check", file, "--out", out, "--at", "0", "--steps", 1, "--samples", 600);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("Everything agrees.").doesNotContain(", unclear");
  }

  @Test
  void saysWhatItFound() {
    Cli.Result result = Cli.run("check", file, "--out", out, "--steps", 20, "--json");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains(
            "after step 0",
            "after step 10",
            "after step 20",
            "cross-vector product",
            "slip: z of the run",
            "Neumann A, 10 × 0.100",
            "|y - y*|",
            "Nothing is wrong; ",
            " comparisons are unclear.")
        .doesNotContain("constants along the run");
    JsonNode summary = JSON.readTree(result.lastLine());
    assertThat(summary.get("passed").asBoolean()).isTrue();
    assertThat(summary.get("directory").asString()).isEqualTo(out.toString());
    JsonNode saved = JSON.readTree(Cli.read(out.resolve("check.json")));
    assertThat(saved.get("points")).hasSize(3);
    assertThat(saved.at("/points/2/step").asLong()).isEqualTo(20);
    assertThat(saved.at("/points/2/derivatives/0/verdict").asString()).isEqualTo("right");
    assertThat(saved.at("/points/2/estimators/0/own").asBoolean()).isTrue();
    assertThat(saved.at("/points/2/lowerSystem/solvedBy").asString()).isEqualTo("dense");
    assertThat(saved.at("/points")).isEqualTo(summary.at("/points"));
    assertThat(out.resolve("report.html")).exists();
    assertThat(out.resolve("experiment.json")).exists();
  }

  @Test
  void constantsGoIntoAScheduleAsTheyAre() {
    Cli.Result result =
        Cli.run(
            "check", file, "--out", out, "--steps", 30, "--points", 2, "--constants", "--quiet");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("constants along the run", "mu             2");
    assertThat(result.err()).isEmpty();
    JsonNode constants = JSON.readTree(Cli.read(out.resolve("check.json"))).get("constants");
    assertThat(constants.get("mu").asDouble()).isEqualTo(2);
    Path theory =
        Cli.write(
            temp.resolve("theory.json"),
            Cli.NOISY.replaceAll(
                "(?s)\"algorithm\": \\{.*?\\},",
                "\"algorithm\": {\"type\": \"slip\", \"schedule\": \"theory\", \"epsilon\": 1, \"constants\": %s},"
                    .formatted(constants)));
    Cli.Result run =
        Cli.run(
            "run",
            theory,
            "--out",
            temp.resolve("run"),
            "--steps",
            5,
            "--set",
            "algorithm.warmStartSteps=5");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("theory, epsilon 1: upperLr", "5 are given");
    JsonNode saved = JSON.readTree(Cli.read(temp.resolve("run/experiment.json")));
    assertThat(saved.at("/algorithm/schedule/epsilon").asDouble()).isEqualTo(1);
    assertThat(saved.at("/algorithm/schedule/constants")).isEqualTo(constants);
    assertThat(saved.at("/algorithm/momentum").asDouble()).isGreaterThan(0.9);
  }

  /** No problem of the catalogue fails, so an estimator that claims too much is looked at. */
  @Test
  void aFailedCheckEndsWithFour() {
    var neumann = new Neumann(Neumann.Form.A, 2, 0.1);
    CheckPlan plan =
        new CheckPlan(1, List.of(0L), 2, 1, 0, List.of())
            .with(List.of(new Candidate("false", neumann::sample, new Formula.Series(0.1, 9))));
    var text = new StringWriter();
    var writer = new PrintWriter(text, true);
    RunDirectory directory =
        RunDirectory.create(
            out,
            Draft.read(file).experiment().withSteps(2),
            RunDirectory.IfExists.REFUSE,
            RunDirectory.Trace.OFF);
    try (var stop = StopSignal.watch()) {
      var execution = new Execution(writer, writer, new OutputOptions(), "");
      int code = execution.check(directory, plan, Ranks.ONE, stop);
      assertThat(code).isEqualTo(4);
    }
    assertThat(text.toString()).contains("WRONG:", "after step 0: false, on one batch");
    assertThat(JSON.readTree(Cli.read(out.resolve("check.json"))).get("passed").asBoolean())
        .isFalse();
  }

  @Test
  void aRunThatDivergesEndsWithThree() {
    Cli.Result result =
        Cli.run(
            "check", file, "--out", out, "--set", "algorithm.linearSystemLr=1000", "--steps", 500);
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.err()).contains("diverged");
    assertThat(result.out()).contains("after step 0").doesNotContain("after step 500");
  }

  @Test
  void replacesWhatItLeft() throws Exception {
    assertThat(Cli.run("check", file, "--out", out, "--steps", 2).code()).isZero();
    assertThat(Cli.run("check", file, "--out", out, "--steps", 2).code()).isEqualTo(2);
    assertThat(Cli.run("run", file, "--out", out, "--steps", 2, "--force").code()).isZero();
    assertThat(Files.exists(out.resolve("check.json"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--points 0 | --points: The points (0) of check must be at least 1.",
        "--samples 1 | --samples: The samples (1) of check must be at least 2.",
        "--reference 0 | --reference: The reference (0)",
        "--at 5,x | --at takes whole numbers of at least 0, found 'x'.",
        "--at 101 | --at: The step (101) of check must be at most the number of steps, 100.",
        "--steps 0 | --steps: The steps (0)"
      })
  void wrongOptionsAreRefused(String options, String message) {
    String[] words = options.split(" ");
    Cli.Result result = Cli.run("check", file, "--out", out, words[0], words[1]);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).startsWith(message).contains("\nMaybe ");
    assertThat(out).doesNotExist();
  }
}
