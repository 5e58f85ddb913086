package org.stackel.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Dense;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The game, the finite sum and the toys at points where their solution is known. */
class ClosedFormsTest {
  private StateScope scope;

  @BeforeEach
  void openScope() {
    scope = StateScope.open();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  private static BilevelProblem<?> open(String name, Map<String, ?> options) {
    return Problems.create(name, options).open(new Seed(3), Device.CPU64);
  }

  private static Metrics at(BilevelProblem<?> problem, double x, double y) {
    return problem.evaluate(Tensors.of(Device.CPU64, x), Tensors.of(Device.CPU64, y));
  }

  // ---- toys ----------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "unbounded-polynomial, 1.5, 3.4457372017",
    "unbounded-polynomial, 2, 7.5838531635",
    "unbounded-polynomial, -.8654740331, 0",
    "unbounded-exponential, 1, 1.5089314025",
    "unbounded-exponential, 0, 0",
    "minimax, .5, .0205744614",
    "minimax, 1, .1585290152",
    "minimax, 2, 1.0907025732",
    "sine, 1, .3600394891",
    "sine, -1.5707963267948966, 0"
  })
  void slopesAreTheClosedForms(String name, double x, double slope) {
    try (var problem = open("toy", Map.of("name", name))) {
      assertThat(at(problem, x, 7).get("hypergradientNorm")).isCloseTo(slope, within(1e-9));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "unbounded-polynomial, -.8654740331, -.6211354389",
    "unbounded-exponential, 0, 3",
    "unbounded-exponential, 1, 3.6264635755",
    "sine, -1.5707963267948966, -.8414709848",
    "minimax, 2, 1.5838531635"
  })
  void valuesAreTheClosedForms(String name, double x, double value) {
    try (var problem = open("toy", Map.of("name", name))) {
      assertThat(at(problem, x, 7).get("valueFunction")).isCloseTo(value, within(1e-9));
    }
  }

  @Test
  void theToyLooksWhereYIs() {
    try (var problem = open("toy", Map.of("name", "sine"))) {
      Metrics metrics = at(problem, Math.PI / 2, 3);
      assertThat(metrics.get("x")).isEqualTo(Math.PI / 2);
      assertThat(metrics.get("lowerDistance")).isCloseTo(2, within(1e-12));
      assertThat(metrics.get("upperLoss")).isCloseTo(Math.sin(3), within(1e-12));
      assertThat(metrics.get("lowerLoss")).isCloseTo(4.5 - 3, within(1e-12));
    }
  }

  @ParameterizedTest
  @CsvSource({"unbounded-polynomial, 10", "unbounded-exponential, 5", "minimax, 1", "sine, 1"})
  void everyToyHasAStart(String name, double x0) {
    try (var problem = open("toy", Map.of("name", name));
        var moved = open("toy", Map.of("name", name, "x0", 2.5, "y0", -1))) {
      assertThat(Tensors.toArray(problem.start(new Seed(1)).x())).containsExactly(x0);
      assertThat(Tensors.toArray(problem.start(new Seed(1)).y())).containsExactly(x0);
      assertThat(Tensors.toArray(moved.start(new Seed(1)).x())).containsExactly(2.5);
      assertThat(Tensors.toArray(moved.start(new Seed(1)).y())).containsExactly(-1);
    }
  }

  // ---- the game ------------------------------------------------------------------------------

  /** A whole batch is the mean of its rank-one terms. */
  @ParameterizedTest
  @ValueSource(strings = {"well-posed", "paper"})
  void matricesAreMeansOfRankOneTerms(String generator) {
    Map<String, Object> options = Map.of("d", 6, "r", 3, "n", 20, "generator", generator);
    try (var whole = open("pl-game", options)) {
      Start start = whole.start(new Seed(1));
      Metrics metrics = whole.evaluate(start.x(), start.y());
      double upper = 0;
      double lower = 0;
      for (int i = 0; i < 20; i++) {
        upper += loss(whole, start, new Shard(i, 20), true) / 20;
        lower += loss(whole, start, new Shard(i, 20), false) / 20;
      }
      assertThat(upper).isCloseTo(metrics.get("upperLoss"), within(1e-12));
      assertThat(lower).isCloseTo(metrics.get("lowerLoss"), within(1e-12));
    }
  }

  private static <B> double loss(BilevelProblem<B> p, Start at, Shard shard, boolean isUpper) {
    var draw = new Seed(9);
    return Tensors.item(
        isUpper
            ? p.upperLoss(at.x(), at.y(), p.upperBatch(draw, shard))
            : p.lowerLoss(at.x(), at.y(), p.lowerBatch(draw, shard)));
  }

  /**
   * Descent in y finds a lower solution; the part of y in the null space of Q stays and changes
   * neither loss; all lower solutions give the value function.
   */
  @Test
  void theWellPosedGameHasALowerSolution() {
    try (var problem = open("pl-game", Map.of("d", 8, "r", 4, "n", 60))) {
      Start start = problem.start(new Seed(1));
      Tensor y = start.y();
      var lower = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL).lower();
      for (int i = 0; i < 600; i++) {
        y = Tensors.axpy(y, -.5, lower.gradientY(start.x(), y));
      }
      Metrics metrics = problem.evaluate(start.x(), y);
      assertThat(metrics.get("lowerDistance")).isCloseTo(0, within(1e-9));
      assertThat(metrics.get("upperLoss")).isCloseTo(metrics.get("valueFunction"), within(1e-9));
      assertThat(Tensors.item(Tensors.norm(y))).isGreaterThan(.3); // the null part stayed
      assertThat(problem.evaluate(start.x(), start.y()).get("lowerDistance")).isGreaterThan(.1);
    }
  }

  /** About one draw of these sizes in a hundred would be unbounded below. */
  @Test
  void noDrawOfTheWellPosedGameIsRefused() {
    for (int seed = 0; seed < 300; seed++) {
      var options = Map.of("d", 4, "r", 2, "n", 8, "coupling", .1);
      Problems.create("pl-game", options).open(new Seed(seed), Device.CPU64).close();
    }
  }

  /** {@code R₂ᵀx} leaves the range of Q: the gradient of g in y vanishes nowhere. */
  @Test
  void theGameOfThePaperIsUnboundedBelow() {
    try (var problem = open("pl-game", Map.of("d", 8, "r", 4, "n", 60, "generator", "paper"))) {
      Start start = problem.start(new Seed(1));
      Tensor y = start.y();
      var lower = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL).lower();
      for (int i = 0; i < 300; i++) {
        y = Tensors.axpy(y, -.5, lower.gradientY(start.x(), y));
      }
      double before = problem.evaluate(start.x(), y).get("lowerLoss");
      for (int i = 0; i < 300; i++) {
        y = Tensors.axpy(y, -.5, lower.gradientY(start.x(), y));
      }
      assertThat(problem.evaluate(start.x(), y).get("lowerLoss")).isLessThan(before - .01);
    }
  }

  /** Half the trace of P is the mean upper loss at random x, and lies within r [mu, L] / 2. */
  @Test
  void variancesLieBetweenTheirBounds() {
    try (var problem =
        open("pl-game", Map.of("d", 10, "r", 5, "n", 4000, "mu", .5, "L", .6, "coupling", 0))) {
      double trace = 0;
      for (int i = 0; i < 10; i++) {
        double[] e = new double[10];
        e[i] = 1;
        Tensor unit = Tensors.of(Device.CPU64, e);
        trace += 2 * problem.evaluate(unit, unit).get("upperLoss");
      }
      assertThat(trace).isBetween(5 * .5 - .1, 5 * .6 + .1);
    }
  }

  @Test
  void theStartHasItsVariance() {
    try (var problem = open("pl-game", Map.of("d", 600, "r", 1, "n", 1, "startVariance", 4))) {
      Start start = problem.start(new Seed(1));
      assertThat(Tensors.item(Tensors.norm(start.x())) / Math.sqrt(600)).isCloseTo(2, within(.2));
      assertThat(Tensors.item(Tensors.norm(start.y())) / Math.sqrt(600)).isCloseTo(2, within(.2));
      assertThat(Tensors.item(start.x().dot(start.y())) / 600).isCloseTo(0, within(.4));
    }
  }

  // ---- the finite sum ------------------------------------------------------------------------

  /** A minimisation of f(x, y*(x)) by gradients alone ends where the closed form says. */
  @Test
  void theOptimumOfTheSumIsKnown() {
    try (var problem = open("quadratic-sum", Map.of("d", 5, "p", 4, "n", 30, "batch", 0))) {
      var oracle = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL);
      Start start = problem.start(new Seed(1));
      assertThat(Tensors.toArray(start.x())).containsOnly(-2);
      assertThat(Tensors.toArray(start.y())).containsOnly(0);
      Tensor x = start.x();
      Tensor y = start.y();
      Tensor z = Tensors.zerosLike(y);
      double first = problem.evaluate(x, y).get("optimalityGap");
      for (int i = 0; i < 2000; i++) {
        var f = oracle.upper().gradient(x, y);
        var g = oracle.lower().linearize(x, y);
        var products = g.products(z);
        Tensor nextY = Tensors.axpy(y, -.8, g.gradY());
        z = Tensors.axpy(z, -.8, products.hessian().sub(f.y()));
        x = Tensors.axpy(x, -.3, f.x().sub(products.cross()));
        y = nextY;
      }
      Metrics metrics = problem.evaluate(x, y);
      assertThat(first).isGreaterThan(.01);
      assertThat(metrics.get("optimalityGap")).isCloseTo(0, within(1e-12));
      assertThat(metrics.get("upperDistance")).isCloseTo(0, within(1e-9));
      assertThat(metrics.get("lowerDistance")).isCloseTo(0, within(1e-9));
      assertThat(metrics.get("hypergradientNorm")).isCloseTo(0, within(1e-9));
      double optimum = metrics.get("valueFunction");
      assertThat(problem.evaluate(start.x(), y).get("valueFunction") - optimum)
          .isCloseTo(first, within(1e-9));
    }
  }

  @Test
  void theMeanOfTheSumHasItsSpectrum() {
    int p = 6;
    var options = Map.of("d", 3, "p", p, "n", 20, "mu", .2, "L", 5, "coupling", .3, "batch", 0);
    try (var problem = open("quadratic-sum", options)) {
      Tensor zero = Tensors.zeros(Device.CPU64, 3);
      var oracle = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL);
      var g = oracle.lower().linearize(zero, Tensors.zeros(Device.CPU64, p));
      double trace = 0;
      double squares = 0;
      double cross = 0;
      for (int i = 0; i < p; i++) {
        double[] e = new double[p];
        e[i] = 1;
        double[] column = Tensors.toArray(g.hessianVector(Tensors.of(Device.CPU64, e)));
        double[] crossColumn = Tensors.toArray(g.crossVector(Tensors.of(Device.CPU64, e)));
        trace += column[i];
        squares += Dense.dot(column, column);
        cross += Dense.dot(crossColumn, crossColumn);
      }
      double expectedTrace = 0;
      double expectedSquares = 0;
      for (int i = 0; i < p; i++) {
        double eigenvalue = .2 * Math.pow(25, i / 5.0);
        expectedTrace += eigenvalue;
        expectedSquares += eigenvalue * eigenvalue;
      }
      assertThat(trace).isCloseTo(expectedTrace, within(1e-10));
      assertThat(squares).isCloseTo(expectedSquares, within(1e-10));
      assertThat(cross).isCloseTo(.04 + .06 + .09, within(1e-10)); // .2, √.06, .3
      assertThat(problem.stepsPerEpoch()).isEqualTo(1);
    }
  }
}
