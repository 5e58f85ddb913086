package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs that go back when they diverge, and on with shorter steps. */
class RollbackTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir Path directory;

  private Cli.Result run(Path out, Object... more) throws IOException {
    Path experiment = Cli.write(directory.resolve("noisy.json"), Cli.NOISY);
    var args =
        new ArrayList<Object>(
            List.of(
                "run",
                experiment,
                "--algorithm",
                "slip",
                "--set",
                "algorithm.lowerLr=8",
                "--set",
                "checkpointEvery=10",
                "--steps",
                "60",
                "--out",
                out));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  @Test
  void halvesTheStepSizesUntilTheRunCompletes() throws IOException {
    assertThat(run(directory.resolve("stop")).code()).isEqualTo(3);
    Path out = directory.resolve("rollback");
    var result = run(out, "--on-divergence", "rollback", "--trace");
    assertThat(result.code()).as(result.err()).isZero();
    List<String> rollbacks = Files.readAllLines(out.resolve("rollbacks.jsonl"));
    assertThat(rollbacks).isNotEmpty();
    JsonNode outcome = JSON.readTree(out.resolve("outcome.json"));
    assertThat(outcome.get("status").asString()).isEqualTo("completed");
    assertThat(outcome.get("stepSizes").asDouble()).isEqualTo(Math.pow(.5, rollbacks.size()));
    assertThat(result.err()).contains("back to step", "times the step sizes given");
    assertSteps(out.resolve("metrics.jsonl"));
    assertSteps(out.resolve("trace.jsonl"));
    assertThat(
            JSON.readTree(out.resolve("experiment.json"))
                .get("algorithm")
                .get("lowerLr")
                .asDouble())
        .isEqualTo(8);
    assertThat(Files.readString(out.resolve("report.html"))).contains("It diverged earlier");
  }

  private static void assertSteps(Path file) throws IOException {
    List<Long> steps =
        Files.readAllLines(file).stream()
            .map(line -> JSON.readTree(line).get("step").asLong())
            .toList();
    assertThat(steps).isSorted().doesNotHaveDuplicates().contains(60L);
  }

  @Test
  void goingOnIsTheSameToTheByte() throws IOException {
    Path whole = directory.resolve("whole");
    assertThat(run(whole, "--on-divergence", "rollback").code()).isZero();
    Path cut = directory.resolve("cut");
    assertThat(run(cut, "--on-divergence", "rollback", "--set", "maxOracleCalls=150").code())
        .isZero();
    JsonNode outcome = JSON.readTree(cut.resolve("outcome.json"));
    assertThat(outcome.get("step").asLong()).isBetween(1L, 59L);
    Path experiment = cut.resolve("experiment.json");
    Files.writeString(
        experiment, Files.readString(experiment).replaceAll(",\\s*\"maxOracleCalls\": *150", ""));
    Files.delete(cut.resolve("outcome.json"));
    var resumed = Cli.run("resume", cut);
    assertThat(resumed.code()).as(resumed.err()).isZero();
    String last = "checkpoints/step-000060.safetensors";
    assertThat(cut.resolve(last)).hasSameBinaryContentAs(whole.resolve(last));
    assertThat(cut.resolve("rollbacks.jsonl"))
        .hasSameTextualContentAs(whole.resolve("rollbacks.jsonl"));
  }

  @Test
  void endsAsDivergedWhenNoStepIsShortEnough() throws IOException {
    Path out = directory.resolve("never");
    var result =
        run(
            out,
            "--on-divergence",
            "rollback",
            "--set",
            "algorithm.lowerLr=1e9",
            "--set",
            "algorithm.warmStartSteps=0");
    assertThat(result.code()).isEqualTo(3);
    assertThat(Files.readAllLines(out.resolve("rollbacks.jsonl"))).hasSize(9);
  }

  @Test
  void startsAgainWhenTheInitialisationDiverges() throws IOException {
    Path out = directory.resolve("start");
    var result =
        run(
            out,
            "--on-divergence",
            "rollback",
            "--set",
            "algorithm.lowerLr=50",
            "--set",
            "algorithm.warmStartSteps=20");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode first = JSON.readTree(Files.readAllLines(out.resolve("rollbacks.jsonl")).get(0));
    assertThat(first.get("at").asLong()).isZero();
    assertSteps(out.resolve("metrics.jsonl"));
  }
}
