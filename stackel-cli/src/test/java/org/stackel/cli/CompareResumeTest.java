package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Comparisons that are cut off go on as if they had not been. */
class CompareResumeTest {
  private static final String TEXT =
      Cli.NOISY.replace("\"checkpointEvery\": 100", "\"checkpointEvery\": 50");

  @TempDir static Path shared;
  private static Path whole;

  @TempDir Path temp;

  @BeforeAll
  static void runOnceInOneGo() {
    whole = shared.resolve("whole");
    Path file = Cli.write(shared.resolve("q.json"), TEXT);
    Cli.Result result = Cli.run(command(file, whole, 400, "slip,soba"));
    assertThat(result.code()).as(result.err()).isZero();
  }

  private static Object[] command(Path file, Path out, long steps, String algorithms) {
    return new Object[] {
      "compare", file, "--algorithms", algorithms, "--seeds", "0,1", "--steps", steps, "--out", out
    };
  }

  private static Object[] with(Object[] command, Object... more) {
    var all = new ArrayList<>(List.of(command));
    all.addAll(List.of(more));
    return all.toArray();
  }

  /** comparison.json but for wall-clock times and the names of files. */
  private static String table(Path directory) {
    JsonNode node = JsonMapper.shared().readTree(Cli.read(directory.resolve("comparison.json")));
    return timeless(node).toString().replaceAll("[^\"]*q\\.json[^\"]*", "");
  }

  private static JsonNode timeless(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove("seconds");
    }
    node.valueStream().forEach(CompareResumeTest::timeless);
    return node;
  }

  /** All runs are complete when the signal comes; tables and report are still to be written. */
  @Tag("slow")
  @Test
  void aSignalThatComesLateChangesNothing() throws Exception {
    Path file = Cli.write(temp.resolve("q.json"), TEXT);
    Path out = temp.resolve("out");
    Process process =
        Cli.start(List.of(), temp.resolve("log"), command(file, out, 400, "slip,soba"));
    try {
      while (process.isAlive() && !Files.exists(out.resolve("comparison.json"))) {
        Thread.sleep(2);
      }
    } finally {
      process.destroy();
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(out.resolve("report.html")).exists();
    assertThat(Cli.read(temp.resolve("log.out"))).contains("report.html");
    assertThat(table(out)).isEqualTo(table(whole));
  }

  /** The second run is on its way when the process ends. */
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void goesOnWhereItWas(boolean isKilled) throws Exception {
    Path file = Cli.write(temp.resolve("q.json"), TEXT);
    Path out = temp.resolve("out");
    Object[] command = command(file, out, 400, "slip,soba");
    Process process = Cli.start(List.of(), temp.resolve("log"), command);
    try {
      await(process, out.resolve("soba-seed0/checkpoints"));
    } finally {
      if (isKilled) {
        process.destroyForcibly();
      } else {
        process.destroy(); // SIGTERM
      }
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Cli.read(temp.resolve("log.err"));
    if (!isKilled) {
      assertThat(process.exitValue()).as(said).isEqualTo(130);
      assertThat(said).contains("The same command with --resume goes on");
    }
    assertThat(out.resolve("comparison.json")).doesNotExist();
    String done = Cli.read(out.resolve("slip-seed0/outcome.json"));
    assertThat(done).contains("\"completed\"");

    Cli.Result refused = Cli.run(command);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("exists", "Maybe --force to replace it, --resume to go on");

    Cli.Result result = Cli.run(with(command, "--resume"));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .contains("slip-seed0 was done before", "soba, seed 1")
        .doesNotContain("slip, seed 0,");
    assertThat(Cli.read(out.resolve("slip-seed0/outcome.json"))).isEqualTo(done);
    assertThat(table(out)).isEqualTo(table(whole));
    for (String run : List.of("slip-seed0", "soba-seed0", "slip-seed1", "soba-seed1")) {
      assertThat(Cli.metricsButTime(out.resolve(run)))
          .as(run)
          .isEqualTo(Cli.metricsButTime(whole.resolve(run)));
    }
    assertThat(out.resolve("report.html")).isNotEmptyFile();
  }

  private static void await(Process process, Path evidence) throws Exception {
    while (!hasFiles(evidence)) {
      assertThat(process.isAlive()).as("still comparing").isTrue();
      Thread.sleep(2);
    }
  }

  private static boolean hasFiles(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.findAny().isPresent();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  @Test
  void takesMoreSeedsAndRefusesOtherOptions() {
    Path file = Cli.write(temp.resolve("q.json"), TEXT);
    Path out = temp.resolve("out");
    Object[] one = {"compare", file, "--algorithms", "slip", "--steps", 20, "--out", out};
    assertThat(Cli.run(one).code()).isZero();

    Cli.Result more =
        Cli.run(
            "compare",
            file,
            "--algorithms",
            "slip,soba",
            "--seeds",
            "0,1",
            "--steps",
            20,
            "--out",
            out,
            "--resume");
    assertThat(more.code()).as(more.err()).isZero();
    assertThat(more.err()).contains("slip-seed0 was done before", "slip, seed 1", "soba, seed 0");

    Cli.Result longer =
        Cli.run("compare", file, "--algorithms", "slip", "--steps", 30, "--out", out, "--resume");
    assertThat(longer.code()).isEqualTo(2);
    assertThat(longer.err()).contains("experiment.json", "other settings", "Maybe ", "--force");
    Cli.Result other = Cli.run(with(one, "--resume", "--set", "algorithm.upperLr=0.3"));
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("algorithm.upperLr 0.05, not 0.3", "Maybe ");
    assertThat(Cli.run(with(one, "--resume", "--force")).err()).contains("exclude each other");
  }

  /** What was measured and searched before is not measured and searched again. */
  @Test
  void keepsBudgetsAndStepSizes() {
    Path file = Cli.write(temp.resolve("q.json"), TEXT);
    Path out = temp.resolve("out");
    Object[] command = {
      "compare",
      file,
      "--algorithms",
      "slip",
      "--steps",
      20,
      "--out",
      out,
      "--budget",
      "samples",
      "--tune",
      2
    };
    assertThat(Cli.run(command).code()).isZero();
    String before = table(out);
    Cli.Result again = Cli.run(with(command, "--resume"));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).doesNotContain("measuring", "point 1 of 2");
    assertThat(table(out)).isEqualTo(before);
  }
}
