package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.hypergradient.NormalEquation;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.LossPair;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Trait;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Where methods end up, biases of penalties and of few steps included. */
class FixedPointTest {
  private static final Map<String, Object> Q1 =
      Map.of(
          "A", List.of(List.of(2)),
          "B", List.of(List.of(1)),
          "d", List.of(3),
          "E", List.of(List.of(1)));

  private static Map<String, double[]> run(
      String name, Map<String, ?> options, Map<String, ?> problem, long steps) {
    var all = new HashMap<String, Object>(options);
    all.put("sampling", "shared");
    try (var opened = Problems.create("quadratic", problem).open(new Seed(0), Device.CPU64);
        var run = Runs.start(Algorithms.create(name, all), opened, new Seed(1)).steps(steps)) {
      return run.numbers();
    }
  }

  private static Map<String, double[]> run(
      String name, Map<String, ?> options, LossPair problem, long steps) {
    var all = new HashMap<String, Object>(options);
    all.put("sampling", "shared");
    try (var run = Runs.start(Algorithms.create(name, all), problem, new Seed(1)).steps(steps)) {
      return run.numbers();
    }
  }

  /** At x = 0, with y and ζ converged: {@code -3λ / (1 + 2λ)}, where the hypergradient is -1.5. */
  @ParameterizedTest
  @CsvSource({"1, -1", "10, -1.428571", "100, -1.492537", "1000, -1.499250"})
  void theDirectionOfF2saIsBiasedByItsPenalty(double lambda, double expected) {
    var options =
        Map.of(
            "lowerSteps",
            60,
            "valueLr",
            .4,
            "lowerLr",
            .8 / (1 + 2 * lambda),
            "upperLr",
            1,
            "multiplier",
            lambda,
            "multiplierStep",
            0);
    double h = -run("f2sa", options, Q1, 1).get("x")[0];
    assertThat(h).isCloseTo(expected, within(1e-6));
    assertThat(h).isCloseTo(-3 * lambda / (1 + 2 * lambda), within(1e-9));
  }

  /** With {@code c = (1 - 2α)^T}: {@code x = 1.5 (1-c) / (1 + .25 (1-c))}, up to a chatter of ξ. */
  @ParameterizedTest
  @CsvSource({"1, .6666666667", "2, .9473684211"})
  void theEndOfBomeIsBiasedByFewLowerSteps(int steps, double x) {
    var options = Map.of("lowerSteps", steps, "lowerLr", .25, "stepSize", .004);
    var end = run("bome", options, Q1, 1500);
    double c = Math.pow(.5, steps);
    assertThat(1.5 * (1 - c) / (1 + .25 * (1 - c))).isCloseTo(x, within(1e-9));
    assertThat(end.get("x")[0]).isCloseTo(x, within(8e-3));
    assertThat(end.get("y")[0]).isCloseTo(x / 2, within(8e-3));
  }

  /** Lower (y₁, y₂) with y₂ free: the upper level may choose it. Solution x = y₁ = y₂ = 1. */
  @Test
  void bomeChoosesAmongLowerMinimisers() {
    var problem =
        new LossPair(
            new double[] {-.5},
            new double[] {.7, 2},
            (x, y) -> {
              Tensor apart = x.sub(y.narrow(0, 1, 1));
              Tensor off = y.narrow(0, 0, 1).sub(new Scalar(1.0));
              return Tensors.scale(.5, apart.dot(apart)).add(Tensors.scale(.5, off.dot(off)));
            },
            (x, y) -> {
              Tensor first = y.narrow(0, 0, 1);
              return Tensors.scale(.5, first.dot(first)).sub(x.dot(first));
            });
    var options = Map.of("lowerSteps", 10, "lowerLr", .5, "stepSize", .05);
    var end = run("bome", options, problem, 800);
    assertThat(end.get("x")[0]).isCloseTo(1, within(.02));
    assertThat(end.get("y")).containsExactly(new double[] {1, 1}, within(.02));
  }

  /** Where ∇q = 0 exactly λ is 0, also without epsilon. */
  @Test
  void bomeStartsAtTheLowerMinimiser() {
    var options = Map.of("epsilon", 0, "lowerLr", .25, "stepSize", .1);
    var state = run("bome", options, Q1, 1); // x = y = 0 is one
    assertThat(state.get("lambda")).containsExactly(0);
    assertThat(state.get("x")).containsExactly(0);
    assertThat(state.get("y")).containsExactly(new double[] {.3}, within(1e-15));
  }

  // ---- several local minima --------------------------------------------------------------------

  /** {@code g = (x + y)²}, so that y* = -x, under a wavy upper level. */
  private static LossPair wavy(double x0) {
    return new LossPair(
        new double[] {x0},
        new double[] {-x0},
        (x, y) -> {
          Tensor u = Tensors.scale(4, x).sub(new Scalar(2.0));
          Tensor wave = Tensors.scale(4, y).add(new Scalar(2.0)).cos();
          Tensor slow = u.mul(u).add(new Scalar(1.0)).log();
          return wave.mul(u.sigmoid()).add(Tensors.scale(.5, slow)).sum();
        },
        (x, y) -> x.add(y).dot(x.add(y)));
  }

  private static double phi(double x) {
    try (var scope = StateScope.open()) {
      Tensor at = Tensors.of(Device.CPU64, x);
      return wavy(x).evaluate(at, at.neg()).get("upperLoss");
    }
  }

  private static double slope(double x) {
    try (var scope = StateScope.open()) {
      Tensor at = Tensors.of(Device.CPU64, x);
      var oracle = new AutogradOracle<>(wavy(x), new Seed(1), Sampling.SHARED, Shard.ALL);
      return Tensors.item(new NormalEquation(60, .2).sample(oracle).at(at, at.neg()).direction());
    }
  }

  @Test
  void theWavyProblemHasTheKnownValuesAndSlopes() {
    double[][] known = {
      {0, .7551130373, -1.3412073527},
      {1, .4381780386, -1.7783970599},
      {3, 1.4685268214, 2.5718728966},
      {.3823600748, .4427057224, 0},
      {1.2151454755, .1999108877, 0},
      {2.8296418000, 1.2434582728, 0},
      {.7471176194, .7416177311, 0},
      {2.1093252167, 2.8606004823, 0}
    };
    for (double[] row : known) {
      assertThat(phi(row[0])).isCloseTo(row[1], within(1e-9));
      assertThat(slope(row[0])).isCloseTo(row[2], within(1e-7));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "v-pbgd, 2.4, 2.8296418000",
    "v-pbsgd, .6, .3823600748",
    "galet, .6, .3823600748",
    "bgs-opt, .9, 1.2151454755",
    "itd, 1.9, 1.2151454755",
    "amigo, 0, .3823600748"
  })
  void theNearestMinimumIsFound(String name, double from, double to) {
    findsTheNearestMinimum(name, from, to);
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "v-pbgd, 0, .3823600748",
    "v-pbgd, .9, 1.2151454755",
    "v-pbgd, 1.9, 1.2151454755",
    "galet, 2.4, 2.8296418000"
  })
  void theNearestMinimumIsFoundFromElsewhere(String name, double from, double to) {
    findsTheNearestMinimum(name, from, to);
  }

  private static void findsTheNearestMinimum(String name, double from, double to) {
    boolean penalty = name.startsWith("v-");
    Map<String, Object> options = new HashMap<>();
    if (penalty) {
      options.putAll(Map.of("penalty", 200, "stepSize", .0005, "valueLr", .25));
    } else {
      options.putAll(Map.of("lowerSteps", 15, "lowerLr", .25, "upperLr", .02));
    }
    if (name.equals("galet") || name.equals("bgs-opt")) {
      options.put("linearSystemLr", .2);
    }
    double end = run(name, options, wavy(from), penalty ? 2500 : 300).get("x")[0];
    assertThat(end).isCloseTo(to, within(penalty ? .02 : 1e-3));
    assertThat(phi(end)).isCloseTo(phi(to), within(penalty ? 5e-3 : 1e-5));
  }

  // ---- projections -----------------------------------------------------------------------------

  static Stream<String> projecting() {
    return Algorithms.all().stream()
        .filter(entry -> entry.traits().contains(Trait.PROJECTS_X))
        .map(Algorithms.Entry::name);
  }

  /** The free solution is 1.2; in [-1, .5] the best is .5. */
  @ParameterizedTest
  @MethodSource("projecting")
  void staysInTheSetAndEndsAtItsEdge(String name) {
    var problem = new HashMap<String, Object>(Q1);
    problem.put("upperBox", Map.of("low", List.of(-1), "high", List.of(.5)));
    var options = new HashMap<String, Object>();
    if (name.startsWith("v-")) {
      options.putAll(Map.of("stepSize", .05, "penalty", 8, "valueLr", .3));
    } else {
      options.putAll(Map.of("upperLr", .4, "lowerLr", .4));
    }
    if (name.equals("ttsa")) {
      options.put("neumannForm", "a"); // a random length leaves the edge now and then
    }
    try (var opened = Problems.create("quadratic", problem).open(new Seed(0), Device.CPU64);
        var run = Runs.start(Algorithms.create(name, options), opened, new Seed(1))) {
      for (int t = 0; t < 200; t++) {
        run.steps(1);
        assertThat(run.numbers().get("x")[0]).isBetween(-1.0, .5 + 1e-15);
      }
      assertThat(run.numbers().get("x")[0]).isCloseTo(.5, within(1e-6));
    }
  }

  /** From x = 1 against w = -1/2: to 1.25, back to 1.1, and a part of the way there. */
  @ParameterizedTest
  @CsvSource({"mgbio, .5", "msgbio, .4472135955", "vr-msgbio, .5848035476"})
  void aPartOfTheWayToTheProjectedPoint(String name, double part) {
    var problem = new HashMap<String, Object>(Q1);
    problem.put("x0", List.of(1));
    problem.put("upperBox", Map.of("low", List.of(.9), "high", List.of(1.1)));
    var options = new HashMap<String, Object>(Map.of("upperLr", .5, "lowerLr", .5));
    options.putAll(name.equals("mgbio") ? Map.of("relaxation", .5) : Map.of("k", 1, "m", 4));
    try (var opened = Problems.create("quadratic", problem).open(new Seed(0), Device.CPU64);
        var run = Runs.start(Algorithms.create(name, options), opened, new Seed(1)).steps(1)) {
      assertThat(run.numbers().get("x")[0]).isCloseTo(1 + .1 * part, within(1e-10));
    }
  }

  // ---- parameters that play no part ------------------------------------------------------------

  static Stream<String> unusedSafe() {
    return Algorithms.all().stream().map(Algorithms.Entry::name).filter(n -> !n.equals("saba"));
  }

  /** The last numbers of x and y are in no loss; those before have gradients of exactly 0. */
  @ParameterizedTest
  @MethodSource("unusedSafe")
  void parametersWithoutAPartStayAndNothingBreaks(String name) {
    var problem =
        new LossPair(
            new double[] {.5, 0, 7},
            new double[] {.2, 0, -7},
            (x, y) -> {
              Tensor gap = y.narrow(0, 0, 2).sub(x.narrow(0, 0, 2));
              return gap.dot(gap).add(y.narrow(0, 0, 1).cos().sum());
            },
            (x, y) -> {
              Tensor used = y.narrow(0, 0, 2);
              return used.dot(used).sub(used.dot(x.narrow(0, 0, 2)));
            });
    var options = new HashMap<String, Object>();
    if (name.equals("bvfsm")) {
      options.putAll(Map.of("valueSteps", 3, "lowerSteps", 3, "penalty", 1));
      options.putAll(Map.of("lowerRegularization", 0, "valueRegularization", 0));
    } else if (name.endsWith("gbio")) {
      options.put("curvatureMin", .5); // the Hessian is singular
    }
    for (var entry : run(name, options, problem, 10).entrySet()) {
      for (double number : entry.getValue()) {
        assertThat(number).as(entry.getKey()).isFinite();
      }
      if (List.of("x", "y").contains(entry.getKey())) {
        assertThat(entry.getValue()[1]).isZero();
        assertThat(Math.abs(entry.getValue()[2])).isEqualTo(7);
        assertThat(entry.getValue()[0]).isNotIn(.5, .2);
      }
    }
  }

  /** MAML and ANIL lower the loss after adaptation, which is not the bilevel problem. */
  @ParameterizedTest
  @ValueSource(strings = {"anil", "maml"})
  void metaLearningFindsAStartThatAdaptsWell(String name) {
    var options = Map.of("adaptLr", .2, "upperLr", .5, "adaptSteps", 1);
    var end = run(name, options, Q1, 300);
    double x = end.get("x")[0];
    double y = end.get("y")[0];
    double down = 2 * y - x;
    x += name.equals("maml") ? .2 * y : 0;
    y -= .2 * down;
    assertThat(x).as("f is least at x = 0, y = 3").isCloseTo(0, within(1e-3));
    assertThat(y).isCloseTo(3, within(1e-3));
  }
}
