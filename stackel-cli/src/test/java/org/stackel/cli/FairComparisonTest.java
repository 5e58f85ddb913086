package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Budgets, paired tests, targets and tuning, on a problem whose runs take milliseconds. */
class FairComparisonTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir Path directory;
  private Path experiment;
  private Path out;

  @BeforeEach
  void writeExperiment() {
    experiment = Cli.write(directory.resolve("noisy.json"), Cli.NOISY);
    out = directory.resolve("c");
  }

  private Cli.Result compare(String algorithms, String seeds, Object... more) {
    var args = new ArrayList<Object>(List.of("compare", experiment, "--out", out));
    args.addAll(List.of("--algorithms", algorithms, "--seeds=" + seeds));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  private JsonNode section() throws IOException {
    return JSON.readTree(out.resolve("comparison.json")).get("sections").get(0);
  }

  private JsonNode json(String run, String file) throws IOException {
    return JSON.readTree(out.resolve(run).resolve(file));
  }

  private List<JsonNode> metrics(String run) throws IOException {
    return Files.readAllLines(out.resolve(run).resolve("metrics.jsonl")).stream()
        .map(JSON::readTree)
        .toList();
  }

  private static long calls(JsonNode row) {
    return row.get("oracle").valueStream().mapToLong(JsonNode::asLong).sum();
  }

  private static JsonNode row(JsonNode rows, String method) {
    return rows.valueStream()
        .filter(row -> row.get("method").asString().equals(method))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void oracleBudgetIsThatOfTheFirstAlgorithmAndRepeats() throws IOException {
    var result = compare("slip,adambo", "0,1", "--budget", "oracle", "--steps", 50);
    assertThat(result.code()).as(result.err()).isZero();
    long budget = 3 + 4 * 50;
    assertThat(result.err()).contains("measuring what slip used in 50 steps on seed 0");
    assertThat(result.out()).contains("Budget of every run: 203 oracle calls, what slip used in");
    assertThat(section().at("/budget/kind").asString()).isEqualTo("oracle");
    assertThat(section().at("/budget/amount").asLong()).isEqualTo(budget);
    for (String run : List.of("slip-seed0", "slip-seed1", "adambo-seed0", "adambo-seed1")) {
      List<JsonNode> rows = metrics(run);
      JsonNode last = rows.get(rows.size() - 1);
      long steps = last.get("step").asLong();
      long aStep = (calls(last) - 3) / steps; // all steps of these two cost the same
      assertThat(calls(last)).as(run).isBetween(budget, budget + aStep - 1);
      assertThat(json(run, "experiment.json").get("maxOracleCalls").asLong()).isEqualTo(budget);
      assertThat(json(run, "outcome.json").get("status").asString()).isEqualTo("completed");
      assertThat(json(run, "outcome.json").get("step").asLong()).isEqualTo(steps);
    }
    assertThat(metrics("slip-seed0").get(5).get("step").asInt()).isEqualTo(50);

    Path again = directory.resolve("again");
    Path saved = out.resolve("adambo-seed1").resolve("experiment.json");
    var repeated = Cli.run("run", saved, "--out", again);
    assertThat(repeated.code()).as(repeated.err()).isZero();
    assertThat(repeated.err()).contains("203 oracle calls").doesNotContain("1,000,000,000");
    assertThat(Cli.metricsButTime(again)).isEqualTo(Cli.metricsButTime(saved.getParent()));
    assertThat(Files.readString(again.resolve("experiment.json")))
        .isEqualTo(Files.readString(saved));
    assertThat(Cli.run("resume", again).out()).contains("budget of 203 oracle calls was spent");
  }

  /** The upper level of one is all data, so that it makes fewer steps. */
  @Test
  void aBudgetOfSamplesCountsThem() throws IOException {
    Files.writeString(
        experiment,
        """
        {"problem": {"type": "logistic-hpo", "examples": 60, "features": 3, "batch": 5, "upperBatch": 0},
         "algorithm": {"type": "slip"}, "steps": 20, "evaluateEvery": 5}
        """);
    var result = compare("slip,stocbio", "0", "--budget", "samples");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(section().at("/budget/kind").asString()).isEqualTo("samples");
    long budget = 3 * 5 + 20 * (30 + 3 * 5); // the warm start; in a step all 30 and three times 5
    assertThat(section().at("/budget/amount").asLong()).isEqualTo(budget);
    assertThat(result.out()).contains("Budget of every run: 915 samples, what slip used in");
    for (String run : List.of("slip-seed0", "stocbio-seed0")) {
      List<JsonNode> rows = metrics(run);
      JsonNode last = rows.get(rows.size() - 1);
      long steps = last.get("step").asLong();
      assertThat(last.get("samples").asLong()).isBetween(budget, budget + budget / steps);
      assertThat(json(run, "experiment.json").get("maxSamples").asLong()).isEqualTo(budget);
      assertThat(json(run, "outcome.json").get("samples")).isEqualTo(last.get("samples"));
      assertThat(json(run, "outcome.json").get("oracleCalls").asLong()).isEqualTo(calls(last));
      JsonNode row = row(section().get("rows"), run.replace("-seed0", ""));
      assertThat(row.at("/values/samples/mean").asLong()).isEqualTo(last.get("samples").asLong());
    }
  }

  /** With one lower step the two differ in name alone. */
  @Test
  void oneAlgorithmHasOneRow() throws IOException {
    var result = compare("v-pbgd,slip,v-pbsgd", "0,1,2");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(section().get("rows").valueStream().map(row -> row.get("method").asString()))
        .containsExactly("v-pbgd", "slip");
    assertThat(section().at("/target/rows")).hasSize(2);
    assertThat(section().at("/tests/rows")).hasSize(1);
    assertThat(section().get("runs")).hasSize(9);
    assertThat(section().get("notes").toString()).contains("v-pbgd is also v-pbsgd: ");
    assertThat(result.out()).contains("v-pbgd is also v-pbsgd: ");
  }

  @Test
  void aBudgetIsKeptOverAnInterruption() throws IOException {
    Path whole = directory.resolve("whole");
    Path cut = directory.resolve("cut");
    String[] options = {"maxOracleCalls=203", "evaluateEvery=7", "checkpointEvery=20"};
    for (Path run : List.of(whole, cut)) {
      var args = new ArrayList<Object>(List.of("run", experiment, "--out", run));
      Stream.of(options).forEach(option -> args.addAll(List.of("--set", option)));
      assertThat(Cli.run(args.toArray()).code()).isZero();
    }
    // Killed after the last checkpoint, before the outcome was written.
    Files.delete(cut.resolve("outcome.json"));
    assertThat(Cli.run("resume", cut).code()).isZero();
    assertThat(Cli.metricsButTime(cut)).isEqualTo(Cli.metricsButTime(whole));
    // Killed between checkpoints.
    Files.delete(cut.resolve("outcome.json"));
    Files.delete(cut.resolve("checkpoints").resolve("step-000050.safetensors"));
    assertThat(Cli.run("resume", cut).code()).isZero();
    assertThat(Cli.metricsButTime(cut)).isEqualTo(Cli.metricsButTime(whole));
  }

  @Test
  void budgetsOfSecondsAndSteps() throws IOException {
    var result = compare("slip,bo-rep", "0", "--budget", "seconds=0.05");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("slip warms up", "bo-rep warms up");
    for (String run : List.of("slip-seed0", "bo-rep-seed0")) {
      assertThat(json(run, "experiment.json").get("maxSeconds").asDouble()).isEqualTo(.05);
      assertThat(json(run, "outcome.json").get("seconds").asDouble()).isGreaterThanOrEqualTo(.05);
    }
    assertThat(compare("slip", "0", "--budget=steps=7", "--force").code()).isZero();
    assertThat(json("slip-seed0", "outcome.json").get("step").asInt()).isEqualTo(7);
    assertThat(section().at("/budget/text").asString()).isEqualTo("Budget of every run: 7 steps.");
    assertThat(json("slip-seed0", "experiment.json").has("maxSeconds")).isFalse();
  }

  @Test
  void meansHaveStandardErrorsAndPairedTests() throws IOException {
    var result = compare("slip,adambo,bo-rep", "0,1,2,3");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode section = section();
    String primary = section.get("primary").asString();
    assertThat(primary).isEqualTo("hypergradientNorm");
    assertThat(section.at("/columns/0/key").asString()).isEqualTo(primary);
    assertThat(section.at("/columns/0/better").asString()).isEqualTo("lower");
    double[] slip = finals("slip", primary);
    double[] adamBo = finals("adambo", primary);
    JsonNode summary = row(section.get("rows"), "slip").at("/values/" + primary);
    double mean = DoubleStream.of(slip).average().orElseThrow();
    double sd = Math.sqrt(DoubleStream.of(slip).map(v -> (v - mean) * (v - mean)).sum() / 3);
    assertThat(summary.get("n").asInt()).isEqualTo(4);
    assertThat(summary.get("mean").asDouble()).isCloseTo(mean, within(1e-14));
    assertThat(summary.get("sd").asDouble()).isCloseTo(sd, within(1e-14));
    assertThat(summary.get("se").asDouble()).isCloseTo(sd / 2, within(1e-14));

    JsonNode tests = section.get("tests");
    String reference = tests.get("reference").asString();
    assertThat(reference).isNotEqualTo("adambo");
    assertThat(tests.get("rows")).hasSize(2);
    JsonNode test = row(tests.get("rows"), "adambo");
    double[] best = finals(reference, primary);
    double difference = 0;
    for (int i = 0; i < 4; i++) {
      difference += (adamBo[i] - best[i]) / 4;
    }
    assertThat(test.get("difference").asDouble()).isCloseTo(difference, within(1e-12));
    assertThat(test.get("p").asDouble()).isBetween(0.0, 1.0);
    assertThat(result.out())
        .contains("mean ± standard error over seeds", "method minus " + reference, "corrected");
    assertThat(Files.readString(out.resolve("report.html"))).contains("paired over 4 seeds");
  }

  private double[] finals(String algorithm, String metric) throws IOException {
    double[] values = new double[4];
    for (int seed = 0; seed < 4; seed++) {
      values[seed] =
          json(algorithm + "-seed" + seed, "outcome.json").at("/metrics/" + metric).asDouble();
    }
    return values;
  }

  @Test
  void nothingIsClaimedOnTwoSeeds() throws IOException {
    var result = compare("slip,bo-rep", "0,1");
    assertThat(section().has("tests")).isFalse();
    assertThat(result.out()).doesNotContain("t-test");
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("With so few seeds, chance cannot be ruled out");
    assertThat(compare("slip", "0", "--force").code()).isZero();
    assertThat(section().at("/rows/0/values/upperLoss/se").isNull()).isTrue();
  }

  @Test
  void targetIsTheLevelThatAllReached() throws IOException {
    var result = compare("slip,bo-rep", "0,1,2", "--set", "evaluateEvery=5");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode target = section().get("target");
    assertThat(target.get("metric").asString()).isEqualTo("hypergradientNorm");
    double level = target.get("value").asDouble();
    double worst = 0;
    for (String algorithm : List.of("slip", "bo-rep")) {
      double sum = 0;
      var steps = new ArrayList<Double>();
      var calls = new ArrayList<Double>();
      for (int seed = 0; seed < 3; seed++) {
        List<JsonNode> rows = metrics(algorithm + "-seed" + seed);
        sum += rows.get(rows.size() - 1).at("/metrics/hypergradientNorm").asDouble();
        JsonNode first =
            rows.stream()
                .filter(row -> row.at("/metrics/hypergradientNorm").asDouble() <= level)
                .findFirst()
                .orElse(null);
        if (first != null) {
          steps.add(first.get("step").asDouble());
          calls.add((double) calls(first));
        }
      }
      worst = Math.max(worst, sum / 3);
      JsonNode row = row(target.get("rows"), algorithm);
      assertThat(row.get("reached").asInt()).isEqualTo(steps.size()).isPositive();
      assertThat(row.get("runs").asInt()).isEqualTo(3);
      if (steps.size() > 1) {
        assertThat(row.at("/median/steps").asDouble()).isEqualTo(second(steps));
        assertThat(row.at("/median/oracleCalls").asDouble()).isEqualTo(second(calls));
        assertThat(row.at("/median/seconds").asDouble()).isPositive();
      } else {
        assertThat(row.has("median")).isFalse();
      }
      assertThat(row.has("steps")).as("a mean").isEqualTo(steps.size() == 3);
    }
    assertThat(level).isCloseTo(worst, within(1e-12));
    assertThat(result.out()).contains("reaches hypergradient norm", "the level that every method");
  }

  private static double second(List<Double> numbers) {
    return numbers.stream().sorted().skip(1).findFirst().orElseThrow();
  }

  @Test
  void targetCanBeGivenAndMissed() throws IOException {
    assertThat(compare("slip", "0", "--target", "upperLoss=-5").code()).isZero();
    JsonNode target = section().get("target");
    assertThat(target.get("source").asString()).isEqualTo("given");
    assertThat(target.at("/rows/0/reached").asInt()).isZero();
    assertThat(target.at("/rows/0").has("steps")).isFalse();
    assertThat(Files.readString(out.resolve("report.html"))).contains("0 of 1");
  }

  /** Its start is good enough for the target, and it never gets further. */
  @ParameterizedTest
  @ValueSource(strings = {"", "--target=upperLoss=1e9"})
  void runsThatDivergedReachNothing(String option) throws IOException {
    Object[] more = option.isEmpty() ? new Object[] {} : new Object[] {option};
    var args = new ArrayList<>(List.of("--set", "algorithm.linearSystemLr=1e200"));
    args.addAll(List.of(more).stream().map(Object::toString).toList());
    var result = compare("slip,adambo", "0,1", args.toArray());
    assertThat(result.code()).as(result.err()).isEqualTo(3);
    JsonNode rows = section().at("/target/rows");
    assertThat(row(rows, "slip").get("reached").asInt()).isZero();
    assertThat(row(rows, "slip").get("diverged").asInt()).isEqualTo(2);
    assertThat(row(rows, "adambo").get("reached").asInt()).isPositive();
    assertThat(row(rows, "adambo").has("diverged")).isFalse();
    String page = Files.readString(out.resolve("report.html"));
    for (String text : List.of(result.out(), page)) {
      assertThat(text).contains("0 of 2, 2 diverged");
      assertThat(text.contains(", runs that diverged left out")).isEqualTo(option.isEmpty());
    }
  }

  /** A finite state whose loss is not finite counts as little as a state that is not finite. */
  @Test
  void lossesThatAreNotFiniteAreNotAveraged() throws IOException {
    var result = compare("slip", "0,1", "--set", "algorithm.upperLr=1e200");
    assertThat(result.code()).as(result.err()).isEqualTo(3);
    assertThat(result.err()).contains("Diverged: slip-seed0 at step").contains("Loss)");
    assertThat(section().get("rows")).isEmpty();
    assertThat(json("slip-seed0", "outcome.json").get("status").asString()).isEqualTo("diverged");
  }

  @Test
  void tuningChoosesOnOtherSeedsAndTellsEverything() throws IOException {
    var result =
        compare("slip,adambo", "0,1000", "--tune", 5, "--budget", "oracle=83", "--steps", 20);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err().lines().findFirst().orElseThrow())
        .contains("20 runs to tune (2 algorithms, 5 points, 2 seeds), then 4 to compare");
    JsonNode all = JSON.readTree(out.resolve("tune.json")).get("sections").get(0);
    assertThat(all.get("metric").asString()).isEqualTo("valueFunction");
    for (int i = 1; i <= 3; i++) {
      assertThat(all.at("/algorithms/0/points/" + i + "/values/upperLr").asDouble())
          .isEqualTo(List.of(.158, .0158, .5).get(i - 1));
      assertThat(all.at("/algorithms/0/points/" + i + "/values/lowerLr").asDouble()).isEqualTo(.1);
    }
    assertThat(all.get("seeds").toString()).isEqualTo("[1001,1002]");
    JsonNode slip = all.at("/algorithms/0");
    JsonNode points = slip.get("points");
    assertThat(points).hasSize(5);
    assertThat(points.get(0).get("values").toString())
        .isEqualTo("{\"upperLr\":0.05,\"lowerLr\":0.1,\"linearSystemLr\":0.1}");
    double best = Double.POSITIVE_INFINITY;
    for (JsonNode point : points) {
      double upperLr = point.at("/values/upperLr").asDouble();
      assertThat(upperLr).isBetween(.005, .5);
      double score = (point.at("/scores/0").asDouble() + point.at("/scores/1").asDouble()) / 2;
      assertThat(point.get("score").asDouble()).isCloseTo(score, within(1e-12));
      best = Math.min(best, point.get("score").asDouble());
    }
    JsonNode chosen = points.get(slip.get("chosen").asInt());
    assertThat(chosen.get("score").asDouble()).isEqualTo(best);
    for (String run : List.of("slip-seed0", "slip-seed1000")) {
      JsonNode algorithm = json(run, "experiment.json").get("algorithm");
      for (String key : List.of("upperLr", "lowerLr", "linearSystemLr")) {
        assertThat(algorithm.get(key).asDouble())
            .isEqualTo(chosen.get("values").get(key).asDouble());
      }
      assertThat(algorithm.get("momentum").asDouble()).isEqualTo(.9);
    }
    JsonNode row = row(section().at("/tuning/rows"), "slip");
    assertThat(row.get("values")).isEqualTo(chosen.get("values"));
    assertThat(row.get("points").asInt()).isEqualTo(5);
    assertThat(result.out()).contains("Tuned by value function on seeds 1001, 1002");

    Path again = out;
    out = directory.resolve("again");
    assertThat(
            compare("slip,adambo", "0,1000", "--tune", 5, "--budget", "oracle=83", "--steps", 20)
                .code())
        .isZero();
    assertThat(out.resolve("tune.json")).hasSameTextualContentAs(again.resolve("tune.json"));
    assertThat(compare("slip", "0", "--force").code()).as("tune.json is ours").isZero();
    assertThat(out.resolve("tune.json")).doesNotExist();
  }

  @Test
  void aPointThatDivergesIsTheWorst() throws IOException {
    // y ← y - 1.5 (2y - …) doubles its error in every step; a smaller step size does not.
    var result =
        compare(
            "slip",
            "0",
            "--tune",
            8,
            "--steps",
            150,
            "--dtype",
            "float32",
            "--set",
            "algorithm.lowerLr=1.5");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode row = section().at("/tuning/rows/0");
    assertThat(row.get("scoreOfDefaults").asString()).isEqualTo("Infinity");
    assertThat(row.get("diverged").asInt()).isPositive();
    assertThat(row.at("/values/lowerLr").asDouble()).isLessThan(1);
    assertThat(Files.readString(out.resolve("report.html"))).contains("points that diverged");
  }

  @Test
  void aBudgetThatCannotBeMeasuredIsADivergence() {
    var result =
        compare(
            "slip", "0", "--budget", "oracle", "--steps", 2000, "--set", "algorithm.lowerLr=1.5");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.err()).contains("Diverged: slip while its budget was measured", "Maybe");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--budget=joules         | steps, seconds, oracle",
        "--budget=oracle=0       | whole number from 1",
        "--budget=oracle=1.5     | whole number from 1",
        "--budget=steps=many     | whole number from 1",
        "--budget=seconds=-1     | a number above 0",
        "--budget=seconds=NaN    | a number above 0",
        "--budget=               | steps, seconds, oracle",
        "--target=upperLoss      | METRIC=NUMBER",
        "--target==3             | METRIC=NUMBER",
        "--target=upperLoss=low  | METRIC=NUMBER",
        "--target=upperLoss=NaN  | METRIC=NUMBER",
        "--target=uperLoss=1     | has no metric",
        "--tune=0                | points from 2",
        "--tune=1                | points from 2",
        "--tune=-3               | points from 2",
        "--tune=1000000          | points from 2",
        "--tune=x                | not a whole number",
        "--tune-seeds=0          | seeds that are not compared",
        "--tune-seeds=x          | whole numbers of at least 0",
        "--budget=samples=0.5    | whole number from 1",
        "--set=maxSamples=0      | at least 1",
        "--set=maxSeconds=0      | greater than 0",
        "--set=maxOracleCalls=0  | at least 1",
        "--set=maxOracleCalls=0.5| whole number",
      })
  void wrongTermsAreRefused(String option, String expected) {
    var result = compare("slip", "0", option);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains(expected);
    assertThat(result.err()).containsPattern("(?m)^Maybe ");
    assertThat(out).doesNotExist();
  }
}
