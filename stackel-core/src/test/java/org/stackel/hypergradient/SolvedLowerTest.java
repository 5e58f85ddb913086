package org.stackel.hypergradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.Runs;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.Sampling;
import org.stackel.problem.LossPair;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The solved lower level against closed forms. */
class SolvedLowerTest {
  private static CountingOracle oracle(LossPair problem) {
    return new CountingOracle(Solved.oracle(problem, new Seed(0), Sampling.SHARED));
  }

  /** y* = x/2 and Φ = (x/2 - 3)²/2 + x²/2: at 2 y* = 1, z = -1 and ∇Φ = 1. */
  @ParameterizedTest
  @ValueSource(doubles = {-7, 0, 1, 300})
  void isExactOnAQuadratic(double start) {
    try (var scope = StateScope.open()) {
      CountingOracle oracle = oracle(Solved.scalar());
      SolvedLower lower =
          SolvedLower.at(oracle, Solved.vector(2), Solved.vector(start), Solved.vector(5));
      assertThat(Tensors.item(lower.y())).isCloseTo(1, within(1e-12));
      assertThat(Tensors.item(lower.z())).isCloseTo(-1, within(1e-12));
      assertThat(Tensors.item(lower.direction())).isCloseTo(1, within(1e-12));
      // The start's gradient, that of the one step, and the product that found it; the product with
      // the old z, and the one that mended it.
      long steps = start == 1 ? 0 : 1;
      assertThat(oracle.calls()).isEqualTo(new OracleCalls(1, 1 + steps, steps + 2, 1));
    }
  }

  /** Newton's own steps run away from |y - x| > 1. */
  @Test
  void convergesFromAfar() {
    try (var scope = StateScope.open()) {
      var problem =
          new LossPair(
              new double[] {0},
              new double[] {0},
              (x, y) -> y.dot(y),
              (x, y) -> y.sub(x).square().add(new Scalar(1)).sqrt().sum());
      Tensor y =
          SolvedLower.minimizer(oracle(problem).lower(), Solved.vector(2), Solved.vector(40));
      assertThat(Tensors.item(y)).isCloseTo(2, within(0.02));
    }
  }

  @Test
  void whatIsNotConvexOrNotFiniteStaysWhereItIs() {
    try (var scope = StateScope.open()) {
      var saddle =
          new LossPair(
              new double[] {0}, new double[] {0}, (x, y) -> y.dot(y), (x, y) -> y.dot(y).neg());
      Tensor start = Solved.vector(1);
      assertThat(minimum(saddle, start)).isEqualTo(1);
      assertThat(minimum(Solved.scalar(), Solved.vector(Double.NaN))).isNaN();
    }
  }

  private static double minimum(LossPair problem, Tensor start) {
    return Tensors.item(SolvedLower.minimizer(oracle(problem).lower(), Solved.vector(2), start));
  }

  /** y is the minimiser at the x before the step, and x descends. */
  @ParameterizedTest
  @ValueSource(strings = {"slip", "bo-rep", "adambo", "ls-adam", "ma-soba", "stocbio", "ttsa"})
  void algorithmsUseIt(String name) {
    var problem =
        new LossPair(
            new double[] {2},
            new double[] {0},
            (x, y) ->
                y.sub(new Scalar(3)).square().sum().add(x.square().sum()).mul(new Scalar(0.5)),
            (x, y) -> y.dot(y).sub(x.dot(y)));
    var algorithm = Algorithms.create(name, Map.of("lowerSolver", "newton", "upperLr", 0.01));
    try (var run = Runs.start(algorithm, problem, new Seed(0))) {
      assertThat(Tensors.item(run.state().y())).isCloseTo(1, within(1e-12));
      run.steps(2);
      double x = Tensors.item(run.state().x());
      double before = x;
      assertThat(x).isBetween(1.9, 1.9999);
      run.steps(1);
      assertThat(Tensors.item(run.state().y())).isCloseTo(before / 2, within(1e-12));
    }
  }
}
