package org.stackel.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class UpperScaleTest {
  private StateScope scope;

  @BeforeEach
  void openScope() {
    scope = StateScope.open();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  private static Tensor vector(double... numbers) {
    return Tensors.of(Device.CPU64, numbers, numbers.length);
  }

  /** {@code Φ = ½ (x₁² + 4 x₂² - 9 x₃²)}: the curvature counts, not its sign. */
  @Test
  void slopeAndCurvatureOfAQuadraticAreExact() {
    UpperScale phi = UpperScale.at(vector(1, 4, -9)::mul, vector(1, 1, 1));
    assertThat(phi.slope()).isCloseTo(Math.sqrt(1 + 16 + 81), within(1e-12));
    assertThat(phi.curvature()).isCloseTo(9, within(1e-6));
    assertThat(phi.curvedBy(2).curvature()).isCloseTo(18, within(1e-6));
    assertThat(UpperScale.at(vector(1, 4, -9)::mul, vector(0, 0, 0)).curvature())
        .as("at a stationary point too")
        .isCloseTo(9, within(1e-6));
  }

  @Test
  void whatIsNotFiniteIsUnknown() {
    UpperScale none = UpperScale.at(x -> x.mul(new Scalar(Double.NaN)), vector(1, 1));
    assertThat(none).isEqualTo(UpperScale.UNKNOWN);
    Scales scales = Scales.smooth(2, 4, 0, none, 1, 2, 100, false);
    assertThat(scales.upperLr(UpperStep.PLAIN).at(0)).isEqualTo(0.05);
  }

  /** The losses have a curvature of 5 in all four; Φ is flatter, and plain steps are longer. */
  @ParameterizedTest
  @CsvSource({
    "0.03, 0.01, false, 10", // the first step is 3/√100 long
    "0.03, 0.2, false, 5", // 1 / curvature
    "0.03, 0.2, true, 5",
    "0.03, 0.001, true, 10", // a tenth of the travel
  })
  void plainStepsFollowFromPhi(double slope, double curvature, boolean isWhole, double lr) {
    var phi = new UpperScale(slope, curvature);
    Scales scales = Scales.smooth(5, 5, 0, phi, 3, 20, 100, isWhole);
    assertThat(scales.upperLr(UpperStep.PLAIN).at(0)).isCloseTo(lr, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"1, 0.1", "8, 0.3333333333333333", "1, 0.5", "1, 0.7"})
  void fallingStepsAreAsLongTogether(double offset, double exponent) {
    long steps = 1000;
    Scales scales = Scales.smooth(5, 5, 0, new UpperScale(0.03, 1e-4), 3, 20, steps, false);
    double lr = scales.fallingUpperLr(offset, exponent);
    double sum = 0;
    for (long t = 0; t < steps; t++) {
      sum += lr * Math.pow(offset + t, -exponent);
    }
    double usual = scales.upperLr(UpperStep.PLAIN).at(0) * steps;
    double first = lr * Math.pow(offset, -exponent);
    if (first < 0.95 * scales.upperLimit()) {
      assertThat(sum).isBetween(0.95 * usual, 1.05 * usual);
    } else {
      assertThat(sum).isLessThan(1.05 * usual);
      assertThat(first).isLessThan(1.05 * scales.upperLimit());
    }
  }

  /** Every smooth problem states it, in a time that no run notices. */
  @ParameterizedTest
  @CsvSource({"logistic-hpo", "quadratic-sum", "pl-game", "matrix-sensing", "toy"})
  void smoothProblemsKnowTheirs(String name) {
    try (var problem = Problems.create(name, Map.of()).open(new Seed(0), Device.CPU64)) {
      Scales scales = Objects.requireNonNull(problem.scales(1000));
      assertThat(scales.structure()).isEqualTo(Scales.Structure.SMOOTH);
      assertThat(scales.upperLimit()).isFinite().isPositive();
      assertThat(scales.upperLr(UpperStep.PLAIN).at(0))
          .isPositive()
          .isLessThanOrEqualTo(scales.upperLimit());
    }
  }
}
