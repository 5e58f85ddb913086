package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Several runs of a comparison at the same time. */
class CompareJobsTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir Path directory;

  /** Minibatches, the training with the weights found, baselines. */
  @Test
  void cleaningIsTheSameToTheByte() throws IOException {
    assertSame(
        List.of("clean-wordnet", "--scale", "tiny", "--algorithms", "slip"),
        List.of(
            "--seeds",
            "0,1",
            "--steps",
            "10",
            "--set",
            "checkpointEvery=5",
            "--set",
            "problem.trainSize=300",
            "--set",
            "problem.testSize=100"));
  }

  /** A budget that repeats, a target, and points of a random search. */
  @Test
  void tuningIsTheSameToTheByte() throws IOException {
    Path experiment = Cli.write(directory.resolve("noisy.json"), Cli.NOISY);
    assertSame(
        List.of(experiment, "--algorithms", "slip,adambo,stocbio", "--seeds", "0,1,2"),
        List.of("--budget", "oracle=200", "--tune", "3", "--target", "upperLoss=1"));
  }

  private void assertSame(List<Object> first, List<Object> more) throws IOException {
    Path one = directory.resolve("one");
    Path many = directory.resolve("many");
    for (Path out : List.of(one, many)) {
      var args = new ArrayList<Object>(List.of("compare"));
      args.addAll(first);
      args.addAll(more);
      args.addAll(List.of("--out", out, "--jobs", out.equals(one) ? 1 : 4));
      var result = Cli.run(args.toArray());
      assertThat(result.code()).as(result.err()).isZero();
    }
    Map<String, String> expected = Cli.filesButTimes(one);
    assertThat(expected.keySet())
        .anyMatch(name -> name.endsWith("safetensors"))
        .anyMatch(name -> name.endsWith("metrics.jsonl"))
        .contains("comparison.json");
    assertThat(Cli.filesButTimes(many)).isEqualTo(expected);
  }

  @Test
  void divergedRunsDoNotStopTheOthers() throws IOException {
    Path experiment = Cli.write(directory.resolve("noisy.json"), Cli.NOISY);
    Path out = directory.resolve("c");
    var result =
        Cli.run(
            "compare",
            experiment,
            "--algorithms",
            "slip,adambo",
            "--set",
            "algorithm.linearSystemLr=1e200", // adambo has none
            "--jobs",
            "2",
            "--out",
            out);
    assertThat(result.code()).as(result.err()).isEqualTo(3);
    assertThat(result.err()).contains("Diverged: slip-seed0");
    assertThat(JSON.readTree(out.resolve("adambo-seed0/outcome.json")).get("status").asString())
        .isEqualTo("completed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "2000", "many"})
  void wrongNumbersOfJobsAreRefused(String jobs) {
    var result = Cli.run("compare", "quadratic-demo", "--algorithms", "slip", "--jobs=" + jobs);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--jobs", jobs, "Maybe ");
  }

  @Test
  void everyRunFinishesItsStepAndSavesWhenToldToStop() throws Exception {
    Path experiment = Cli.write(directory.resolve("noisy.json"), Cli.NOISY);
    Path out = directory.resolve("c");
    Process process =
        Cli.start(
            List.of(),
            directory.resolve("log"),
            "compare",
            experiment,
            "--algorithms",
            "slip,adambo",
            "--steps",
            "100000000",
            "--jobs",
            "2",
            "--out",
            out);
    List<Path> runs = List.of(out.resolve("slip-seed0"), out.resolve("adambo-seed0"));
    for (Path run : runs) {
      while (!Files.exists(run.resolve("metrics.jsonl"))
          || Files.size(run.resolve("metrics.jsonl")) == 0) {
        assertThat(process.isAlive()).isTrue();
        Thread.sleep(20);
      }
    }
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(130);
    for (Path run : runs) {
      JsonNode outcome = JSON.readTree(run.resolve("outcome.json"));
      assertThat(outcome.get("status").asString()).isEqualTo("stopped");
      assertThat(
              run.resolve(
                  "checkpoints/step-%06d.safetensors".formatted(outcome.get("step").asLong())))
          .exists();
    }
  }
}
