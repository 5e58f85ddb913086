package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.hypergradient.ConjugateGradient;
import org.stackel.optim.Adam;
import org.stackel.optim.Directions;
import org.stackel.optim.Schedule;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.LossPair;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Lower level {@code (y - x)²/2}, so that {@code y* = x}, under upper levels whose smoothness has
 * no bound: {@code x⁴/4 + sin y} and {@code 2 cosh x + cos y}.
 */
class UnboundedSmoothnessTest {
  private static final double MINIMISER = -.8654740331;
  private StateScope scope;

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static LossPair toy(double x0, LossPair.Loss upper) {
    return new LossPair(
        new double[] {x0},
        new double[] {x0},
        upper,
        (x, y) -> Tensors.scale(.5, y.sub(x).dot(y.sub(x))));
  }

  private static LossPair quartic(double x0) {
    return toy(x0, (x, y) -> Tensors.scale(.25, x.pow(new Scalar(4.0)).sum()).add(y.sin().sum()));
  }

  private static LossPair cosh(double x0) {
    return toy(x0, (x, y) -> Tensors.scale(2, x.cosh().sum()).add(y.cos().sum()));
  }

  private static Tensor number(double x) {
    return Tensors.of(Device.CPU64, x);
  }

  /** {@code ∇Φ(x)}. */
  private static Tensor slope(LossPair problem, Tensor x) {
    var oracle = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL);
    return new ConjugateGradient(3, 1e-14, 0).sample(oracle).at(x, x.clone()).direction();
  }

  private static double slopeAt(LossPair problem, double x) {
    return Tensors.item(slope(problem, number(x)));
  }

  private static double valueAt(LossPair problem, double x) {
    return problem.evaluate(number(x), number(x)).get("upperLoss");
  }

  @Test
  void slopesAndValuesAreTheClosedForms() {
    var quartic = quartic(0);
    assertThat(slopeAt(quartic, 1.5)).isCloseTo(3.4457372017, within(1e-9));
    assertThat(slopeAt(quartic, 2)).isCloseTo(7.5838531635, within(1e-9));
    assertThat(slopeAt(quartic, MINIMISER)).isCloseTo(0, within(1e-9));
    assertThat(valueAt(quartic, MINIMISER)).isCloseTo(-.6211354389, within(1e-9));
    var cosh = cosh(0);
    assertThat(slopeAt(cosh, 1)).isCloseTo(1.5089314025, within(1e-9));
    assertThat(valueAt(cosh, 1)).isCloseTo(3.6264635755, within(1e-9));
    assertThat(slopeAt(cosh, 0)).isZero();
    assertThat(valueAt(cosh, 0)).isEqualTo(3);
  }

  /** The largest {@code |F''| - L₁ |F'|} on a fine grid, F the part of f in x. */
  private static double smoothness(LossPair problem, double most) {
    var oracle = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL).upper();
    double h = 1e-4;
    double largest = Double.NEGATIVE_INFINITY;
    double[] slopes = new double[801];
    for (int i = 0; i < slopes.length; i++) {
      slopes[i] = Tensors.item(oracle.gradient(number((i - 400) / 100.0), number(0)).x());
      double next = Tensors.item(oracle.gradient(number((i - 400) / 100.0 + h), number(0)).x());
      double last = Tensors.item(oracle.gradient(number((i - 400) / 100.0 - h), number(0)).x());
      largest = Math.max(largest, Math.abs(next - last) / (2 * h) - most * Math.abs(slopes[i]));
    }
    return largest;
  }

  /**
   * x⁴/4 is (4/L₁², L₁)-smooth for every L₁, and neither constant can be less; 2 cosh is (2, 1).
   */
  @Test
  void bothTowersAreSmoothInTheRelaxedSense() {
    assertThat(smoothness(quartic(0), 1)).isCloseTo(4, within(1e-4));
    assertThat(smoothness(quartic(0), 2)).isCloseTo(1, within(1e-4));
    assertThat(smoothness(quartic(0), 3)).isCloseTo(4.0 / 9, within(1e-3));
    assertThat(smoothness(cosh(0), 1)).isCloseTo(2, within(1e-4));
  }

  @Test
  void gradientDescentDiverges() {
    Tensor x = number(10);
    x = Tensors.axpy(x, -.1, slope(quartic(0), x));
    assertThat(Tensors.item(x)).isCloseTo(-89.9160928, within(1e-6));
    x = Tensors.axpy(x, -.1, slope(quartic(0), x));
    assertThat(Tensors.item(x)).isCloseTo(72606.41671, within(1e-4));
  }

  @Test
  void normalisedMomentumFindsTheMinimiserAndStays() {
    var problem = quartic(0);
    Tensor x = number(10);
    Tensor m = number(0);
    for (int t = 0; t < 400; t++) {
      m = Directions.average(.9, m, slope(problem, x));
      x = Directions.normalizedStep(x, m, .05);
    }
    assertThat(Tensors.item(x)).isCloseTo(-.80, within(1e-9));
    for (int t = 0; t < 100; t++) {
      m = Directions.average(.9, m, slope(problem, x));
      x = Directions.normalizedStep(x, m, .05);
      assertThat(Tensors.item(x)).isCloseTo(MINIMISER, within(2.5 * .05));
    }
  }

  @Test
  void adamFollowsItsSequence() {
    var problem = cosh(0);
    var adam = new Adam(.9, .999, 1e-8);
    Tensor x = number(5);
    Adam.Moments moments = Adam.Moments.zero(x);
    Map<Integer, Double> expected =
        Map.of(1, 4.9, 2, 4.8003804393, 10, 4.0439695160, 400, .2291655035);
    for (int t = 1; t <= 400; t++) {
      moments = adam.update(moments, slope(problem, x));
      x = adam.step(x, moments, t, .1);
      if (expected.containsKey(t)) {
        assertThat(Tensors.item(x)).as("t = %d", t).isCloseTo(expected.get(t), within(1e-8));
      }
    }
  }

  /** y follows x one step behind; the algorithms still find the minimiser of both toys. */
  @ParameterizedTest
  @ValueSource(strings = {"slip", "bo-rep"})
  void normalisedAlgorithmsFindTheMinimiser(String name) {
    var options = new HashMap<String, Object>();
    options.put("upperLr", .05);
    options.put("lowerLr", .9);
    options.put("linearSystemLr", .9);
    for (LossPair problem : new LossPair[] {quartic(10), cosh(10)}) {
      double minimiser =
          problem.evaluate(number(0), number(0)).get("upperLoss") > 1 ? 0 : MINIMISER;
      try (var run =
          Runs.start(Algorithms.create(name, options), problem, new Seed(1)).steps(400)) {
        assertThat(Tensors.item(run.state().x())).isCloseTo(minimiser, within(.25));
        for (int t = 0; t < 50; t++) {
          double before = Tensors.item(run.state().x());
          run.steps(1);
          double after = Tensors.item(run.state().x());
          assertThat(Math.abs(after - before)).isCloseTo(.05, within(1e-12));
          assertThat(after).isCloseTo(minimiser, within(.25));
        }
      }
    }
  }

  /** Plain descent contracts by |1 - lr · curvature|: here by .8. */
  @ParameterizedTest
  @CsvSource({".1, .8", ".5, 0", ".9, -.8"})
  void lowerStepsContract(double lr, double factor) {
    var problem =
        new LossPair(new double[] {0}, new double[] {1}, (x, y) -> x.sum(), (x, y) -> y.dot(y));
    var oracle = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL);
    for (int steps = 0; steps < 5; steps++) {
      Tensor y = LowerSteps.descend(number(0), number(1), steps, Schedule.constant(lr), oracle);
      assertThat(Tensors.item(y)).isCloseTo(Math.pow(factor, steps), within(1e-14));
    }
  }
}
