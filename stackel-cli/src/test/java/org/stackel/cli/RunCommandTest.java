package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code stackel run} leaves behind. */
class RunCommandTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path temp;
  private Path file;
  private Path run;

  @BeforeEach
  void experiment() {
    file = Cli.write(temp.resolve("q.json"), Cli.EXPERIMENT);
    run = temp.resolve("run");
  }

  private JsonNode json(String name) {
    return JSON.readTree(Cli.read(run.resolve(name)));
  }

  private static List<String> lines(Path file) {
    return Cli.read(file).lines().toList();
  }

  @Test
  void tracesTheKnownTrajectory() {
    Cli.Result result = Cli.run("run", file, "--out", run, "--trace");
    assertThat(result.code()).as(result.err()).isZero();
    double[][] expected = {{1, .244}, {.95, .2952}, {.9, .33116}, {.85, .354928}};
    List<String> trace = lines(run.resolve("trace.jsonl"));
    assertThat(trace).hasSize(101);
    for (int t = 0; t < expected.length; t++) {
      JsonNode row = JSON.readTree(trace.get(t));
      assertThat(row.get("step").asLong()).isEqualTo(t);
      assertThat(row.get("x").get(0).asDouble()).isCloseTo(expected[t][0], within(1e-9));
      assertThat(row.get("y").get(0).asDouble()).isCloseTo(expected[t][1], within(1e-9));
    }
  }

  @Test
  void writesEveryFile() throws IOException {
    Cli.Result result = Cli.run("run", file, "--out", run);
    assertThat(result.code()).isZero();
    assertThat(result.out()).containsPattern("100 steps in [0-9.]+ s(, [0-9]+ MB at most)?\\R");
    assertThat(result.out().contains("MB at most"))
        .as("where the system tells it")
        .isEqualTo(Files.exists(Path.of("/proc/self/status")));
    try (Stream<Path> files = Files.walk(run)) {
      assertThat(files.filter(Files::isRegularFile).map(f -> run.relativize(f).toString()))
          .containsExactlyInAnyOrder(
              ".stackel",
              "experiment.json",
              "provenance.json",
              "metrics.jsonl",
              "outcome.json",
              "report.html",
              "checkpoints/step-000100.safetensors");
    }
    List<String> metrics = lines(run.resolve("metrics.jsonl"));
    assertThat(metrics).hasSize(11);
    JsonNode last = JSON.readTree(metrics.get(10));
    assertThat(last.get("step").asLong()).isEqualTo(100);
    assertThat(last.get("oracle").get("gradientF").asLong()).isEqualTo(100);
    assertThat(last.get("oracle").get("gradientG").asLong()).as("warm start too").isEqualTo(103);
    assertThat(last.get("oracle").get("hessianVector").asLong()).isEqualTo(100);
    assertThat(last.get("oracle").get("crossVector").asLong()).isEqualTo(100);
    JsonNode outcome = json("outcome.json");
    assertThat(outcome.get("status").asString()).isEqualTo("completed");
    assertThat(outcome.get("step").asLong()).isEqualTo(100);
    assertThat(outcome.get("metrics")).isEqualTo(last.get("metrics"));
    JsonNode provenance = json("provenance.json");
    assertThat(provenance.get("libtorch").asString()).startsWith("2.");
    assertThat(provenance.get("blas").asString()).isIn("mkl", "openblas");
    assertThat(provenance.get("worldSize").asInt()).isEqualTo(1);
  }

  @Test
  void savesTheCompleteExperiment() {
    Cli.run("run", file, "--out", run, "--set", "algorithm.upperLr=0.1", "--steps", 3);
    JsonNode saved = json("experiment.json");
    assertThat(saved.get("algorithm").get("upperLr").asDouble()).isEqualTo(0.1);
    assertThat(saved.get("algorithm").get("sampling").asString()).isEqualTo("independent");
    assertThat(saved.get("problem").get("coupling").asString()).isEqualTo("linear");
    assertThat(saved.get("steps").asLong()).isEqualTo(3);
    assertThat(saved.get("check").asString()).isEqualTo("step");
  }

  @ParameterizedTest
  @ValueSource(strings = {"slip", "bo-rep", "adambo"})
  void repeatsItselfFromItsOwnFile(String algorithm) throws IOException {
    Path noisy = Cli.write(temp.resolve("noisy.json"), Cli.NOISY);
    Path again = temp.resolve("again");
    Path other = temp.resolve("other");
    Cli.run("run", noisy, "--algorithm", algorithm, "--seed", 7, "--trace", "--out", run);
    Cli.run("run", run.resolve("experiment.json"), "--trace", "--out", again);
    Cli.run("run", run.resolve("experiment.json"), "--trace", "--out", other, "--seed", 8);
    for (String name :
        List.of("experiment.json", "trace.jsonl", "checkpoints/step-000100.safetensors")) {
      assertThat(again.resolve(name)).hasSameBinaryContentAs(run.resolve(name));
    }
    assertThat(Cli.metricsButTime(again)).isEqualTo(Cli.metricsButTime(run));
    assertThat(Cli.read(other.resolve("trace.jsonl")))
        .isNotEqualTo(Cli.read(run.resolve("trace.jsonl")));
  }

  @Test
  void printsASummaryForMachines() {
    Cli.Result result = Cli.run("run", file, "--out", run, "--json", "--quiet");
    assertThat(result.err()).isEmpty();
    JsonNode summary = JSON.readTree(result.lastLine());
    assertThat(summary.get("status").asString()).isEqualTo("completed");
    assertThat(summary.get("directory").asString()).isEqualTo(run.toString());
    assertThat(summary.get("metrics").get("upperLoss").asDouble())
        .isEqualTo(json("outcome.json").get("metrics").get("upperLoss").asDouble());
  }

  @Test
  void replacesARunOnlyWhenForced() throws IOException {
    Cli.run("run", file, "--out", run, "--trace");
    Path notes = Cli.write(run.resolve("notes.txt"), "mine");
    String before = Cli.read(run.resolve("outcome.json"));

    Cli.Result refused = Cli.run("run", file, "--out", run, "--steps", 5);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains(run.toString(), "--force");
    assertThat(Cli.read(run.resolve("outcome.json"))).isEqualTo(before);

    Cli.Result foreign = Cli.run("run", file, "--out", run, "--steps", 5, "--force");
    assertThat(foreign.code()).isEqualTo(2);
    assertThat(foreign.err()).contains("did not write notes.txt in it", "\nMaybe ");
    assertThat(Cli.read(run.resolve("outcome.json"))).isEqualTo(before);

    Files.delete(notes);
    Cli.Result forced = Cli.run("run", file, "--out", run, "--steps", 5, "--force");
    assertThat(forced.code()).isZero();
    assertThat(forced.err()).contains("What was in %s is in %s.old now.".formatted(run, run));
    assertThat(json("outcome.json").get("step").asLong()).isEqualTo(5);
    assertThat(run.resolve("trace.jsonl")).doesNotExist();
    assertThat(run.resolve("checkpoints/step-000100.safetensors")).doesNotExist();
    Path old = run.resolveSibling(run.getFileName() + ".old");
    assertThat(Cli.read(old.resolve("outcome.json"))).isEqualTo(before);
  }

  @Test
  void neverReplacesWhatIsNoRun() throws IOException {
    Files.createDirectories(run);
    Cli.write(run.resolve("experiment.json"), Cli.EXPERIMENT);
    Cli.Result result = Cli.run("run", file, "--out", run, "--force");
    assertThat(result.code()).isEqualTo(2);
    assertThat(run.resolve("experiment.json")).hasContent(Cli.EXPERIMENT);
  }

  /** libtorch refuses numbers that float32 does not have. */
  @Test
  void stepsThatFloat32DoesNotHaveDiverge() {
    String rate = "algorithm.upperLr=1e300";
    Cli.Result result =
        Cli.run("run", file, "--out", run, "--steps", 3, "--dtype", "float32", "--set", rate);
    assertThat(result.err()).contains("diverged");
    assertThat(result.code()).isEqualTo(3);
  }

  @Test
  void aRunThatCannotBeCutLeavesNothing() {
    Cli.Result result = Cli.run("run", file, "--out", run, "--steps", 3, "--pieces", 2);
    assertThat(result.err()).contains("cannot be cut into 2 pieces", "Maybe 1 was meant.");
    assertThat(result.code()).isEqualTo(2);
    assertThat(run).doesNotExist();
  }

  /** Columns in their own units, and a step size for others: finite, but of no use. */
  @Test
  void anExplosionIsADivergence() {
    var rows = new StringBuilder("age,income,year,label\n");
    for (int i = 0; i < 40; i++) {
      rows.append(
          "%d,%d,%d,%s%n"
              .formatted(
                  20 + i, 20_000 + 997 * (i * 7 % 40), 1980 + i % 41, i % 3 == 0 ? "a" : "b"));
    }
    String data = "problem.data=" + Cli.write(temp.resolve("train.csv"), rows.toString());
    Object[] command = {"run", "logistic", "--steps", 40, "--out", run, "--set", data};
    Cli.Result plain = Cli.run(command);
    assertThat(plain.code()).as(plain.err()).isZero();
    assertThat(plain.err()).contains("The features are standardised", "'income'", "value none");

    List<Object> unscaled = new ArrayList<>(List.of(command));
    unscaled.addAll(List.of("--force", "--set", "problem.scaling=none"));
    unscaled.addAll(List.of("--set", "algorithm.lowerLr=0.1"));
    Cli.Result result = Cli.run(unscaled.toArray());
    assertThat(result.code()).as(result.err()).isEqualTo(3);
    assertThat(result.err())
        .contains("lowerLr (0.1) may be too large", "diverged in", "upperLoss grew to ")
        .contains("Maybe features of very different size: --set problem.scaling=standard helps");
    JsonNode outcome = json("outcome.json");
    assertThat(outcome.get("status").asString()).isEqualTo("diverged");
    assertThat(outcome.get("quantity").asString()).isEqualTo("upperLoss");
    assertThat(outcome.get("value").asDouble()).isGreaterThan(1e6);
    assertThat(Cli.read(run.resolve("report.html"))).contains("upperLoss grew to ");

    Cli.Result compared =
        Cli.run(
            "compare",
            "logistic",
            "--algorithms",
            "slip,soba",
            "--steps",
            20,
            "--set",
            data,
            "--set",
            "problem.scaling=none",
            "--set",
            "algorithm.lowerLr=0.1",
            "--out",
            temp.resolve("compared"));
    assertThat(compared.code()).isEqualTo(3);
    assertThat(compared.err())
        .contains(
            "The label of ", "Diverged: slip-seed0 at step ", "Diverged: soba-seed0", "\nMaybe ");
  }

  @Test
  void aDivergedRunKeepsItsLastFiniteState() {
    // No evaluation on the way: the loss would overflow before y does.
    String rate = "algorithm.lowerLr=1e3";
    String never = "evaluateEvery=1000";
    String cold = "algorithm.warmStartSteps=0";
    Object[] command = {
      "run", file, "--out", run, "--steps", 1000, "--set", rate, "--set", never, "--set", cold
    };
    Cli.Result result = Cli.run(command);
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.err()).contains("diverged in step", "y is no longer finite", "lowerLr");
    assertThat(result.errLines().get(result.errLines().size() - 1)).startsWith("Maybe ");
    JsonNode outcome = json("outcome.json");
    assertThat(outcome.get("status").asString()).isEqualTo("diverged");
    long step = outcome.get("step").asLong();
    assertThat(run.resolve("checkpoints/step-%06d.safetensors".formatted(step))).exists();
    assertThat(Cli.run("resume", run).code()).as("it would diverge again").isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "full"})
  void theLevelOfCheckingDoesNotChangeNumbers(String level) {
    Path other = temp.resolve("other");
    Cli.run("run", file, "--out", run, "--trace");
    assertThat(Cli.run("run", file, "--out", other, "--trace", "--check", level).code()).isZero();
    assertThat(other.resolve("trace.jsonl")).hasSameBinaryContentAs(run.resolve("trace.jsonl"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"slip", "saba"}) // SABA's tables begin with one tensor for all blocks
  void theFullCheckSaysWhatItFound(String algorithm) {
    Cli.Result result =
        Cli.run("run", file, "--out", run, "--check", "full", "--algorithm", algorithm);
    assertThat(result.out())
        .contains(
            "check: lower Hessian, symmetry",
            "check: cross-vector product",
            "native objects",
            "check: next step ")
        .doesNotContain("WRONG");
    assertThat(json("outcome.json").get("descent").get("verdict").asString()).isIn("good", "poor");
    assertThat(run.resolve("report.html")).content().contains(": next step ");
  }

  @Test
  void sayWhatAnotherAlgorithmDoesNotTake() {
    Cli.Result result = Cli.run("run", file, "--out", run, "--algorithm", "adambo");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .contains("adambo has no hyperparameters linearSystemLr, momentum; they are left out.");
    assertThat(json("experiment.json").get("algorithm").get("lowerLr").asDouble()).isEqualTo(0.1);
  }

  @Test
  void runsAPreset() {
    Cli.Result result = Cli.run("run", "quadratic-demo", "--scale", "tiny", "--out", run);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(json("outcome.json").get("step").asLong()).isEqualTo(10);
  }

  /** A mean of nothing is not a number, and the run says why. */
  @Test
  void saysThatAllHeadsDiverged() {
    Cli.Result result =
        Cli.run(
            "run",
            "hr-wordnet",
            "--scale",
            "tiny",
            "--steps",
            "1",
            "--out",
            run,
            "--set",
            "problem.vectors=random",
            "--set",
            "problem.testLr=1e30");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .contains("The testLr (1.0E30) is too large")
        .contains("The heads of all 6 test tasks diverged: there is no test accuracy.");
    assertThat(json("outcome.json").get("metrics").get("testAccuracy").asString()).isEqualTo("NaN");
  }
}
