package org.stackel.cli;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that are cut off go on as if they had not been. */
class ResumeCommandTest {
  private static final long STEPS = 900;
  private static final String TEXT =
      Cli.NOISY.replace("\"checkpointEvery\": 100", "\"checkpointEvery\": 300");

  @TempDir static Path shared;
  private static Path uninterrupted;

  @TempDir Path temp;
  private Path file;
  private Path run;

  @BeforeAll
  static void runOnceInOneGo() {
    uninterrupted = shared.resolve("uninterrupted");
    Path file = Cli.write(shared.resolve("q.json"), TEXT);
    Cli.run("run", file, "--steps", STEPS, "--trace", "--out", uninterrupted);
  }

  @BeforeEach
  void experiment() {
    file = Cli.write(temp.resolve("q.json"), TEXT);
    run = temp.resolve("run");
  }

  private void checkAgainst(Path whole, long steps) {
    String checkpoint = "checkpoints/step-%06d.safetensors".formatted(steps);
    assertThat(run.resolve(checkpoint)).hasSameBinaryContentAs(whole.resolve(checkpoint));
    assertThat(run.resolve("trace.jsonl")).hasSameBinaryContentAs(whole.resolve("trace.jsonl"));
    assertThat(Cli.metricsButTime(run)).isEqualTo(Cli.metricsButTime(whole));
    assertThat(run.resolve("experiment.json"))
        .hasSameBinaryContentAs(whole.resolve("experiment.json"));
    assertThat(run.resolve("outcome.json")).content().contains("\"completed\"");
  }

  private Path whole(long steps) {
    Path whole = temp.resolve("whole");
    assertThat(Cli.run("run", file, "--steps", steps, "--trace", "--out", whole).code()).isZero();
    return whole;
  }

  private void await(Path evidence, int lines) throws IOException, InterruptedException {
    for (int i = 0; i < 6000; i++) {
      if (Files.exists(evidence) && Cli.read(evidence).lines().count() > lines) {
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError(evidence + " did not grow");
  }

  @ParameterizedTest
  @ValueSource(ints = 300)
  void afterASignal(int line) throws Exception {
    Process process =
        Cli.start(
            List.of(), temp.resolve("log"), "run", file, "--steps", STEPS, "--trace", "--out", run);
    await(run.resolve("trace.jsonl"), line);
    process.destroy(); // SIGTERM
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Cli.read(temp.resolve("log.err"));
    assertThat(process.exitValue()).as(said).isEqualTo(130);
    assertThat(said).contains("stackel resume " + run);
    assertThat(run.resolve("outcome.json")).content().contains("\"stopped\"");

    assertThat(Cli.run("resume", run).code()).isZero();
    checkAgainst(uninterrupted, STEPS);
  }

  /** A warm start of hours; with fewer steps of it the same directory goes on from the start. */
  @Test
  void afterASignalWithinTheInitialisation() throws Exception {
    Process process =
        Cli.start(
            List.of(),
            temp.resolve("log"),
            "run",
            file,
            "--set",
            "algorithm.warmStartSteps=1000000000",
            "--out",
            run);
    while (!Files.exists(run.resolve("experiment.json"))) {
      assertThat(process.isAlive()).isTrue();
      Thread.sleep(10);
    }
    process.destroy(); // SIGTERM
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Cli.read(temp.resolve("log.err"));
    assertThat(process.exitValue()).as(said).isEqualTo(130);
    assertThat(said).contains("no state to save", "stackel resume " + run);
    assertThat(run.resolve("report.html")).isNotEmptyFile();

    Path experiment = run.resolve("experiment.json");
    Cli.write(experiment, Cli.read(experiment).replace("1000000000", "3"));
    var resumed = Cli.run("resume", run, "--steps", STEPS);
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("from the beginning");
    assertThat(Cli.metricsButTime(run)).isEqualTo(Cli.metricsButTime(uninterrupted));
  }

  @ParameterizedTest
  @ValueSource(ints = {400})
  void afterItWasKilled(int line) throws Exception {
    Process process =
        Cli.start(
            List.of(), temp.resolve("log"), "run", file, "--steps", STEPS, "--trace", "--out", run);
    await(run.resolve("trace.jsonl"), line);
    process.destroyForcibly();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.resolve("outcome.json")).doesNotExist();
    // What else a process may leave that dies while it writes.
    Files.writeString(run.resolve("checkpoints/step-009000.safetensors.tmp"), "half");
    Files.writeString(
        run.resolve("metrics.jsonl"), "{\"step\":9000,\"sec", StandardOpenOption.APPEND);

    assertThat(Cli.run("resume", run).code()).isZero();
    checkAgainst(uninterrupted, STEPS);
    assertThat(run.resolve("checkpoints/step-009000.safetensors.tmp")).doesNotExist();
  }

  @Test
  void aCompleteRunIsLeftAlone() {
    Cli.run("run", file, "--out", run);
    String before = Cli.read(run.resolve("outcome.json"));
    Cli.Result result = Cli.run("resume", run, "--json");
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("is complete: 100 steps");
    assertThat(result.lastLine()).contains("\"status\":\"completed\"");
    assertThat(Cli.read(run.resolve("outcome.json"))).isEqualTo(before);
  }

  /** It was killed between its outcome and its page. */
  @Test
  void resumingACompleteRunWritesTheMissingPage() throws IOException {
    Cli.run("run", file, "--out", run);
    Files.delete(run.resolve("report.html"));
    Files.writeString(run.resolve(".lock"), "");
    Files.writeString(run.resolve(".report.html.77.tmp"), "<");
    assertThat(Cli.run("resume", run).code()).isZero();
    assertThat(run.resolve("report.html")).exists();
    assertThat(run.resolve(".report.html.77.tmp")).doesNotExist();
    assertThat(run.resolve(".lock")).doesNotExist();
  }

  @Test
  void aCompleteRunCanBeExtended() {
    assertThat(Cli.run("run", file, "--steps", 105, "--trace", "--out", run).code()).isZero();
    assertThat(Cli.run("resume", run, "--steps", 250).code()).isZero();
    checkAgainst(whole(250), 250);
    Cli.Result fewer = Cli.run("resume", run, "--steps", 200);
    assertThat(fewer.code()).isEqualTo(2);
    assertThat(fewer.err()).contains("--steps", "250");
  }

  /** Directories from before files had a version. */
  @Test
  void aRunWithoutVersionsGoesOn() {
    assertThat(Cli.run("run", file, "--steps", 105, "--trace", "--out", run).code()).isZero();
    for (String name : List.of("experiment.json", "provenance.json", "outcome.json")) {
      String text = Cli.read(run.resolve(name));
      assertThat(text).as(name).startsWith("{\n  \"version\": 1,\n");
      Cli.write(run.resolve(name), text.replace("  \"version\": 1,\n", ""));
    }
    Cli.Result report = Cli.run("report", run);
    assertThat(report.code()).as(report.err()).isZero();
    assertThat(Cli.run("resume", run, "--steps", 250).code()).isZero();
    checkAgainst(whole(250), 250);
  }

  @ParameterizedTest
  @ValueSource(strings = {"experiment.json", "outcome.json"})
  void aRunOfANewerStackelIsRefused(String name) {
    Cli.run("run", file, "--out", run);
    String text = Cli.read(run.resolve(name));
    Cli.write(run.resolve(name), text.replace("\"version\": 1", "\"version\": 2"));
    for (String command : List.of("resume", "report")) {
      Cli.Result result = Cli.run(command, run);
      assertThat(result.code()).isEqualTo(2);
      assertThat(result.err())
          .startsWith(run.resolve(name) + ":2: The version (2) is larger than 1: ")
          .contains("written by a newer Stackel", "\nMaybe ");
    }
  }

  /** Gradients that leak from one step into the next are in the checkpoint. */
  @Test
  void aRunAsTheScriptHasItGoesOnToo() {
    file = Cli.write(file, TEXT.replace("\"slip\"", "\"slip-authors-cleaning\""));
    assertThat(Cli.run("run", file, "--steps", 105, "--trace", "--out", run).code()).isZero();
    assertThat(Cli.run("resume", run, "--steps", 250).code()).isZero();
    checkAgainst(whole(250), 250);
  }

  @Test
  void aBrokenCheckpointIsPassedOver() throws IOException {
    Cli.run("run", file, "--steps", 1000, "--trace", "--out", run);
    Path last = run.resolve("checkpoints/step-001000.safetensors");
    flip(last);
    Files.delete(run.resolve("outcome.json"));
    Cli.Result resumed = Cli.run("resume", run);
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains(last + " is damaged: going on from step 900 instead.");
    checkAgainst(whole(1000), 1000);
    assertThat(run.resolve("checkpoints/step-001000.safetensors.broken")).exists();
  }

  /** Nobody is served by a run that starts from its beginning without a word. */
  @Test
  void withoutAWholeCheckpointNothingIsTouched() throws IOException {
    Cli.run("run", file, "--steps", 310, "--out", run);
    flip(run.resolve("checkpoints/step-000300.safetensors"));
    Path last = run.resolve("checkpoints/step-000310.safetensors");
    Files.copy(run.resolve("checkpoints/step-000300.safetensors"), last, REPLACE_EXISTING);
    String metrics = Cli.read(run.resolve("metrics.jsonl"));
    for (int i = 0; i < 2; i++) {
      Cli.Result refused = Cli.run("resume", run, "--steps", 400);
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.err()).contains(last + ": The file is damaged", "SHA-256", "\nMaybe ");
      assertThat(Cli.read(run.resolve("metrics.jsonl"))).isEqualTo(metrics);
      assertThat(run.resolve(".lock")).doesNotExist();
    }
  }

  /** Half of a file is no file that a kill leaves: lines are there before their checkpoint is. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1_500})
  void metricsThatWereCutAreRefused(long size) throws IOException {
    Cli.run("run", file, "--steps", 300, "--out", run);
    Path metrics = run.resolve("metrics.jsonl");
    String whole = Cli.read(metrics);
    String cut = whole.substring(0, (int) size);
    Cli.write(metrics, cut);
    Cli.Result refused = Cli.run("resume", run, "--steps", 400);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .startsWith(metrics + ": The file ")
        .contains("but the checkpoint is of step 300.", "\nMaybe it was cut: ");
    assertThat(Cli.read(metrics)).isEqualTo(cut);
    Files.delete(metrics);
    Cli.Result resumed = Cli.run("resume", run, "--steps", 400);
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(Cli.read(metrics)).startsWith("{\"step\":310,").contains("{\"step\":400,");
  }

  /** The lines behind it would be lost without a word. */
  @ParameterizedTest
  @ValueSource(strings = {"\"hello\"", "}"})
  void aDamagedLineOfMetricsIsRefused(String value) throws IOException {
    Cli.run("run", file, "--steps", 300, "--out", run);
    Path metrics = run.resolve("metrics.jsonl");
    String whole = Cli.read(metrics);
    String damaged = whole.replaceFirst("(\"step\":20,.*?\"upperLoss\":)[^,]+", "$1" + value);
    assertThat(damaged).isNotEqualTo(whole);
    Cli.write(metrics, damaged);
    Cli.Result refused = Cli.run("resume", run, "--steps", 400);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).startsWith(metrics + ":3: ").contains("\nMaybe the file was edited");
    assertThat(Cli.read(metrics)).isEqualTo(damaged);
    String without = whole.replaceFirst("\\{\"step\":20,.*\n", "");
    Cli.write(metrics, without);
    assertThat(Cli.run("resume", run, "--steps", 310).code()).isZero();
    assertThat(Cli.read(metrics)).startsWith(without);
  }

  @Test
  void aCheckpointMustBeWhatItsNameSays() throws IOException {
    Cli.run("run", file, "--steps", 300, "--out", run);
    Path checkpoints = run.resolve("checkpoints");
    Files.move(
        checkpoints.resolve("step-000300.safetensors"),
        checkpoints.resolve("step-000290.safetensors"));
    Files.writeString(checkpoints.resolve("step-99999999999999999999.safetensors"), "x");
    Cli.Result renamed = Cli.run("resume", run, "--steps", 400);
    assertThat(renamed.code()).isEqualTo(2);
    assertThat(renamed.err()).contains("step-000290", "its metadata say step 300", "\nMaybe ");
  }

  /** Those of earlier versions have no checksum. */
  @Test
  void anEarlierCheckpointGoesOn() throws IOException {
    Cli.run("run", file, "--steps", 300, "--trace", "--out", run);
    Path last = run.resolve("checkpoints/step-000300.safetensors");
    byte[] bytes = Files.readAllBytes(last);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String checksum = text.replaceFirst("(?s).*?(,?\"sha256\":\"[0-9a-f]{64}\").*", "$1");
    String earlier = text.replaceFirst(checksum, "");
    int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    String padded =
        earlier.substring(8, 8 + length - checksum.length())
            + " ".repeat(checksum.length())
            + earlier.substring(8 + length - checksum.length());
    Files.write(last, (text.substring(0, 8) + padded).getBytes(StandardCharsets.ISO_8859_1));
    Cli.Result resumed = Cli.run("resume", run, "--steps", 900);
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains(last + " has no checksum");
    checkAgainst(uninterrupted, STEPS);
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 3] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void twoProcessesDoNotShareADirectory() throws Exception {
    Process process =
        Cli.start(List.of(), temp.resolve("log"), "run", file, "--steps", 1_000_000, "--out", run);
    try {
      await(run.resolve("metrics.jsonl"), 1);
      Cli.Result result = Cli.run("resume", run);
      assertThat(result.code()).isEqualTo(2);
      assertThat(result.err()).contains("Another process is running in");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void onlyRunsGoOn() throws IOException {
    assertThat(Cli.run("resume", temp.resolve("nothing")).err())
        .contains("There is no such directory", "Maybe ");
    assertThat(Cli.run("resume", file).err()).contains("This is a file", "Maybe ");
    Path empty = Files.createDirectory(temp.resolve("empty"));
    Cli.Result result = Cli.run("resume", empty);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("experiment.json is missing", "Maybe ");
  }

  /** Other labels, a row less; the bytes of before are taken again. */
  @Test
  void changedDataAreRefusedByName() throws IOException {
    var rows = new StringBuilder("a,b,label\n");
    for (int i = 0; i < 24; i++) {
      rows.append("%d.5,%d.25,%s%n".formatted(i % 7, (i * 5) % 11, i % 3 == 0 ? "yes" : "no"));
    }
    String text = rows.toString();
    Path data = Cli.write(temp.resolve("train.csv"), text);
    Object[] command = {
      "run", "logistic", "--steps", 4, "--threads", 1, "--out", run, "--set", "problem.data=" + data
    };
    Cli.Result first = Cli.run(command);
    assertThat(first.code()).as(first.err()).isZero();

    String other = text.replaceFirst("yes", "no");
    String shorter = text.substring(0, text.lastIndexOf('\n', text.length() - 2) + 1);
    for (String edited : List.of(other, shorter)) {
      Cli.write(data, edited);
      Cli.Result resumed = Cli.run("resume", run, "--steps", 8);
      assertThat(resumed.code()).isEqualTo(2);
      assertThat(resumed.err())
          .startsWith(data + ": The input file '" + data + "' is not the one that the run began")
          .contains("SHA-256", "provenance.json", "\nMaybe ");
      assertThat(run.resolve("outcome.json")).content().contains("\"completed\"");
    }
    Cli.write(data, text);
    assertThat(Cli.run("resume", run, "--steps", 8).code()).isZero();

    Path copy = Cli.write(temp.resolve("copy.csv"), other);
    Path experiment = run.resolve("experiment.json");
    Cli.write(experiment, Cli.read(experiment).replace(data.toString(), copy.toString()));
    Cli.Result elsewhere = Cli.run("resume", run, "--steps", 12);
    assertThat(elsewhere.code()).isEqualTo(2);
    assertThat(elsewhere.err()).contains(copy + ": The input file");
    Cli.write(copy, text);
    assertThat(Cli.run("resume", run, "--steps", 12).code()).isZero();
  }

  /** Nothing in the file itself shows that a whole line is gone. */
  @Test
  void aMissingLineIsTold() {
    Path file = Cli.write(temp.resolve("q.json"), Cli.EXPERIMENT);
    Path run = temp.resolve("run");
    assertThat(Cli.run("run", file, "--out", run).code()).isZero();
    Path metrics = run.resolve("metrics.jsonl");
    Cli.write(metrics, Cli.read(metrics).replaceAll("(?m)^.*\"step\":[34]0,.*\n", ""));
    Cli.Result resumed = Cli.run("resume", run, "--steps", 110);
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err())
        .contains("metrics.jsonl has no line for step 30 and another: the file was edited");
  }
}
