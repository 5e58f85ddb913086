package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.experiment.Experiment;
import org.stackel.problem.Trait;
import org.stackel.reference.Finding;
import org.stackel.run.RunListener;
import org.stackel.runfile.CheckFile.Verdict;

/**
 * The solutions of the linear system that algorithms carry in their states, those of scripts
 * included: where the state has them, and with which sign.
 */
class CarriedSolutionTest {
  private static final long STEPS = 60;

  /** What x moves by is far below what is measured. */
  private static final Map<String, Object> SETTLING =
      Map.of(
          "upperLr", 1e-9,
          "lowerLr", 0.2,
          "lowerExponent", 0,
          "linearSystemLr", 0.3,
          "linearSystemSteps", 20);

  private static CheckResult check(
      Map<String, ?> problem, Map<String, ?> algorithm, long steps, long at) {
    var experiment =
        Experiment.of(Map.of("problem", problem, "algorithm", algorithm, "steps", steps));
    var plan = new CheckPlan(1, List.of(at), 2, 1, 0, List.of());
    return Check.run(experiment, plan, new RunListener() {}, sentence -> {}).result();
  }

  private static EstimatorCheck.Row own(CheckResult result) {
    EstimatorCheck.Row own = result.points().get(0).rows().get(0);
    assertThat(own.isOwn()).isTrue();
    return own;
  }

  // ---- every algorithm of the catalogue --------------------------------------------------------

  static Stream<String> carrying() {
    return Algorithms.all().stream()
        .filter(entry -> entry.defaults().carried() != null)
        .map(Algorithms.Entry::name);
  }

  /** Three numbers above, two below, and hardly any slope of f in x, which would hide a sign. */
  private static Map<String, Object> quadratic() {
    return Map.of(
        "type", "quadratic",
        "A", List.of(List.of(2, 0.5), List.of(0.5, 1)),
        "B", List.of(List.of(1, 0.3, -0.5), List.of(0.2, -1, 0.7)),
        "d", List.of(1, -1),
        "E", List.of(List.of(0.01, 0, 0), List.of(0, 0.01, 0), List.of(0, 0, 0.01)),
        "x0", List.of(0.5, -0.3, 0.8));
  }

  /** The like as a mean over one minibatch, for algorithms that remember each of them. */
  private static Map<String, Object> oneMinibatch() {
    return Map.of("type", "quadratic-sum", "d", 4, "p", 3, "mu", 0.5, "n", 16, "batch", 16);
  }

  @ParameterizedTest
  @MethodSource("carrying")
  void isTheSolutionWithItsSign(String name) {
    Algorithms.Entry entry = Algorithms.named(name);
    var algorithm = new HashMap<String, Object>(SETTLING);
    algorithm.keySet().retainAll(entry.options().keySet());
    algorithm.put("type", name);
    boolean isSum = entry.traits().contains(Trait.NEEDS_FINITE_SUM);
    CheckResult result = check(isSum ? oneMinibatch() : quadratic(), algorithm, STEPS, STEPS);
    EstimatorCheck.Row own = own(result);
    assertThat(own.name()).isEqualTo(name + ": z of the run");
    assertThat(own.cosine()).isGreaterThan(.9);
    assertThat(own.solutionError()).isLessThan(.05);
    assertThat(own.bias()).isLessThan(.05 * result.points().get(0).hypergradient());
    assertThat(own.findings()).extracting(Finding::verdict).doesNotContain(Verdict.WRONG);
  }

  /** A test of none would pass: core's algorithms and the scripts are in the catalogue. */
  @Test
  void theCatalogueHasThem() {
    assertThat(carrying()).contains("amigo", "bgs-opt", "galet", "slip", "slip-authors-cleaning");
  }

  // ---- numbers that are known, of scripts ------------------------------------------------------

  /** The scalar problem y² - xy, ½(y-3)² + ½x², at the origin: the hypergradient is -1.5. */
  private static Map<String, Object> scalar() {
    return Map.of(
        "type", "quadratic",
        "A", List.of(List.of(2)),
        "B", List.of(List.of(1)),
        "d", List.of(3),
        "E", List.of(List.of(1)));
  }

  /** z after t steps is -1.5 (1 - (1 - 2ν)^t): -0.3, -0.54, -0.732 for ν = 0.1. */
  @ParameterizedTest
  @CsvSource({
    "slip-authors-few-shot, 1, .3",
    "slip-authors-few-shot, 3, .732",
    "slip, 1, .3",
    "slip, 3, .732"
  })
  void isThatOfTheRun(String name, long step, double solved) {
    Map<String, ?> algorithm =
        Map.of("type", name, "upperLr", 1e-12, "lowerLr", 1e-12, "linearSystemLr", 0.1);
    assertThat(own(check(scalar(), algorithm, 3, step)).bias())
        .isCloseTo(1.5 - solved, within(1e-9));
  }

  /** η (A³ + A + A² + A³) b with η = 1/4, A = 1/2, b = -3 is -.75, where -1.5 is right. */
  @Test
  void theSeriesOfAScriptIsShownAndNotJudged() {
    Map<String, ?> algorithm =
        Map.of(
            "type",
            "adambo-authors-few-shot",
            "warmStartSteps",
            0,
            "neumannTerms",
            3,
            "neumannStep",
            0.25);
    EstimatorCheck.Row own = own(check(scalar(), algorithm, 1, 0));
    assertThat(own.name()).isEqualTo("adambo-authors-few-shot: own estimator, 3 × 0.250");
    assertThat(own.bias()).isCloseTo(.75, within(1e-12));
    assertThat(own.findings()).isEmpty();
  }
}
