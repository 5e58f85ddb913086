package org.stackel.hypergradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.oracle.Breakdown;
import org.stackel.problem.Dense;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Conjugate gradients, and the mistakes that published implementations made: the same checks run on
 * the mistakes, to show that they would be caught.
 */
class ConjugateGradientTest {
  private StateScope scope;

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** Some implementation: k steps at a relative tolerance. */
  interface Solver {
    double[] solve(UnaryOperator<double[]> hessian, double[] b, int steps, double tolerance);
  }

  private static double[] ours(
      UnaryOperator<double[]> hessian, double[] b, int steps, double tolerance) {
    return Tensors.toArray(
        new ConjugateGradient(steps, tolerance, 0).solve(on(hessian), Solved.vector(b)).v());
  }

  private static UnaryOperator<Tensor> on(UnaryOperator<double[]> hessian) {
    return v -> Solved.vector(hessian.apply(Tensors.toArray(v)));
  }

  /** The method with one mistake. */
  private enum Mistake implements Solver {
    /** When the tolerance fires, the iterate before the last step is returned. */
    STALE_ITERATE,
    /** The curvature is scaled, the residual's update is not. */
    SCALED_CURVATURE,
    /** The new direction starts from the old residual. */
    OLD_RESIDUAL,
    /** No test for b = 0. */
    ZERO_BY_ZERO;

    @Override
    public double[] solve(
        UnaryOperator<double[]> hessian, double[] b, int steps, double tolerance) {
      double scale = this == SCALED_CURVATURE ? 0.1 : 1;
      double[] v = new double[b.length];
      double[] r = b;
      double[] p = b;
      double rr = Dense.dot(r, r);
      double stop = tolerance * tolerance * rr;
      for (int i = 0; i < steps; i++) {
        if (this != ZERO_BY_ZERO && rr <= stop) {
          return v;
        }
        double[] hp = hessian.apply(p);
        double alpha = rr / (scale * Dense.dot(p, hp));
        double[] before = v;
        v = Dense.plus(v, alpha, p);
        double[] old = r;
        r = Dense.plus(r, -scale * alpha, hp);
        double next = Dense.dot(r, r);
        if (this == STALE_ITERATE && next <= stop) {
          return before;
        }
        p = Dense.plus(this == OLD_RESIDUAL ? old : r, next / rr, p);
        rr = next;
      }
      return v;
    }
  }

  // ---- the checks ----------------------------------------------------------------------------

  private static double[][] matrix() {
    return Dense.spd(new Seed(1), 7, 0.5);
  }

  private static final double[] RIGHT = Dense.random(new Seed(2), 7);

  private static double errorOf(Solver solver, double[][] h, double[] b, int steps, double tol) {
    return Dense.relativeError(
        solver.solve(v -> Dense.times(h, v), b, steps, tol), Dense.solve(h, b));
  }

  /** By name: whether a solver passes. */
  private static Map<String, Boolean> checks(Solver solver) {
    var passed = new LinkedHashMap<String, Boolean>();
    double[] b = {1, -3, 2};
    double[] half = solver.solve(v -> new double[] {2 * v[0], 2 * v[1], 2 * v[2]}, b, 10, 1e-10);
    passed.put("H = 2I gives b/2", Dense.relativeError(half, new double[] {.5, -1.5, 1}) < 1e-12);
    passed.put("n steps solve n equations", errorOf(solver, matrix(), RIGHT, 7, 0) < 1e-9);
    double[] errors =
        java.util.stream.IntStream.rangeClosed(1, 7)
            .mapToDouble(k -> errorOf(solver, matrix(), RIGHT, k, 0))
            .toArray();
    boolean falls = errors[0] < 1;
    for (int k = 1; k < 7; k++) {
      falls &= errors[k] < errors[k - 1];
    }
    passed.put("the error falls with every step", falls);
    double[] zero = solver.solve(v -> Dense.times(matrix(), v), new double[7], 5, 0);
    passed.put("b = 0 gives 0", Dense.norm(zero) == 0);
    passed.put("a tolerance is reached", errorOf(solver, matrix(), RIGHT, 100, 1e-8) < 1e-7);
    return passed;
  }

  private static List<String> failed(Solver solver) {
    var names = new ArrayList<String>();
    checks(solver)
        .forEach(
            (name, passed) -> {
              if (!passed) {
                names.add(name);
              }
            });
    return names;
  }

  @Test
  void passesEveryCheck() {
    assertThat(failed(ConjugateGradientTest::ours)).isEmpty();
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of(Mistake.STALE_ITERATE, "H = 2I gives b/2"),
        Arguments.of(Mistake.SCALED_CURVATURE, "n steps solve n equations"),
        Arguments.of(Mistake.OLD_RESIDUAL, "n steps solve n equations"),
        Arguments.of(Mistake.ZERO_BY_ZERO, "b = 0 gives 0"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void theChecksCatchEveryPublishedMistake(Mistake mistake, String check) {
    assertThat(failed(mistake)).contains(check);
  }

  // ---- beyond ---------------------------------------------------------------------------------

  @Test
  void flagsIndefiniteMatrices() {
    double[][] h = {{1, 0}, {0, -2}};
    var cg = new ConjugateGradient(10, 1e-10, 0);
    var solution = cg.solve(on(v -> Dense.times(h, v)), Solved.vector(1, 1));
    assertThat(curvature(solution)).isEqualTo(-.5);
    assertThat(solution.iterations()).isEqualTo(1);
    assertThat(Tensors.toArray(solution.v())).as("the iterate before").containsExactly(0, 0);
    var singular = cg.solve(v -> Tensors.zerosLike(v), Solved.vector(1, 1));
    assertThat(singular.iterations()).isEqualTo(1);
    assertThat(singular.breakdown()).as("singular, not indefinite").isNull();
    double[][] later = {{3, 0, 0}, {0, 1, 0}, {0, 0, -.5}};
    var late = cg.solve(on(v -> Dense.times(later, v)), Solved.vector(1, 1, .1));
    assertThat(curvature(late)).isBetween(-.5, 0.0);
    assertThat(Tensors.isFinite(late.v())).isTrue();
  }

  private static double curvature(ConjugateGradient.Solution solution) {
    Breakdown found = Objects.requireNonNull(solution.breakdown());
    assertThat(found.kind()).isEqualTo(Breakdown.Kind.INDEFINITE);
    assertThat(found.value()).isEqualTo(found.curvature());
    return found.curvature();
  }

  @Test
  void dampingMakesAnIndefiniteMatrixDefinite() {
    double[][] h = {{1, 0}, {0, -2}};
    var solution =
        new ConjugateGradient(10, 1e-12, 3).solve(on(v -> Dense.times(h, v)), Solved.vector(4, 1));
    assertThat(solution.breakdown()).isNull();
    assertThat(Tensors.toArray(solution.v())).containsExactly(new double[] {1, 1}, within(1e-10));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 1e-3, 1, 1e3})
  void manyMoreStepsThanDimensionsDoNoHarm(double scale) {
    for (Device device : List.of(Device.CPU, Device.CPU64)) {
      for (long s = 0; s < 5; s++) {
        double[][] h = Dense.spd(new Seed(s), 13, 0.1);
        double[] b = Dense.random(new Seed(s).child("b"), 13);
        Tensor matrix = Tensors.scale(scale, Tensors.of(device, Dense.flat(h), 13, 13));
        var solution = new ConjugateGradient(600, 0, 0).solve(matrix::mv, Tensors.of(device, b));
        assertThat(solution.breakdown()).as("H is positive definite").isNull();
        double[] v = Tensors.toArray(Tensors.scale(scale, solution.v()));
        assertThat(Dense.relativeError(v, Dense.solve(h, b)))
            .isLessThan(device == Device.CPU ? 1e-4 : 1e-11);
      }
    }
  }

  @Test
  void countsIterationsAndTellsTheResidual() {
    var two = new ConjugateGradient(10, 1e-12, 0).solve(v -> Tensors.scale(2, v), Solved.vector(3));
    assertThat(two.iterations()).isEqualTo(1);
    assertThat(two.residual()).isCloseTo(0, within(1e-15));
    var zero = new ConjugateGradient(10, 0, 0).solve(v -> v, Solved.vector(0, 0));
    assertThat(zero.iterations()).isZero();
    assertThat(zero.residual()).isZero();
    assertThat(zero.breakdown()).isNull();
    double[][] h = matrix();
    var few =
        new ConjugateGradient(3, 0, 0).solve(on(v -> Dense.times(h, v)), Solved.vector(RIGHT));
    assertThat(few.iterations()).isEqualTo(3);
    double[] residual = Dense.plus(RIGHT, -1, Dense.times(h, Tensors.toArray(few.v())));
    assertThat(few.residual()).isCloseTo(Dense.norm(residual) / Dense.norm(RIGHT), within(1e-12));
  }

  @Test
  void notANumberIsNotHidden() {
    var solution = new ConjugateGradient(3, 1e-3, 0).solve(v -> v, Solved.vector(Double.NaN, 1));
    assertThat(Tensors.isFinite(solution.v())).isFalse();
    assertThat(solution.residual()).isNaN();
  }
}
