package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.Stackel;
import org.stackel.experiment.Draft;
import org.stackel.run.RunListener;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run leaves the same bytes but for its times, whatever the machine is set to. What {@code
 * --jobs} does not change is in {@link CompareJobsTest}.
 */
class DeterminismTest {
  @TempDir Path directory;

  /** Texts, a model, weights of rows, a training after the run. */
  private static List<Object> cleaning(Path out, int threads) {
    return List.of(
        "run",
        "clean-wordnet",
        "--scale",
        "tiny",
        "--steps",
        "10",
        "--set",
        "evaluateEvery=5",
        "--set",
        "checkpointEvery=5",
        "--set",
        "problem.trainSize=300",
        "--set",
        "problem.testSize=100",
        "--set",
        "problem.retraining.steps=50",
        "--threads",
        threads,
        "--out",
        out);
  }

  private Map<String, String> expected() throws IOException {
    Path plain = directory.resolve("plain");
    var result = Cli.run(cleaning(plain, 1).toArray());
    assertThat(result.code()).as(result.err()).isZero();
    Map<String, String> files = Cli.filesButTimes(plain);
    assertThat(files)
        .containsKeys("metrics.jsonl", "outcome.json", "weights.csv", "model/weights.safetensors");
    return files;
  }

  private Map<String, String> inAProcessWith(String... jvm) throws Exception {
    Path elsewhere = Files.createDirectories(directory.resolve("elsewhere/ü b"));
    Path log = directory.resolve("log");
    var process =
        Cli.start(
            Arrays.asList(jvm), log, elsewhere, Map.of(), cleaning(Path.of("run"), 1).toArray());
    assertThat(process.waitFor()).as(Cli.read(directory.resolve("log.err"))).isZero();
    return Cli.filesButTimes(elsewhere.resolve("run"));
  }

  @Test
  void allAtOnceChangesNothing() throws Exception {
    Map<String, String> found =
        inAProcessWith(
            "-Xmx160m",
            "-XX:TieredStopAtLevel=1",
            "-Duser.language=th",
            "-Duser.country=TH",
            "-Duser.extensions=u-nu-thai",
            "-Duser.timezone=Asia/Kathmandu");
    assertThat(found).isEqualTo(expected());
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Xmx160m",
        "-Xmx3g -XX:+UseG1GC -XX:-UseSerialGC",
        "-Xint",
        "-Duser.language=ar -Duser.country=EG -Duser.extensions=u-nu-arab",
        "-Duser.language=fa",
        "-Duser.language=th -Duser.country=TH -Duser.extensions=u-nu-thai",
        "-Duser.language=tr -Duser.country=TR",
        "-Duser.timezone=Pacific/Chatham",
        "-Dfile.encoding=ISO-8859-1",
      })
  void eachChangesNothing(String jvm) throws Exception {
    assertThat(inAProcessWith(jvm.split(" "))).isEqualTo(expected());
  }

  /**
   * Sums of several threads are rounded otherwise: numbers of float32 agree to a thousandth after
   * ten steps, and are the same bytes with the same number of threads.
   */
  @Test
  void twoThreadsAreTheSameUpToRounding() throws IOException {
    Map<String, Double> one = metrics(1, "one");
    Map<String, Double> two = metrics(2, "two");
    assertThat(two.keySet()).isEqualTo(one.keySet());
    one.forEach(
        (name, value) ->
            assertThat(two.get(name))
                .as(name)
                .isCloseTo(value, within(1e-3 * Math.max(1, Math.abs(value)))));
    metrics(2, "again");
    assertThat(Cli.filesButTimes(directory.resolve("again")))
        .isEqualTo(Cli.filesButTimes(directory.resolve("two")));
  }

  private Map<String, Double> metrics(int threads, String name) {
    Path out = directory.resolve(name);
    var result = Cli.run(cleaning(out, threads).toArray());
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode outcome = JsonMapper.shared().readTree(Cli.read(out.resolve("outcome.json")));
    var metrics = new TreeMap<String, Double>();
    outcome.get("metrics").forEachEntry((key, value) -> metrics.put(key, value.asDouble()));
    return metrics;
  }

  /** Stopped after each of its steps, with a step of averages, of periods, of tables. */
  @ParameterizedTest
  @ValueSource(strings = {"slip", "vrbo", "adambo"})
  void goingOnFromAnyStepIsTheSame(String algorithm) throws IOException {
    Path file = Cli.write(directory.resolve("noisy.json"), Cli.NOISY);
    var draft = Draft.read(file);
    draft.useAlgorithm(algorithm, "test");
    draft.set("steps", 8L, "test");
    draft.set("evaluateEvery", 3L, "test");
    draft.set("checkpointEvery", 4L, "test");
    var experiment = draft.experiment();
    Path whole = directory.resolve("whole");
    Stackel.run(experiment, whole, new RunListener() {});
    Map<String, String> expected = lasting(whole);
    assertThat(expected).containsKey("checkpoints/step-000008.safetensors");
    var stops = new ArrayList<Integer>();
    for (int stop = 0; stop < 8; stop++) {
      Path cut = directory.resolve("cut-" + stop);
      Stackel.run(experiment, cut, stoppingAt(stop));
      if (Files.exists(cut.resolve("checkpoints"))) {
        stops.add(stop);
      }
      Stackel.resume(cut);
      assertThat(lasting(cut)).as("stopped after step %d", stop).isEqualTo(expected);
    }
    assertThat(stops).hasSize(8);
  }

  private static RunListener stoppingAt(long step) {
    return new RunListener() {
      private long reached;

      @Override
      public void reached(long at, Record state) {
        reached = at;
      }

      @Override
      public boolean stopRequested() {
        return reached >= step;
      }
    };
  }

  /** Without the checkpoints on the way, of which the last two are kept. */
  private static Map<String, String> lasting(Path run) throws IOException {
    Map<String, String> files = Cli.filesButTimes(run);
    files.keySet().removeIf(name -> name.matches("checkpoints/step-00000[0-7].*"));
    return files;
  }
}
