package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.run.RunDirectory;

/** Runs that several processes share. */
class RanksCommandTest {
  private static final String TOKEN = "a secret of these tests";
  private static final String TEXT =
      """
      {
        "problem": {"type": "quadratic-sum", "d": 3, "p": 4, "n": 40, "batch": 7},
        "algorithm": {"type": "soba", "upperLr": 0.05, "lowerLr": 0.1},
        "seed": 1, "steps": 40, "evaluateEvery": 10, "checkpointEvery": 10, "dtype": "float64"
      }
      """;

  /** One weight for each of 60 examples: each rank has its part of them. */
  private static final String CLEANING =
      """
      {
        "problem": {"type": "data-cleaning", "trainSize": 60, "trustedSize": 20, "testSize": 20, "batch": 7,
          "upperBatch": 5, "vectors": "tfidf"},
        "algorithm": {"type": "slip", "upperLr": 0.05, "lowerLr": 0.5},
        "seed": 1, "steps": 40, "evaluateEvery": 10, "checkpointEvery": 10, "dtype": "float64"
      }
      """;

  @TempDir Path temp;
  private Path file;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void experiment() {
    file = Cli.write(temp.resolve("q.json"), TEXT);
  }

  private String log(String name) throws IOException {
    return Cli.read(temp.resolve(name));
  }

  private Process start(String name, Map<String, String> environment, Object... args)
      throws IOException {
    Process process =
        Cli.start(List.of("-XX:TieredStopAtLevel=1"), temp.resolve(name), environment, args);
    started.add(process);
    return process;
  }

  /** A test that failed leaves nothing running: the other ranks end with the first. */
  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
  }

  private static void await(Process process, int code) throws InterruptedException {
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(code);
  }

  /** The numbers of a file of lines, but for seconds. */
  private static double[] numbers(Path lines) {
    return Pattern.compile("-?\\d+\\.?\\d*(?:E-?\\d+)?")
        .matcher(Cli.read(lines).replaceAll("\"seconds\":[^,]*,", ""))
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group()))
        .toArray();
  }

  private static void assertAlike(Path run, Path whole, String name) {
    double[] found = numbers(run.resolve(name));
    double[] expected = numbers(whole.resolve(name));
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      double error = Math.abs(found[i] - expected[i]);
      assertThat(error).isLessThanOrEqualTo(1e-11 * Math.max(1, Math.abs(expected[i])));
    }
  }

  private Path whole() {
    Path whole = temp.resolve("whole");
    assertThat(Cli.run("run", file, "--trace", "--out", whole).code()).isZero();
    return whole;
  }

  @Test
  void localRanksMakeTheRunOfOneProcess() throws Exception {
    Path whole = whole();
    Path run = temp.resolve("run");
    await(start("log", Map.of(), "run", file, "--trace", "--ranks", 3, "--out", run), 0);
    assertAlike(run, whole, "trace.jsonl");
    assertAlike(run, whole, "metrics.jsonl");
    assertThat(run.resolve("experiment.json"))
        .hasSameBinaryContentAs(whole.resolve("experiment.json"));
    assertThat(run.resolve("provenance.json")).content().contains("\"worldSize\": 3");
    assertThat(log("log.out")).contains("soba on quadratic-sum: 40 steps");
  }

  @Test
  void ranksMeetAtTheRendezvous() throws Exception {
    Path whole = whole();
    Path run = temp.resolve("run");
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Map<String, String> secret = Map.of("STACKEL_RANK_TOKEN", TOKEN);
    Object[] common = {"--world-size", 2, "--rendezvous", "127.0.0.1:" + port};
    Process other = start("other", secret, joined(common, "run", file, "--trace", "--rank", 1));
    Process first =
        start("first", secret, joined(common, "run", file, "--trace", "--rank", 0, "--out", run));
    await(first, 0);
    await(other, 0);
    assertAlike(run, whole, "trace.jsonl");
    assertThat(log("other.err")).contains("Rank 1: the run has ended; rank 0 has the results.");
    assertThat(Files.exists(temp.resolve("runs"))).isFalse();
  }

  private static Object[] joined(Object[] common, Object... own) {
    var all = new ArrayList<>(List.of(own));
    all.addAll(List.of(common));
    return all.toArray();
  }

  @Test
  void ranksWithOtherExperimentsAreTold() throws Exception {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Map<String, String> secret = Map.of("STACKEL_RANK_TOKEN", TOKEN);
    Object[] common = {"--world-size", 2, "--rendezvous", "127.0.0.1:" + port};
    Path run = temp.resolve("run");
    Process other = start("other", secret, joined(common, "run", file, "--seed", 5, "--rank", 1));
    Process first = start("first", secret, joined(common, "run", file, "--rank", 0, "--out", run));
    await(first, 2);
    await(other, 2);
    assertThat(log("first.err"))
        .contains("Rank 1 has another experiment, other data or another version than rank 0.")
        .contains("Maybe");
    assertThat(Files.exists(run)).isFalse();
  }

  private record Killed(Path run, String err) {}

  /** Starts a long run of three ranks, and waits until it has a checkpoint. */
  private Process underWay(Path run, int limit) throws Exception {
    Process first =
        start(
            "log",
            Map.of(),
            "run",
            file,
            "--steps",
            1_000_000,
            "--ranks",
            3,
            "--out",
            run,
            "--rank-timeout",
            limit);
    awaitCheckpoint(first, run);
    return first;
  }

  private void awaitCheckpoint(Process first, Path run) throws Exception {
    Path checkpoints = run.resolve("checkpoints");
    long end = System.nanoTime() + 120_000_000_000L;
    while (!Files.exists(checkpoints) || states(run).isEmpty()) {
      assertThat(first.isAlive()).as(log("log.err")).isTrue();
      assertThat(System.nanoTime()).as(log("log.err")).isLessThan(end);
      Thread.sleep(50);
    }
  }

  private static List<Path> states(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
      return files.filter(each -> each.toString().endsWith(".safetensors")).sorted().toList();
    }
  }

  /** Kills a rank of three once the run has checkpoints, after some more time. */
  private Killed killed(int rank, long millis) throws Exception {
    Path run = temp.resolve("run");
    Process first = underWay(run, 60);
    Thread.sleep(millis);
    List<ProcessHandle> others = first.descendants().toList();
    assertThat(others).hasSize(2);
    if (rank == 0) {
      first.destroyForcibly();
    } else {
      others.get(rank - 1).destroyForcibly();
    }
    assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
    for (ProcessHandle other : others) {
      other.onExit().get(30, TimeUnit.SECONDS);
    }
    assertThat(first.exitValue()).isEqualTo(rank == 0 ? 137 : 5);
    return new Killed(run, log("log.err"));
  }

  private void endsWellAndGoesOn(int rank, long millis) throws Exception {
    Killed killed = killed(rank, millis);
    assertThat(killed.err()).containsPattern("Rank \\d .*is gone: ");
    if (rank > 0) {
      assertThat(killed.err())
          .containsPattern("stopped after step \\d+ of 1000000")
          .contains("--ranks N` continues it, with any number of ranks.");
      assertThat(killed.run().resolve("outcome.json")).content().contains("\"stopped\"");
    } else {
      assertThat(killed.err())
          .contains("`stackel resume` of the run directory of rank 0, on its machine, goes on");
    }
    long steps = lastState(killed.run()) + 10;
    Path experiment = killed.run().resolve("experiment.json");
    Cli.write(experiment, Cli.read(experiment).replace("1000000", Long.toString(steps)));
    Process resumed = start("again", Map.of(), "resume", killed.run(), "--ranks", 2);
    await(resumed, 0);
    assertThat(killed.run().resolve("provenance.json"))
        .content()
        .containsPattern("\"worldSize\": 3,\\s+\"laterWorldSizes\": \\[\\s*2\\s*]");
    Path whole = temp.resolve("whole");
    assertThat(Cli.run("run", file, "--steps", steps, "--out", whole).code()).isZero();
    assertAlike(killed.run(), whole, "metrics.jsonl");
    deleteAll(killed.run());
    deleteAll(whole);
  }

  private static long lastState(Path run) throws IOException {
    List<Path> states = states(run);
    String last = states.get(states.size() - 1).getFileName().toString();
    return Long.parseLong(last.replaceAll("\\D", ""));
  }

  private static void deleteAll(Path directory) throws IOException {
    RunDirectory.delete(directory);
  }

  @Test
  void aRankThatIsKilledLeavesARunThatGoesOn() throws Exception {
    endsWellAndGoesOn(1, 130);
  }

  @Test
  void theOthersSayHowToGoOnWhereTheFirstIsKilled() throws Exception {
    endsWellAndGoesOn(0, 130);
  }

  /** What the rank had of x is gone, so that the run goes on from its last regular checkpoint. */
  @Test
  void aPartOfXThatIsLostLeavesTheLastCheckpoint() throws Exception {
    Cli.write(file, CLEANING);
    endsWellAndGoesOn(2, 130);
    assertThat(log("log.err"))
        .containsPattern(
            "Its part of x is lost: the run goes on from its last checkpoint, of step \\d*0\\.")
        .containsPattern("stopped after step \\d*0 of 1000000");
    assertThat(log("again.out")).contains("slip on data-cleaning");
  }

  @Test
  void aSignalStopsAllAfterTheSameStep() throws Exception {
    Path run = temp.resolve("run");
    Process first = underWay(run, 60);
    List<ProcessHandle> others = first.descendants().toList();
    first.destroy();
    await(first, 130);
    assertThat(others).hasSize(2).noneMatch(ProcessHandle::isAlive);
    assertThat(log("log.err"))
        .containsPattern("stopped after step \\d+ of 1000000")
        .contains("run --ranks 3 --rank-timeout 60` continues it.")
        .doesNotContain("gone");
  }

  @Tag("slow")
  @Test
  void aRankThatHangsIsNoticed() throws Exception {
    Path run = temp.resolve("run");
    Process first = underWay(run, 15);
    List<ProcessHandle> others = first.descendants().toList();
    String hung = Long.toString(others.get(0).pid());
    assertThat(new ProcessBuilder("kill", "-STOP", hung).start().waitFor()).isZero();
    await(first, 5);
    assertThat(others).hasSize(2).noneMatch(ProcessHandle::isAlive);
    assertThat(log("log.err")).containsPattern("Rank \\d \\(.*\\) has been silent for 15 s: ");
  }

  @Tag("slow")
  @Test
  void killsAtTwentyRandomMoments() throws Exception {
    var random = new SplittableRandom(15);
    for (int i = 0; i < 20; i++) {
      endsWellAndGoesOn(random.nextInt(3), random.nextInt(1_500));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1001"})
  void numbersOfRanksHaveLimits(String ranks) {
    Cli.Result result = Cli.run("run", file, "--ranks", ranks);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .startsWith(
            "--ranks: The number (%s) must be from 1 to %d."
                .formatted(ranks, Math.max(16, 4 * Runtime.getRuntime().availableProcessors())));
  }

  @ParameterizedTest
  @CsvSource({
    "'--ranks 2 --rank 1 --world-size 2 --rendezvous a:1', exclude each other",
    "'--rank 1 --world-size 2', belong together",
    "'--rank 2 --world-size 2 --rendezvous a:1', must be from 0 to 1",
    "'--rank 1 --world-size 2 --rendezvous 10.0.0.1', must be a host and a port",
    "'--rank 1 --world-size 2 --rendezvous a:1', STACKEL_RANK_TOKEN is not set",
    "'--rank-timeout 5', applies to several ranks only",
    "'--ranks 2 --rank-timeout 0', must be from 1 to 86400",
  })
  void combinationsThatMeanNothingAreRefused(String options, String message) {
    Object[] given = joined(options.split(" "), "run", file);
    Cli.Result result = Cli.run(given);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains(message).contains("\nMaybe ");
  }

  private Object[] comparison(Path out, Object... more) {
    Object[] common = {"compare", file, "--algorithms", "soba,stocbio", "--out", out};
    return joined(more, common);
  }

  private static final List<String> RUNS = List.of("soba-seed0", "stocbio-seed0");

  /** The budget is measured and points are tried on ranks, too. */
  @Test
  void ranksMakeTheComparisonOfOneProcess() throws Exception {
    Object[] terms = {"--budget", "oracle", "--tune", 2, "--tune-seeds", 9};
    Path whole = temp.resolve("whole");
    assertThat(Cli.run(comparison(whole, terms)).code()).isZero();
    Path shared = temp.resolve("shared");
    await(start("log", Map.of(), comparison(shared, joined(terms, "--ranks", 2))), 0);
    for (String run : RUNS) {
      assertAlike(shared.resolve(run), whole.resolve(run), "metrics.jsonl");
      assertThat(shared.resolve(run + "/provenance.json")).content().contains("\"worldSize\": 2");
    }
    assertAlike(shared, whole, "tune.json");
    assertThat(log("log.out")).contains("soba").contains("report.html");
    assertThat(log("log.err")).doesNotContain("Rank");
  }

  @Tag("slow")
  @Test
  void aComparisonThatLostARankGoesOn() throws Exception {
    Path run = temp.resolve("cut");
    Object[] steps = {"--set", "evaluateEvery=1000", "--set", "checkpointEvery=50"};
    Process first =
        start("log", Map.of(), comparison(run, joined(steps, "--steps", 1_000_000, "--ranks", 2)));
    awaitCheckpoint(first, run.resolve(RUNS.get(0)));
    first.descendants().forEach(ProcessHandle::destroyForcibly);
    await(first, 5);
    assertThat(log("log.err"))
        .containsPattern("Rank 1 .*is gone: ")
        .contains("The same command with --resume goes on");
    String state = states(run.resolve(RUNS.get(0))).get(0).getFileName().toString();
    long done = Long.parseLong(state.replaceAll("\\D", "")) + 100;
    Path experiment = run.resolve(RUNS.get(0)).resolve("experiment.json");
    Cli.write(experiment, Cli.read(experiment).replace("1000000", Long.toString(done)));
    Object[] again = joined(steps, "--steps", done, "--ranks", 3, "--resume");
    await(start("again", Map.of(), comparison(run, again)), 0);
    Path whole = temp.resolve("whole");
    assertThat(Cli.run(comparison(whole, joined(steps, "--steps", done))).code()).isZero();
    for (String name : RUNS) {
      assertAlike(run.resolve(name), whole.resolve(name), "metrics.jsonl");
    }
  }

  @Test
  void aComparisonThatIsRefusedEndsItsRanks() throws Exception {
    Path there = Files.createDirectory(temp.resolve("there"));
    Cli.write(there.resolve("mine.txt"), "mine");
    await(start("log", Map.of(), comparison(there, "--ranks", 2)), 2);
    assertThat(log("log.err").lines()).hasSize(2);
    assertThat(log("log.err")).contains("exists").contains("\nMaybe ");
  }

  @Test
  void jobsAndRanksExcludeEachOther() {
    Cli.Result result = Cli.run(comparison(temp.resolve("run"), "--jobs", 2, "--ranks", 2));
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errLines())
        .containsExactly(
            "--jobs and --ranks exclude each other: ranks share one run after the other.",
            "Maybe one of them can be left out.");
  }

  @Test
  void ranksCheckWhatTheyAnswerTogether() throws Exception {
    Path run = temp.resolve("run");
    Object[] few = {"check", file, "--points", 2, "--samples", 2, "--out", run};
    await(start("log", Map.of(), joined(new Object[] {"--ranks", 3}, few)), 0);
    assertThat(log("log.out"))
        .containsPattern("gradients of 3 ranks against one process.*right")
        .containsPattern("products of 3 ranks against one process.*right")
        .contains("Everything agrees.");
    assertThat(run.resolve("provenance.json")).content().contains("\"worldSize\": 3");
  }

  @Test
  void aProblemWithoutSamplesIsRefusedOnce() throws Exception {
    Path closed = Cli.write(temp.resolve("closed.json"), Cli.EXPERIMENT);
    await(start("log", Map.of(), "run", closed, "--ranks", 2, "--out", temp.resolve("run")), 2);
    assertThat(log("log.err").lines())
        .containsExactly(
            "--ranks: Minibatches of this problem cannot be shared by 2 ranks: its losses are no means over samples.",
            "Maybe one process was meant.");
  }
}
