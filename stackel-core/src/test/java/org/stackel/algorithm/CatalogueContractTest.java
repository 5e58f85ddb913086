package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.Algorithms.Entry;
import org.stackel.config.InvalidInputException;
import org.stackel.problem.BilevelProblem;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** What every algorithm of core's catalogue promises. */
class CatalogueContractTest extends AlgorithmContract {
  /**
   * Where the common rates do not suit. Penalties must be large, and their steps small, for small
   * biases.
   */
  private static final Map<String, Map<String, Object>> OWN_RATES =
      Map.ofEntries(
          Map.entry("bgs-opt", Map.of("linearSystemLr", .1, "unrolledSteps", 2)),
          Map.entry("bome", Map.of("stepSize", .02)),
          Map.entry(
              "bvfsm",
              Map.ofEntries(
                  Map.entry("valueSteps", 10),
                  Map.entry("lowerSteps", 10),
                  Map.entry("lowerLr", .02),
                  Map.entry("upperLr", power(.2, .5)),
                  Map.entry("valueRegularization", 1e-4),
                  Map.entry("lowerRegularization", 1e-4),
                  Map.entry("penalty", .05))),
          Map.entry(
              "f2sa",
              Map.of("lowerLr", .01, "upperLr", .01, "multiplier", 20, "multiplierStep", .01)),
          Map.entry("galet", Map.of("linearSystemLr", .1)),
          Map.entry("mgbio", Map.of("upperLr", .1)),
          Map.entry("mrbo", Map.of("upperLr", .4, "lowerLr", .4)),
          Map.entry("msgbio", Map.of("upperLr", .5, "lowerLr", .5)),
          Map.entry("soba", Map.of("upperLr", .2, "lowerLr", .2, "lowerExponent", 0)),
          Map.entry("sustain", Map.of("upperLr", .4, "lowerLr", .4)),
          Map.entry("ttsa", Map.of("upperLr", .2, "lowerLr", .3)),
          Map.entry("v-pbgd", Map.of("stepSize", .01, "penalty", 15)),
          Map.entry("v-pbsgd", Map.of("stepSize", .01, "penalty", 15)),
          Map.entry("vr-msgbio", Map.of("upperLr", .5, "lowerLr", .5)));

  private static Map<String, Object> power(double initial, double exponent) {
    return Map.of("type", "power", "initial", initial, "exponent", exponent);
  }

  /** Steps to a stationary point; 400 for the others. */
  private static final Map<String, Integer> STEPS =
      Map.of("f2sa", 1000, "v-pbgd", 1000, "v-pbsgd", 1000);

  /** Noise to go through: a penalty multiplies it. .2 for the others. */
  private static final Map<String, Double> NOISE =
      Map.of("bvfsm", .05, "f2sa", .02, "v-pbgd", .05, "v-pbsgd", .05);

  /** How far from stationary without noise; .03 for the others. */
  private static final Map<String, Double> BIAS = Map.of("bvfsm", .1);

  /** What minimises another function of x than the bilevel problem's. */
  private static final Set<String> META = Set.of("anil", "maml");

  @Override
  protected Stream<Entry> entries() {
    return Algorithms.all().stream();
  }

  @Override
  protected Map<String, ?> ownRates(String name) {
    return OWN_RATES.getOrDefault(name, Map.of());
  }

  private static double hypergradientNorm(BilevelProblem<?> problem, AlgorithmState state) {
    try (var scope = StateScope.open()) {
      return problem.evaluate(state.x(), state.y()).get("hypergradientNorm");
    }
  }

  @Test
  void namesAreSortedAndTextsAreThere() {
    assertThat(Algorithms.all())
        .extracting(Entry::name)
        .isSorted()
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("[a-z0-9]+(-[a-z0-9]+)*"));
    assertThat(Algorithms.all())
        .allSatisfy(
            entry -> {
              assertThat(entry.title()).isNotBlank();
              assertThat(entry.paper()).isNotBlank();
              assertThat(entry.defaults()).isInstanceOf(Record.class);
            });
  }

  @Test
  void anUnknownAlgorithmNamesTheNearest() {
    assertThatThrownBy(() -> Algorithms.create("slipp", Map.of()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContainingAll("There is no algorithm 'slipp'.", "Maybe 'slip' was meant");
  }

  /** Those that only average noise away with a memory. */
  Stream<Arguments> momentumAndSamplings() {
    return bilevelAndSamplings()
        .filter(a -> Set.of("slip", "ma-soba", "sustain").contains((String) a.get()[0]));
  }

  Stream<Arguments> bilevelAndSamplings() {
    return entriesAndSamplings().filter(a -> !META.contains((String) a.get()[0]));
  }

  Stream<String> bilevel() {
    return entries().map(Entry::name).filter(name -> !META.contains(name));
  }

  /** Without noise every sample is the same: one sampling will do. */
  @ParameterizedTest
  @MethodSource("bilevel")
  void findsAStationaryPoint(String name) {
    try (var problem = open(0);
        var run = Runs.start(create(name, "shared"), problem, new Seed(1))) {
      assertThat(hypergradientNorm(problem, run.state())).isGreaterThan(1);
      run.steps(STEPS.getOrDefault(name, 400));
      assertThat(hypergradientNorm(problem, run.state())).isLessThan(BIAS.getOrDefault(name, .03));
    }
  }

  @ParameterizedTest
  @MethodSource("momentumAndSamplings")
  void findsAStationaryPointThroughNoise(String name, String sampling) {
    finds(name, sampling);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("bilevelAndSamplings")
  void everyOneFindsAStationaryPointThroughNoise(String name, String sampling) {
    finds(name, sampling);
  }

  private void finds(String name, String sampling) {
    try (var problem = open(NOISE.getOrDefault(name, .2));
        var run = Runs.start(create(name, sampling), problem, new Seed(1))) {
      run.steps(STEPS.getOrDefault(name, 400));
      assertThat(hypergradientNorm(problem, run.state())).isLessThan(.2);
    }
  }

  @Test
  void formulasOfTheCatalogueAreRead() {
    var variables = Map.of("N", 3.0, "I", 2.0, "Q", 4.0);
    String text = "1 ∇f, N/I ∇g, Q(Q-1)/2 Hv (Q-1 shared), 2N+1 Jv";
    assertThat(CallFormula.read(text, variables, false))
        .isEqualTo(Map.of("∇f", 1.0, "∇g", 1.5, "Hv", 6.0, "Jv", 7.0));
    assertThat(CallFormula.read(text, variables, true)).containsEntry("Hv", 3.0);
  }
}
