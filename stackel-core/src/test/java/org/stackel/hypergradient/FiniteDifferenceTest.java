package org.stackel.hypergradient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Dense;
import org.stackel.problem.Problems;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Estimates at y*(x) against central differences of Φ(x) = f(x, y*(x)), where Hessian and cross
 * derivative both move: g has Σ y⁴ and tanh(x). Newton's method here knows gradients and products
 * alone.
 */
class FiniteDifferenceTest {
  private static final int N = 3;
  private static final int P = 5;

  static Stream<Arguments> cases() {
    return Stream.of(1L, 2L)
        .flatMap(
            seed ->
                Stream.of(
                        new Neumann(Neumann.Form.B, 300, 0.1),
                        new LinearSystem(300, 0.1),
                        new ConjugateGradient(20, 1e-12, 0),
                        new NormalEquation(2000, 0.02),
                        SpectralInverse.UNBOUNDED,
                        new Unrolled(300, 0.1, null, Unrolled.Memory.KEEP),
                        new Unrolled(300, 0.1, null, Unrolled.Memory.RECOMPUTE))
                    .map(estimator -> Arguments.of(new Seed(seed), estimator)));
  }

  private static Map<String, Object> options(Seed seed) {
    var options = new HashMap<String, Object>();
    options.put("A", Dense.option(Dense.spd(seed.child("A"), P, 1)));
    options.put("B", Dense.option(Dense.random(seed.child("B"), P, N)));
    options.put("c", Dense.option(Dense.random(seed.child("c"), P)));
    options.put("d", Dense.option(Dense.random(seed.child("d"), P)));
    options.put("D", Dense.option(Dense.random(seed.child("D"), P, P)));
    options.put("E", Dense.option(Dense.random(seed.child("E"), N, N)));
    options.put("F", Dense.option(Dense.random(seed.child("F"), P, N)));
    options.put("coupling", "tanh");
    options.put("quartic", 0.5);
    return options;
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void estimatesAreSlopesOfTheValueFunction(Seed seed, HypergradientEstimator estimator) {
    try (var scope = StateScope.open();
        var problem = Problems.create("quadratic", options(seed)).open(new Seed(0), Device.CPU64)) {
      double[] x = Dense.random(seed.child("x"), N);
      Tensor point = Solved.vector(x);
      double[] slope = new double[N];
      double h = 1e-5;
      for (int i = 0; i < N; i++) {
        double[] e = new double[N];
        e[i] = h;
        slope[i] =
            (phi(problem, Dense.plus(x, 1, e)) - phi(problem, Dense.plus(x, -1, e))) / (2 * h);
      }
      for (Sampling sampling : Sampling.values()) {
        StochasticOracle oracle = Solved.oracle(problem, seed, sampling);
        Hypergradient found = estimator.sample(oracle).at(point, solution(problem, point));
        assertThat(Dense.relativeError(Tensors.toArray(found.direction()), slope)).isLessThan(1e-6);
      }
      double norm = problem.evaluate(point, Solved.vector(new double[P])).get("hypergradientNorm");
      assertThat(norm / Dense.norm(slope)).isBetween(1 - 1e-6, 1 + 1e-6);
    }
  }

  private static double phi(BilevelProblem<?> problem, double[] x) {
    Tensor point = Solved.vector(x);
    var oracle = Solved.oracle(problem, new Seed(1), Sampling.SHARED);
    return Tensors.item(oracle.upper().value(point, solution(problem, point)));
  }

  private static Tensor solution(BilevelProblem<?> problem, Tensor x) {
    var lower = Solved.oracle(problem, new Seed(1), Sampling.SHARED).lower();
    Tensor y = Solved.vector(new double[P]);
    for (int i = 0; i < 50; i++) {
      Linearization at = lower.linearize(x, y);
      double[] gradient = Tensors.toArray(at.gradY());
      if (Dense.norm(gradient) < 1e-14) {
        break;
      }
      double[][] hessian = new double[P][];
      for (int j = 0; j < P; j++) {
        double[] e = new double[P];
        e[j] = 1;
        hessian[j] = Tensors.toArray(at.hessianVector(Solved.vector(e)));
      }
      y = Tensors.axpy(y, -1, Solved.vector(Dense.solve(hessian, gradient)));
    }
    assertThat(Dense.norm(Tensors.toArray(lower.gradientY(x, y)))).isLessThan(1e-12);
    return y;
  }
}
