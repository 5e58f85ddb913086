package org.stackel.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.problem.Dense;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Lengths of steps, projections, averages, Adam. */
class UpdateRuleTest {
  private StateScope scope;

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor vector(double... numbers) {
    return Tensors.of(Device.CPU64, numbers);
  }

  static Stream<Seed> seeds() {
    return Stream.of(new Seed(1), new Seed(2), new Seed(3));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aNormalizedStepIsExactlyAsLongAsTheStepSize(Seed seed) {
    double[] x = Dense.random(seed.child("x"), 13);
    double[] m = Dense.random(seed.child("m"), 13);
    double[] moved = Tensors.toArray(Directions.normalizedStep(vector(x), vector(m), 0.05));
    double[] step = Dense.plus(moved, -1, x);
    assertThat(Dense.norm(step)).isCloseTo(0.05, within(1e-15));
    assertThat(Dense.dot(step, m)).isCloseTo(-0.05 * Dense.norm(m), within(1e-14));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 1e-150, 1e150, 1e300, -1})
  void theLengthOfTheMomentumDoesNotMatter(double m) {
    Tensor moved = Directions.normalizedStep(vector(2), vector(m), 0.5);
    assertThat(Tensors.item(moved)).isEqualTo(2 - 0.5 * Math.signum(m));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-40, 1e-25, 1e20, 1e37})
  void norDoesItInSinglePrecision(double m) {
    Tensor moved =
        Directions.normalizedStep(
            Tensors.of(Device.CPU, 0, 0), Tensors.of(Device.CPU, 3 * m, -4 * m), 0.5);
    assertThat(Tensors.toArray(moved)).containsExactly(new double[] {-0.3, 0.4}, within(1e-5));
  }

  @Test
  void withoutMomentumNothingMoves() {
    Tensor x = vector(1.0 / 3, -2);
    Tensor stays = Directions.normalizedStep(x, vector(0, 0), 0.05);
    assertThat(Tensors.toArray(stays)).containsExactly(1.0 / 3, -2);
  }

  @Test
  void inPartsEveryPartMovesAsFarUnlessItHasNoMomentum() {
    Layout layout = Layout.EMPTY.with("a", 1, 2).with("b", 2).with("c", 1);
    Tensor moved =
        Directions.normalizedStep(vector(1, 1, 1, 1, 1), vector(3, 4, 0, 0, -9), .1, layout);
    assertThat(Tensors.toArray(moved))
        .containsExactly(new double[] {.94, .92, 1, 1, 1.1}, within(1e-15));
  }

  @Test
  void thePublishedNormAddsItsEpsilon() {
    Tensor moved =
        Directions.normalizedStep(vector(1, 1), vector(3, 4), vector(5).select(0, 0), 0.1, 5);
    assertThat(Tensors.toArray(moved)).containsExactly(new double[] {0.97, 0.96}, within(1e-15));
  }

  @Test
  void notANumberIsNotHidden() {
    double nan = Double.NaN;
    Tensor x = vector(1, 1);
    Tensor bad = vector(nan, 1);
    assertThat(Tensors.isFinite(Directions.normalizedStep(x, bad, 1))).isFalse();
    assertThat(Tensors.isFinite(Directions.projectBall(bad, x, 1))).isFalse();
    Adam.Moments moments = Adam.DEFAULT.update(Adam.Moments.zero(x), bad);
    assertThat(Tensors.isFinite(Adam.DEFAULT.step(x, moments, 1, 0.1))).isFalse();
  }

  @Test
  void projectsOntoTheBall() {
    Tensor zero = vector(0, 0);
    assertThat(Tensors.toArray(Directions.projectBall(vector(3, 4), zero, 1)))
        .containsExactly(new double[] {0.6, 0.8}, within(1e-15));
    assertThat(Tensors.toArray(Directions.projectBall(vector(4, 6), vector(1, 2), 2.5)))
        .containsExactly(new double[] {2.5, 4}, within(1e-15));
    assertThat(Tensors.toArray(Directions.projectBall(zero, zero, 1))).containsExactly(0, 0);
  }

  @Test
  void aPointInsideTheBallKeepsEveryBit() {
    double[] y = {1.0 / 3, 0.1 + 0.2};
    double[] inside = Tensors.toArray(Directions.projectBall(vector(y), vector(0.7, 0.1), 1));
    assertThat(inside).containsExactly(y);
    double[] edge = Tensors.toArray(Directions.projectBall(vector(3, 4), vector(0, 0), 5));
    assertThat(edge).containsExactly(3, 4);
  }

  @Test
  void averages() {
    Tensor average = Directions.average(0.9, vector(1, 2), vector(11, -8));
    assertThat(Tensors.toArray(average)).containsExactly(new double[] {2, 1}, within(1e-15));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-3, -7, 1e6})
  void adamsFirstStepForgetsTheLengthOfTheGradient(double g) {
    var adam = new Adam(0.9, 0.999, 1e-8);
    Tensor x = vector(1);
    Adam.Moments moments = adam.update(Adam.Moments.zero(x), vector(g));
    double expected = 1 - 0.05 * g / (Math.abs(g) + 1e-8);
    assertThat(Tensors.item(adam.step(x, moments, 1, 0.05))).isCloseTo(expected, within(1e-14));
  }

  @Test
  void adamWithAConstantGradientMovesTheSameEveryTime() {
    var adam = new Adam(0.9, 0.999, 0.5);
    Tensor x = vector(1);
    Adam.Moments moments = Adam.Moments.zero(x);
    for (long t = 1; t <= 50; t++) {
      moments = adam.update(moments, vector(3));
      x = adam.step(x, moments, t, 0.01);
      assertThat(Tensors.item(x)).isCloseTo(1 - t * 0.01 * 3 / 3.5, within(1e-12));
    }
  }

  @Test
  void adamIsItsFormula() {
    var adam = new Adam(0.8, 0.95, 1e-3);
    Tensor x = vector(1, -2);
    Adam.Moments moments = Adam.Moments.zero(x);
    double[] plain = {1, -2};
    double[] first = new double[2];
    double[] second = new double[2];
    for (int t = 1; t <= 7; t++) {
      double[] g = {Math.sin(t), 0.1 * t};
      moments = adam.update(moments, vector(g));
      x = adam.step(x, moments, t, 0.3);
      for (int i = 0; i < 2; i++) {
        first[i] = 0.8 * first[i] + 0.2 * g[i];
        second[i] = 0.95 * second[i] + 0.05 * g[i] * g[i];
        double correctedFirst = first[i] / (1 - Math.pow(0.8, t));
        double correctedSecond = second[i] / (1 - Math.pow(0.95, t));
        plain[i] -= 0.3 * correctedFirst / (Math.sqrt(correctedSecond) + 1e-3);
      }
      assertThat(Tensors.toArray(x)).containsExactly(plain, within(1e-13));
    }
  }

  /** The direction in which nothing happens must not become 0/0. */
  @Test
  void adamLeavesACoordinateWithoutGradientAlone() {
    Tensor x = vector(1, 1);
    Adam.Moments moments = Adam.DEFAULT.update(Adam.Moments.zero(x), vector(0, 1));
    double[] moved = Tensors.toArray(Adam.DEFAULT.step(x, moments, 1, 0.1));
    assertThat(moved).containsExactly(new double[] {1, 0.9}, within(1e-8));
  }
}
