package org.stackel.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.check.Check;
import org.stackel.check.CheckPlan;
import org.stackel.check.CheckResult;
import org.stackel.compare.Budget;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.runfile.Document;
import org.stackel.runfile.RunFiles;
import org.stackel.theory.Analysis;
import org.stackel.theory.Constants;
import org.stackel.theory.TheoryPlan;

class TheoryTest {
  private static final Map<String, Double> ALL_ONE = new HashMap<>();

  static {
    Options.toMap(Constants.NONE).keySet().forEach(name -> ALL_ONE.put(name, 1.0));
  }

  private static Constants constants(Map<String, ?> values) {
    return Options.bind(Constants.NONE, values, "the constants");
  }

  private static Constants without(String... names) {
    var values = new HashMap<>(ALL_ONE);
    for (String name : names) {
      values.remove(name);
    }
    return constants(values);
  }

  private static TheoryPlan schedule(String algorithm, double epsilon) {
    return schedule(algorithm, Map.of(), epsilon, constants(ALL_ONE));
  }

  private static TheoryPlan schedule(
      String algorithm, Map<String, ?> options, double epsilon, Constants constants) {
    return Theory.schedule(algorithm, Algorithms.create(algorithm, options), epsilon, constants);
  }

  private static double number(Object value) {
    return value instanceof TheoryPlan.Length length
        ? length.value()
        : ((Number) value).doubleValue();
  }

  /** L0 = √2 (1 + 1 + 2 + 2), L1 = √2, L̄0 = 6. */
  @Test
  void smoothnessOfAllOnes() {
    var ones = new Analysis(1, without("L0", "L1"));
    assertThat(ones.smoothness()).isCloseTo(8.4853, within(5e-5));
    assertThat(ones.relaxedSmoothness()).isCloseTo(1.4142, within(5e-5));
    assertThat(ones.bracket()).isCloseTo(6, within(1e-12));
  }

  @Test
  void slipOfAllOnes() {
    TheoryPlan slip = schedule("slip", Map.of(), 0.1, without("L0", "L1"));
    double renewal = 0.01 / (512 * 3); // the variance is 1 + 2
    double target = 1.0 / (16 * Math.sqrt(2)); // L_x1 and L_y1 are 1, too
    target = Math.min(0.1 / (16 * 6), target);
    double lower = target * target / 9;
    double linear = 0.1 * 0.1 / (16 * 16 * 5 * 3);
    assertThat(number(slip.options().get("momentum"))).isCloseTo(1 - renewal, within(1e-15));
    assertThat(number(slip.options().get("linearSystemLr"))).isCloseTo(linear, within(1e-15));
    assertThat(number(slip.options().get("lowerLr"))).isCloseTo(lower, within(1e-20));
    double upper =
        Stream.of(
                renewal * 0.1 / (32 * 6 * Math.sqrt(2)),
                lower * target / 3,
                linear * 0.1 / (80 * 6 * Math.sqrt(2)))
            .min(Double::compare)
            .orElseThrow();
    assertThat(number(slip.options().get("upperLr"))).isCloseTo(upper, within(1e-20));
    assertThat(slip.steps()).isCloseTo(Math.ceil(8 / (upper * 0.1)), within(1.0));
    assertThat(number(slip.options().get("warmStartSteps")))
        .isCloseTo(Math.log(3 / target) / lower, within(1.0));
  }

  static Stream<Arguments> orders() {
    return Stream.of(
        Arguments.of("slip", "renewal", 2.0),
        Arguments.of("slip", "linearSystemLr", 2.0),
        Arguments.of("slip", "lowerLr", 2.0),
        Arguments.of("slip", "upperLr", 3.0),
        Arguments.of("slip", "steps", -4.0),
        Arguments.of("slip", "warmStartSteps", -2.0),
        Arguments.of("bo-rep", "renewal", 2.0),
        Arguments.of("bo-rep", "upperLr", 3.0),
        Arguments.of("bo-rep", "lowerLr", 2.0),
        Arguments.of("bo-rep", "period", -2.0),
        Arguments.of("bo-rep", "lowerSteps", -2.0),
        Arguments.of("bo-rep", "steps", -4.0),
        Arguments.of("adambo", "lowerLr", 2.0),
        Arguments.of("adambo", "upperLr", 2.0),
        Arguments.of("adambo", "steps", -4.0),
        Arguments.of("accbo", "renewal", 2.0),
        Arguments.of("accbo", "upperLr", 3.0),
        Arguments.of("accbo", "lowerLr", 2.0),
        Arguments.of("accbo", "steps", -4.0),
        Arguments.of("mgbio", "upperLr", 0.0),
        Arguments.of("mgbio", "lowerLr", 0.0),
        Arguments.of("mgbio", "steps", -2.0),
        Arguments.of("msgbio", "steps", -4.0),
        Arguments.of("vr-msgbio", "steps", -3.0));
  }

  /** Half the epsilon changes a quantity by 2 to the minus order, up to logarithms and rounding. */
  @ParameterizedTest
  @MethodSource("orders")
  void ordersAreTheStatedOnes(String algorithm, String quantity, double order) {
    double ratio =
        value(schedule(algorithm, 5e-5), quantity) / value(schedule(algorithm, 1e-4), quantity);
    double slack = quantity.equals("warmStartSteps") ? 0.15 : 0.01;
    assertThat(Math.log(ratio) / Math.log(0.5)).isCloseTo(order, within(slack));
  }

  /** AccBO's orders are the paper's where the variance of ∇y G is of order ε. */
  @ParameterizedTest
  @CsvSource({"renewal, 2", "upperLr, 2", "lowerLr, 1", "steps, -3"})
  void accBoIsFasterWithLittleLowerNoise(String quantity, double order) {
    double ratio = value(calm(5e-5), quantity) / value(calm(1e-4), quantity);
    assertThat(Math.log(ratio) / Math.log(0.5)).isCloseTo(order, within(0.01));
  }

  private static TheoryPlan calm(double epsilon) {
    var values = new HashMap<>(ALL_ONE);
    values.put("sigmaG1", Math.sqrt(epsilon));
    return schedule("accbo", Map.of(), epsilon, constants(values));
  }

  /** With noise y* lies in a ball of radius τ in the mean only. */
  @Test
  void ballsHoldWithoutLowerNoise() {
    assertThat(schedule("bo-rep", 0.1).options()).doesNotContainKey("lowerRadius");
    var values = new HashMap<>(ALL_ONE);
    values.put("sigmaG1", 0.0);
    TheoryPlan plan = schedule("bo-rep", Map.of(), 0.1, constants(values));
    assertThat(number(plan.options().get("lowerRadius"))).isCloseTo(0.1 / 96, within(1e-12));
    assertThat(plan.options().get("refinement").toString()).contains("radius=1.0");
  }

  private static double value(TheoryPlan result, String quantity) {
    return switch (quantity) {
      case "steps" -> result.steps();
      case "renewal" -> 1 - number(result.options().get("momentum"));
      default -> number(result.options().get(quantity));
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"adambo", "accbo"})
  void termsGrowLikeTheLogarithm(String algorithm) {
    double here = number(schedule(algorithm, 1e-3).options().get("neumannTerms"));
    double there = number(schedule(algorithm, 1e-6).options().get("neumannTerms"));
    // The step of the series is 1/2: μ/(2 σ_g2²).
    assertThat(there - here).isCloseTo(2 * Math.log(1e3), within(1.0));
  }

  @Test
  void aLevelWithoutNoiseNeedsNoMomentum() {
    var values = new HashMap<>(ALL_ONE);
    values.put("sigmaF1", 0.0);
    values.put("sigmaG1", 0.0);
    values.put("sigmaG2", 0.0);
    TheoryPlan slip = schedule("slip", Map.of(), 0.1, constants(values));
    assertThat(number(slip.options().get("momentum"))).isZero();
    assertThat(number(slip.options().get("lowerLr"))).isEqualTo(1);
    assertThat(number(slip.options().get("linearSystemLr"))).isEqualTo(0.5);
  }

  // ---- in an experiment file
  // ----------------------------------------------------------------------

  private static Map<String, Object> experiment(Map<String, ?> algorithm, Object... settings) {
    var values = new LinkedHashMap<String, Object>();
    values.put("problem", Map.of("type", "toy"));
    values.put("algorithm", algorithm);
    for (int i = 0; i < settings.length; i += 2) {
      values.put((String) settings[i], settings[i + 1]);
    }
    return values;
  }

  private static Map<String, Object> theory(String type, double epsilon, Object... more) {
    var algorithm = new LinkedHashMap<String, Object>();
    algorithm.put("type", type);
    algorithm.put("schedule", "theory");
    algorithm.put("epsilon", epsilon);
    algorithm.put("constants", ALL_ONE);
    for (int i = 0; i < more.length; i += 2) {
      algorithm.put((String) more[i], more[i + 1]);
    }
    return algorithm;
  }

  @ParameterizedTest
  @ValueSource(strings = {"accbo", "adambo", "bo-rep", "mgbio", "msgbio", "slip", "vr-msgbio"})
  void savedExperimentsHoldTheValuesAndRepeat(String type) {
    Experiment experiment = Experiment.of(experiment(theory(type, 0.3)));
    String saved = RunFiles.text(experiment.toFile());
    assertThat(saved).contains("\"theory\"", "\"epsilon\": 0.3", "\"lowerDistance\": 1.0");
    var read = new LinkedHashMap<String, Object>();
    ((Map<?, ?>) Document.parse(saved, "saved").value())
        .forEach((key, value) -> read.put(String.valueOf(key), value));
    Experiment again = Draft.of("saved", read).experiment();
    assertThat(again).isEqualTo(experiment);
    assertThat(RunFiles.text(again.toFile())).isEqualTo(saved);
    assertThat((double) experiment.settings().steps())
        .isEqualTo(Math.min(Settings.NO_LIMIT, schedule(type, 0.3).steps()));
    assertThat(experiment.remarks().get(0)).startsWith("theory, epsilon 0.3: ").contains("upperLr");
  }

  @Test
  void whatTheFileSaysWins() {
    Experiment experiment =
        Experiment.of(experiment(theory("slip", 0.5, "momentum", 0.25), "steps", 12L));
    assertThat(experiment.settings().steps()).isEqualTo(12);
    assertThat(Options.toMap((Record) experiment.algorithm())).containsEntry("momentum", 0.25);
    assertThat(String.join("\n", experiment.remarks()))
        .contains("momentum 0.25 (given)", "12 are given", "asks for");
  }

  /** A thousand evaluations of the steps that are made, not of those that theory asks for. */
  @Test
  void evaluationsFollowTheStepsThatAreMade() {
    Experiment own = Experiment.of(experiment(theory("slip", 1e-3)));
    assertThat(own.settings().evaluateEvery()).isGreaterThan(1000);
    Experiment given = Experiment.of(experiment(theory("slip", 1e-3), "steps", 5000L));
    assertThat(given.settings().evaluateEvery()).isEqualTo(5);
    assertThat(given.settings().checkpointEvery()).isEqualTo(50);
    Experiment chosen =
        Experiment.of(experiment(theory("slip", 1e-3), "steps", 5000L, "evaluateEvery", 7L));
    assertThat(chosen.settings().evaluateEvery()).isEqualTo(7);
    Experiment budget = Budget.parse("steps=5000").applyTo(own);
    assertThat(budget.settings().evaluateEvery()).isEqualTo(5);
  }

  @Test
  void schedulesAreSaidInWords() {
    for (String type : List.of("accbo", "adambo", "bo-rep", "mgbio", "msgbio", "slip")) {
      assertThat(Experiment.of(experiment(theory(type, 0.3))).remarks().get(0))
          .as(type)
          .doesNotContain("{", "}", "=", "null");
    }
  }

  /** Its own epsilon is Adam's: it can only be given where the accuracy stands elsewhere. */
  @Test
  void adamKeepsItsEpsilon() {
    var nested = new LinkedHashMap<String, Object>();
    nested.put("type", "adambo");
    nested.put("epsilon", 1e-3);
    nested.put("schedule", Map.of("type", "theory", "epsilon", 0.2, "constants", ALL_ONE));
    Map<String, Object> options =
        Options.toMap((Record) Experiment.of(experiment(nested)).algorithm());
    assertThat(options).containsEntry("epsilon", 1e-3);
    assertThat((double) options.get("upperLr"))
        .isCloseTo(
            number(
                schedule("adambo", Map.of("epsilon", 1e-3), 0.2, constants(ALL_ONE))
                    .options()
                    .get("upperLr")),
            within(1e-20));
  }

  @Test
  void longRunsAreSaid() {
    Experiment experiment = Experiment.of(experiment(theory("slip", 1e-3)));
    assertThat(experiment.settings().steps()).isEqualTo(Settings.NO_LIMIT);
    assertThat(experiment.settings().length()).isEqualTo("until it is stopped");
    assertThat(String.join("\n", experiment.remarks())).contains("astronomically long", "steps ");
    assertThat(Experiment.of(experiment(theory("slip", 1e-3), "steps", 5L)).remarks())
        .noneMatch(remark -> remark.contains("steps 1"));
  }

  @Test
  void anotherAlgorithmKeepsTheSchedule() {
    Draft draft = Draft.of("file", experiment(theory("slip", 0.5)));
    assertThat(draft.useAlgorithm("bo-rep", "--algorithm")).isEmpty();
    assertThat(draft.experiment().theory()).isNotNull();
  }

  @Test
  void missingConstantsAreNamed() {
    var algorithm = theory("slip", 0.1, "constants", Map.of("mu", 1, "lg1", 2, "sigmaF1", 0));
    assertThatThrownBy(() -> Draft.of("file", experiment(algorithm)).experiment())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "needs the constants lf0, L0, L1, sigmaG1, sigmaG2, delta, lowerDistance")
        .hasMessageContaining("Maybe `stackel check --constants` estimates them");
  }

  @ParameterizedTest
  @CsvSource({"slip, fast, must be theory", "soba, theory, There is no theory schedule for soba"})
  void wrongSchedulesAreRefused(String type, String schedule, String message) {
    var algorithm = theory(type, 0.1, "schedule", schedule);
    assertThatThrownBy(() -> Experiment.of(experiment(algorithm)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void wrongValuesAreRefusedByName() {
    assertThatThrownBy(() -> Experiment.of(experiment(theory("slip", -1))))
        .hasMessageContaining("epsilon (-1.0)");
    assertThatThrownBy(
            () ->
                Experiment.of(
                    experiment(theory("slip", 0.1, "constants", Map.of("mu", 3, "lg1", 1)))))
        .hasMessageContaining("mu (3.0) of the constants must be at most lg1");
    assertThatThrownBy(
            () -> Experiment.of(experiment(theory("slip", 0.1, "constants", Map.of("nu", 3)))))
        .hasMessageContaining("The key 'nu' is unknown");
  }

  /** What check estimates is what the schedule takes, and the run it gives converges. */
  @Test
  void estimatedConstantsMakeARunThatReachesItsEpsilon() {
    var problem =
        Map.of(
            "type", "quadratic",
            "A", java.util.List.of(java.util.List.of(2)),
            "B", java.util.List.of(java.util.List.of(1)),
            "d", java.util.List.of(3),
            "E", java.util.List.of(java.util.List.of(1)),
            "x0", java.util.List.of(1));
    CheckResult result =
        Check.run(
                Experiment.of(
                    Map.of(
                        "problem",
                        problem,
                        "algorithm",
                        Map.of("type", "slip", "lowerLr", 0.3),
                        "steps",
                        50)),
                CheckPlan.DEFAULTS.withConstants(),
                new RunListener() {},
                sentence -> {})
            .result();
    var algorithm = new LinkedHashMap<String, Object>();
    algorithm.put("type", "slip");
    algorithm.put("schedule", "theory");
    algorithm.put("epsilon", 1);
    algorithm.put("constants", result.constants().constants().given());
    RunOutcome outcome =
        Runner.run(
            Experiment.of(Map.of("problem", problem, "algorithm", algorithm)),
            new RunListener() {});
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
    assertThat(outcome.metrics().get("hypergradientNorm")).isLessThan(1);
  }
}
