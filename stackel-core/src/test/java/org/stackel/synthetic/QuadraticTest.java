package org.stackel.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.config.InvalidInputException;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Dense;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

public class QuadraticTest {
  /** B is not symmetric, so that a transposed cross derivative shows. */
  public static final Map<String, Object> MATRIX =
      Map.of(
          "A", List.of(List.of(2, 0), List.of(0, 4)),
          "B", List.of(List.of(1, 0), List.of(1, 2)),
          "c", List.of(1, 0),
          "d", List.of(1, 1),
          "E", List.of(List.of(1, 0), List.of(0, 1)),
          "x0", List.of(1, -1));

  private StateScope scope;

  @BeforeEach
  void openScope() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static BilevelProblem<?> open(Map<String, ?> options) {
    return Problems.create("quadratic", options).open(new Seed(0), Device.CPU64);
  }

  private static Tensor vector(double... numbers) {
    return Tensors.of(Device.CPU64, numbers);
  }

  static Stream<Seed> seeds() {
    return Stream.of(new Seed(1), new Seed(2), new Seed(3));
  }

  /** Every matrix random and none symmetric but A; three numbers in x, five in y. */
  static Map<String, Object> random(Seed seed) {
    var options = new HashMap<String, Object>();
    options.put("A", Dense.option(Dense.spd(seed.child("A"), 5, 1)));
    options.put("B", Dense.option(Dense.random(seed.child("B"), 5, 3)));
    options.put("c", Dense.option(Dense.random(seed.child("c"), 5)));
    options.put("d", Dense.option(Dense.random(seed.child("d"), 5)));
    options.put("D", Dense.option(Dense.random(seed.child("D"), 5, 5)));
    options.put("E", Dense.option(Dense.random(seed.child("E"), 3, 3)));
    options.put("e", Dense.option(Dense.random(seed.child("e"), 3)));
    options.put("F", Dense.option(Dense.random(seed.child("F"), 5, 3)));
    options.put("x0", Dense.option(Dense.random(seed.child("x0"), 3)));
    options.put("y0", Dense.option(Dense.random(seed.child("y0"), 5)));
    return options;
  }

  @Test
  void theMatrixExampleHasItsClosedForm() {
    try (var problem = open(MATRIX)) {
      Tensor x = vector(1, -1);
      var metrics = problem.evaluate(x, vector(1, -.25));
      assertThat(metrics.get("lowerDistance")).isCloseTo(0, within(1e-12));
      assertThat(metrics.get("upperLoss")).isCloseTo(1.78125, within(1e-12));
      assertThat(metrics.get("valueFunction")).isCloseTo(1.78125, within(1e-12));
      assertThat(metrics.get("hypergradientNorm"))
          .isCloseTo(Math.hypot(.6875, -1.625), within(1e-12));
      assertThat(problem.evaluate(x, vector(4, 3.75)).get("lowerDistance"))
          .isCloseTo(5, within(1e-12));
      var best = problem.evaluate(vector(.346153846154, .365384615385), vector(0, 0));
      assertThat(best.get("hypergradientNorm")).isCloseTo(0, within(1e-10));
      assertThat(best.get("valueFunction")).isCloseTo(.4471153846, within(1e-10));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void lossesAreTheirFormula(Seed seed) {
    try (var problem = open(random(seed))) {
      double[] x = Dense.random(seed.child("x"), 3);
      double[] y = Dense.random(seed.child("y"), 5);
      double[][] a = Dense.spd(seed.child("A"), 5, 1);
      double[] right =
          Dense.plus(
              Dense.times(Dense.random(seed.child("B"), 5, 3), x),
              1,
              Dense.random(seed.child("c"), 5));
      double[] offset = Dense.plus(y, -1, Dense.random(seed.child("d"), 5));
      double lower = Dense.dot(y, Dense.times(a, y)) / 2 - Dense.dot(y, right);
      double upper =
          Dense.dot(offset, Dense.times(Dense.random(seed.child("D"), 5, 5), offset)) / 2
              + Dense.dot(x, Dense.times(Dense.random(seed.child("E"), 3, 3), x)) / 2
              + Dense.dot(Dense.random(seed.child("e"), 3), x)
              + Dense.dot(y, Dense.times(Dense.random(seed.child("F"), 5, 3), x));
      var metrics = problem.evaluate(vector(x), vector(y));
      assertThat(metrics.get("lowerLoss")).isCloseTo(lower, within(1e-12));
      assertThat(metrics.get("upperLoss")).isCloseTo(upper, within(1e-12));
      double[] solution = Dense.solve(a, right);
      assertThat(metrics.get("lowerDistance"))
          .isCloseTo(Dense.norm(Dense.plus(y, -1, solution)), within(1e-12));
    }
  }

  static Stream<Arguments> variants() {
    return seeds()
        .flatMap(
            seed ->
                Stream.of(
                    Arguments.of(seed, "linear", 0.0),
                    Arguments.of(seed, "tanh", 0.0),
                    Arguments.of(seed, "linear", 0.7),
                    Arguments.of(seed, "tanh", 0.7)));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void theHypergradientIsTheSlopeOfTheValueFunction(Seed seed, String coupling, double quartic) {
    var options = random(seed);
    options.put("coupling", coupling);
    options.put("quartic", quartic);
    try (var problem = open(options)) {
      double[] x = Dense.random(seed.child("x"), 3);
      double[] slope = new double[3];
      double h = 1e-5;
      for (int i = 0; i < 3; i++) {
        double[] e = new double[3];
        e[i] = h;
        slope[i] = (value(problem, Dense.plus(x, 1, e)) - value(problem, Dense.plus(x, -1, e))) / h;
      }
      double norm = problem.evaluate(vector(x), vector(new double[5])).get("hypergradientNorm");
      assertThat(norm).isCloseTo(Dense.norm(slope) / 2, within(1e-7 * Dense.norm(slope)));
    }
  }

  private static double value(BilevelProblem<?> problem, double[] x) {
    return problem.evaluate(vector(x), vector(new double[5])).get("valueFunction");
  }

  @ParameterizedTest
  @MethodSource("variants")
  void theLowerSolutionHasNoGradient(Seed seed, String coupling, double quartic) {
    var options = random(seed);
    options.put("coupling", coupling);
    options.put("quartic", quartic);
    try (var problem = open(options)) {
      Tensor x = problem.start(seed).x();
      Tensor y = vector(new double[5]);
      var lower = new AutogradOracle<>(problem, seed, Sampling.SHARED, Shard.ALL).lower();
      for (int i = 0; i < 260; i++) {
        y = Tensors.axpy(y, -0.1, lower.gradientY(x, y));
      }
      assertThat(problem.evaluate(x, y).get("lowerDistance")).isCloseTo(0, within(1e-9));
    }
  }

  @Test
  void projectsOntoItsBox() {
    var options = new HashMap<>(MATRIX);
    options.put("upperBox", Map.of("low", List.of(0, -1), "high", List.of(1, 1)));
    try (var problem = open(options);
        var free = open(MATRIX)) {
      assertThat(problem.isConstrained()).isTrue();
      assertThat(Tensors.toArray(problem.projectX(vector(-3, 0.5)))).containsExactly(0, 0.5);
      assertThat(Tensors.toArray(problem.projectX(vector(3, -5)))).containsExactly(1, -1);
      assertThat(free.isConstrained()).isFalse();
      Tensor x = vector(9, 9);
      assertThat(free.projectX(x)).isSameAs(x);
      assertThat(free.projectY(x)).isSameAs(x);
    }
  }

  @Test
  void projectsOntoItsBall() {
    var options = new HashMap<>(MATRIX);
    options.put("upperBall", Map.of("center", List.of(1, 0), "radius", 5));
    try (var problem = open(options)) {
      assertThat(problem.isConstrained()).isTrue();
      assertThat(Tensors.toArray(problem.projectX(vector(7, 8)))).containsExactly(4, 4);
      assertThat(Tensors.toArray(problem.projectX(vector(3, -4)))).containsExactly(3, -4);
      assertThat(Tensors.toArray(problem.projectX(vector(1, 0)))).containsExactly(1, 0);
    }
    options.put("upperBall", Map.of("radius", 1));
    try (var problem = open(options)) {
      assertThat(Tensors.toArray(problem.projectX(vector(0, -9)))).containsExactly(0, -1);
    }
    options.put("upperBox", Map.of("low", List.of(0, 0), "high", List.of(1, 1)));
    assertThatThrownBy(() -> open(options).close()).hasMessageContaining("beside upperBox");
  }

  @Test
  void startsWhereToldAndAtZeroOtherwise() {
    try (var problem = open(MATRIX)) {
      assertThat(problem.upperLayout().size()).isEqualTo(2);
      assertThat(problem.lowerLayout().size()).isEqualTo(2);
      assertThat(Tensors.toArray(problem.start(new Seed(1)).x())).containsExactly(1, -1);
      assertThat(Tensors.toArray(problem.start(new Seed(1)).y())).containsExactly(0, 0);
    }
  }

  @Test
  void closingFreesItsTensors() {
    open(MATRIX).close();
    long before = NativeObjects.settled();
    try (var inner = StateScope.open()) {
      var problem = open(MATRIX);
      inner.close();
      assertThat(StateScope.livePointers()).isGreaterThan(before);
      problem.close();
    }
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of("A", List.of(), "A", "must be given"),
        Arguments.of("B", List.of(), "B", "must be given"),
        Arguments.of("A", List.of(List.of(2, 1), List.of(0, 4)), "A", "symmetric"),
        Arguments.of("A", List.of(List.of(2, 3), List.of(3, 4)), "A", "positive definite"),
        Arguments.of("A", List.of(List.of(2, 1), List.of(1)), "A", "2 rows of 2 numbers"),
        Arguments.of("B", List.of(List.of(1, 0)), "B", "2 rows of 2 numbers"),
        Arguments.of("c", List.of(1), "c", "2 numbers"),
        Arguments.of("d", List.of(1, 2, 3), "d", "2 numbers"),
        Arguments.of("e", List.of(1), "e", "2 numbers"),
        Arguments.of("D", List.of(List.of(1)), "D", "2 rows"),
        Arguments.of("E", List.of(List.of(1)), "E", "2 rows"),
        Arguments.of("F", List.of(List.of(1)), "F", "2 rows"),
        Arguments.of("x0", List.of(1), "x0", "2 numbers"),
        Arguments.of("y0", List.of(1), "y0", "2 numbers"),
        Arguments.of("quartic", -1, "quartic", "at least 0"),
        Arguments.of("coupling", "tan", "coupling", "'tanh' was meant"),
        Arguments.of("noise", Map.of("gradient", -1), "noise.gradient", "at least 0"),
        Arguments.of("noise", Map.of("hessian", Double.NaN), "noise.hessian", "at least 0"),
        Arguments.of(
            "upperBox",
            Map.of("low", List.of(0, 0), "high", List.of(1)),
            "upperBox.high",
            "2 numbers"),
        Arguments.of("upperBox", Map.of("low", List.of(0, 0)), "upperBox.high", "2 numbers"),
        Arguments.of(
            "upperBox",
            Map.of("low", List.of(0, 2), "high", List.of(1, 1)),
            "upperBox.low",
            "must not exceed high"),
        Arguments.of(
            "upperBall",
            Map.of("center", List.of(0), "radius", 1),
            "upperBall.center",
            "2 numbers"),
        Arguments.of(
            "upperBall", Map.of("center", List.of(0, 0)), "upperBall.radius", "must be given"),
        Arguments.of("upperBall", Map.of("radius", 0), "upperBall.radius", "greater than 0"),
        Arguments.of("a", 1, "a", "'A' was meant"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void saysWhichOptionIsWrong(String key, Object value, String path, String rule) {
    var options = new HashMap<>(MATRIX);
    options.put(key, value);
    var thrown = catchThrowableOfType(InvalidInputException.class, () -> open(options).close());
    assertThat(thrown).as("exception").isNotNull();
    assertThat(thrown.key()).isEqualTo(path);
    assertThat(thrown.getMessage()).contains(rule).contains("\nMaybe ");
  }

  @Test
  void theCatalogueKnowsItsNames() {
    assertThat(Problems.all()).extracting(Problems.Entry::name).contains("quadratic").isSorted();
    assertThatThrownBy(() -> Problems.create("quadratics", Map.of()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("There is no problem 'quadratics'.")
        .hasMessageContaining("Maybe 'quadratic' was meant");
    Map<String, ?> options = Problems.named("quadratic").options();
    assertThat(Problems.create("quadratic", options)).isEqualTo(new Quadratic());
    var random = Problems.create("quadratic", random(new Seed(1)));
    assertThat(Problems.create("quadratic", org.stackel.config.Options.toMap((Record) random)))
        .isEqualTo(random);
  }

  @Test
  void shardsPartTheBatch() {
    int[] batch = {10, 11, 12, 13, 14};
    assertThat(Shard.ALL.of(batch)).isEqualTo(batch);
    assertThat(new Shard(0, 3).of(batch)).containsExactly(10, 13);
    assertThat(new Shard(1, 3).of(batch)).containsExactly(11, 14);
    assertThat(new Shard(2, 3).of(batch)).containsExactly(12);
    assertThat(new Shard(2, 3).of(new int[0])).isEmpty();
    assertThat(new Shard(2, 3).of(new int[2])).isEmpty();
    for (int[] wrong : new int[][] {{0, 0}, {-1, 2}, {2, 2}}) {
      assertThatThrownBy(() -> new Shard(wrong[0], wrong[1]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void metricsKeepTheirOrder() {
    var metrics = Metrics.NONE.with("b", 1).with("a", Double.NaN).with(Metrics.NONE.with("c", 2));
    assertThat(metrics.values().keySet()).containsExactly("b", "a", "c");
    assertThat(metrics.get("a")).isNaN();
    assertThatThrownBy(() -> metrics.get("d"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'d'", "[b, a, c]");
  }
}
