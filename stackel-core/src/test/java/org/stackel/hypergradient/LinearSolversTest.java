package org.stackel.hypergradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.Sampling;
import org.stackel.problem.Dense;
import org.stackel.problem.Problems;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Every estimator against Gauss's elimination on random systems. */
class LinearSolversTest {
  private StateScope scope;

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  static Stream<Arguments> systems() {
    return IntStream.of(1, 2, 3, 7, 13, 31).mapToObj(n -> Arguments.of(n, new Seed(1 + n % 3)));
  }

  private static void check(int n, Seed seed, HypergradientEstimator estimator, double tolerance) {
    double[][] h = Dense.spd(seed.child("h").child(n), n, 1);
    double[][] c = Dense.random(seed.child("c"), 5, n);
    double[] b = Dense.random(seed.child("b"), n);
    double[] v = Dense.solve(h, b);
    for (Sampling sampling : Sampling.values()) {
      try (var inner = StateScope.open()) {
        var oracle = Solved.oracle(Solved.linear(h, c, b), seed, sampling);
        Tensor x = Solved.vector(new double[5]);
        Tensor y = Solved.vector(Dense.random(seed.child("y"), n));
        Hypergradient found = estimator.sample(oracle).at(x, y);
        assertThat(Dense.relativeError(Tensors.toArray(found.solution()), v)).isLessThan(tolerance);
        assertThat(Dense.relativeError(Tensors.toArray(found.direction()), Dense.times(c, v)))
            .isLessThan(10 * tolerance);
      }
    }
  }

  // Eigenvalues lie in [1, about 5]: a step of 1/4 contracts by 3/4.

  @ParameterizedTest(name = "n = {0}, {1}")
  @MethodSource("systems")
  void nestedNeumannSeries(int n, Seed seed) {
    check(n, seed, new Neumann(Neumann.Form.B, 120, .25), 1e-9);
  }

  @ParameterizedTest(name = "n = {0}, {1}")
  @MethodSource("systems")
  void independentNeumannSeries(int n, Seed seed) {
    check(n, seed, new Neumann(Neumann.Form.A, 25, .25), 2e-3);
  }

  @ParameterizedTest(name = "n = {0}, {1}")
  @MethodSource("systems")
  void gradientDescentOnTheLinearSystem(int n, Seed seed) {
    check(n, seed, new LinearSystem(120, .25), 1e-9);
  }

  @ParameterizedTest(name = "n = {0}, {1}")
  @MethodSource("systems")
  void conjugateGradients(int n, Seed seed) {
    check(n, seed, new ConjugateGradient(n, 0, 0), 1e-9);
    check(n, seed, new ConjugateGradient(500, 1e-12, 0), 1e-10);
  }

  @ParameterizedTest(name = "n = {0}, {1}")
  @MethodSource("systems")
  void theNormalEquation(int n, Seed seed) {
    check(n, seed, new NormalEquation(250, .06), 1e-5);
  }

  @ParameterizedTest(name = "n = {0}, {1}")
  @MethodSource("systems")
  void theSpectralInverse(int n, Seed seed) {
    check(n, seed, SpectralInverse.UNBOUNDED, 1e-11);
    check(n, seed, new SpectralInverse(.01, 100., 1000., 1000.), 1e-11);
  }

  @ParameterizedTest(name = "n = {0}, {1}")
  @MethodSource("systems")
  void unrolledSteps(int n, Seed seed) {
    check(n, seed, new Unrolled(120, .25, null, Unrolled.Memory.KEEP), 1e-9);
    check(n, seed, new Unrolled(120, .25, 110, Unrolled.Memory.RECOMPUTE), 1e-9);
  }

  /** B is not symmetric: {@code D_xy g = -Bᵀ}, not {@code -B}. */
  static Stream<HypergradientEstimator> exact() {
    return Stream.of(
        new Neumann(Neumann.Form.B, 60, .25),
        new LinearSystem(60, .25),
        new ConjugateGradient(2, 0, 0),
        new NormalEquation(80, .1),
        SpectralInverse.UNBOUNDED,
        new Unrolled(60, .25, null, Unrolled.Memory.KEEP));
  }

  @ParameterizedTest
  @MethodSource("exact")
  void theCrossDerivativeIsTheRightWayRound(HypergradientEstimator estimator) {
    var options =
        Map.of(
            "A", List.of(List.of(2, 0), List.of(0, 4)),
            "B", List.of(List.of(1, 0), List.of(1, 2)),
            "c", List.of(1, 0),
            "d", List.of(1, 1),
            "E", List.of(List.of(1, 0), List.of(0, 1)));
    try (var problem = Problems.create("quadratic", options).open(new Seed(0), Device.CPU64)) {
      for (Sampling sampling : Sampling.values()) {
        var oracle = Solved.oracle(problem, new Seed(1), sampling);
        var found = estimator.sample(oracle).at(Solved.vector(1, -1), Solved.vector(1, -.25));
        assertThat(Tensors.toArray(found.solution()))
            .containsExactly(new double[] {0, -.3125}, within(1e-12));
        assertThat(Tensors.toArray(found.direction()))
            .containsExactly(new double[] {.6875, -1.625}, within(1e-12));
        var best = Solved.vector(.346153846153846, .365384615384615);
        var still = Solved.vector(.673076923076923, .269230769230769);
        var zero = estimator.sample(oracle).at(best, still);
        assertThat(Tensors.toArray(zero.direction()))
            .containsExactly(new double[] {0, 0}, within(1e-12));
      }
    }
  }

  /** A solver that stops early, or that divides by what is left, is wrong where all is easy. */
  @ParameterizedTest
  @MethodSource("exact")
  void easySystemsAreSolvedToo(HypergradientEstimator estimator) {
    double[][] h = {{2, 0}, {0, 2}};
    double[][] c = {{1, 3}, {-2, 1}};
    for (double[] b : new double[][] {{3, -4}, {0, 0}, {1e-100, 0}, {0, 7}}) {
      var oracle = Solved.oracle(Solved.linear(h, c, b), new Seed(1), Sampling.INDEPENDENT);
      var found = estimator.sample(oracle).at(Solved.vector(0, 0), Solved.vector(0, 0));
      double size = Dense.norm(b);
      assertThat(Tensors.toArray(found.solution()))
          .containsExactly(new double[] {b[0] / 2, b[1] / 2}, within(1e-11 * size));
      assertThat(Tensors.toArray(found.direction()))
          .containsExactly(Dense.times(c, new double[] {b[0] / 2, b[1] / 2}), within(1e-10 * size));
    }
  }

  /** ∇Φ is linear here, so that its differences are the Hessian of Φ. */
  @Test
  void differencesOfTheHypergradientAreTheHessianOfTheValueFunction() {
    double[][] b = {{1, 0}, {1, 2}};
    var options =
        Map.of(
            "A", List.of(List.of(2, 0), List.of(0, 4)),
            "B", Dense.option(b),
            "c", List.of(1, 0),
            "d", List.of(1, 1),
            "E", List.of(List.of(1, 0), List.of(0, 1)));
    try (var problem = Problems.create("quadratic", options).open(new Seed(0), Device.CPU64)) {
      var oracle = Solved.oracle(problem, new Seed(1), Sampling.SHARED);
      double[][] slopes = new double[3][];
      double[][] points = {{1, -1}, {2, -1}, {1, 0}};
      for (int i = 0; i < 3; i++) {
        double[] right = Dense.times(b, points[i]);
        Tensor y = Solved.vector((right[0] + 1) / 2, right[1] / 4);
        var sampled = new ConjugateGradient(2, 0, 0).sample(oracle);
        slopes[i] = Tensors.toArray(sampled.at(Solved.vector(points[i]), y).direction());
      }
      assertThat(Dense.plus(slopes[1], -1, slopes[0]))
          .containsExactly(new double[] {1.3125, .125}, within(1e-12));
      assertThat(Dense.plus(slopes[2], -1, slopes[0]))
          .containsExactly(new double[] {.125, 1.25}, within(1e-12));
    }
  }

  @Test
  void stepsOfTheLinearSystemFollowTheirClosedForm() {
    Tensor zero = Solved.vector(0);
    double[] expected = {-.3, -.54, -.732};
    for (int steps = 1; steps <= 3; steps++) {
      var oracle = Solved.oracle(Solved.scalar(), new Seed(1), Sampling.INDEPENDENT);
      Hypergradient found = new LinearSystem(steps, .1).sample(oracle).at(zero, zero);
      assertThat(Tensors.item(found.solution())).isCloseTo(expected[steps - 1], within(1e-12));
    }
  }

  @Test
  void eachStepOfTheLinearSystemHasItsOwnSample() {
    var problem = Solved.scalar();
    Tensor zero = Solved.vector(0);
    for (Sampling sampling : Sampling.values()) {
      problem.forget();
      var oracle = new CountingOracle(Solved.oracle(problem, new Seed(1), sampling));
      var sampled = new LinearSystem(6, .1).sample(oracle);
      assertThat(oracle.calls()).isEqualTo(OracleCalls.NONE);
      sampled.at(zero, zero);
      assertThat(oracle.calls()).isEqualTo(new OracleCalls(1, 0, 6, 1));
      assertThat(problem.lowerDraws())
          .hasSize(sampling == Sampling.SHARED ? 1 : 7)
          .doesNotHaveDuplicates();
      assertThat(problem.upperDraws()).hasSize(1);
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new LinearSystem(0, .1)).hasMessageContaining("steps (0)");
    assertThatThrownBy(() -> new LinearSystem(1, -1)).hasMessageContaining("lr (-1");
    assertThatThrownBy(() -> new ConjugateGradient(0, 0, 0)).hasMessageContaining("steps (0)");
    assertThatThrownBy(() -> new ConjugateGradient(1, -1, 0)).hasMessageContaining("tolerance");
    assertThatThrownBy(() -> new ConjugateGradient(1, 0, -1)).hasMessageContaining("damping");
    assertThatThrownBy(() -> new NormalEquation(0, .1)).hasMessageContaining("steps (0)");
    assertThatThrownBy(() -> new NormalEquation(1, 0)).hasMessageContaining("lr (0");
    assertThatThrownBy(() -> new SpectralInverse(2., 1., null, null))
        .hasMessageContaining("curvatureMin (2");
    assertThatThrownBy(() -> new SpectralInverse(0., null, null, null))
        .hasMessageContaining("curvatureMin (0");
    assertThatThrownBy(() -> new Unrolled(0, .1, null, Unrolled.Memory.KEEP))
        .hasMessageContaining("steps (0)");
    assertThatThrownBy(() -> new Unrolled(1, .1, -1, Unrolled.Memory.KEEP))
        .hasMessageContaining("truncate (-1)");
  }
}
