package org.stackel.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.config.InvalidInputException;
import org.stackel.problem.Dense;
import org.stackel.tensor.Seed;

class LanczosTest {
  private static double[] diagonal(int n) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = -0.5 + 3.5 * i / (n - 1);
    }
    return values;
  }

  private static double[] times(double[] diagonal, double[] v) {
    double[] product = v.clone();
    for (int i = 0; i < v.length; i++) {
      product[i] *= diagonal[i];
    }
    return product;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 29})
  void asManyStepsAsNumbersAreExact(int n) {
    double[] values = n == 1 ? new double[] {2} : diagonal(n);
    Lanczos.Spectrum found =
        new Lanczos(n).spectrum(v -> times(values, v), Dense.random(new Seed(3), n));
    assertThat(found.smallest()).isCloseTo(values[0], within(1e-10));
    assertThat(found.largest()).isCloseTo(values[n - 1], within(1e-10));
    assertThat(found.smallestError()).isLessThan(1e-8);
  }

  /** Values lie inside the spectrum, and within their error of an eigenvalue. */
  @Test
  void fewStepsAreWithinTheirError() {
    double[] values = diagonal(400);
    Lanczos.Spectrum found =
        new Lanczos(30).spectrum(v -> times(values, v), Dense.random(new Seed(4), 400));
    assertThat(found.basis()).hasSize(30);
    assertThat(found.smallest()).isBetween(values[0], values[0] + 0.02);
    assertThat(found.largest()).isBetween(values[399] - 0.02, values[399]);
    double nearest = Double.POSITIVE_INFINITY;
    for (double value : values) {
      nearest = Math.min(nearest, Math.abs(value - found.smallest()));
    }
    assertThat(nearest).isLessThanOrEqualTo(found.smallestError() + 1e-12);
  }

  @Test
  void basisIsOrthonormal() {
    double[] values = diagonal(60);
    var basis =
        new Lanczos(40).spectrum(v -> times(values, v), Dense.random(new Seed(5), 60)).basis();
    for (int i = 0; i < basis.size(); i++) {
      for (int j = 0; j <= i; j++) {
        assertThat(Dense.dot(basis.get(i), basis.get(j))).isCloseTo(i == j ? 1 : 0, within(1e-12));
      }
    }
  }

  /** Three different eigenvalues are found in three steps, whatever the size. */
  @Test
  void stopsWhenNothingIsLeft() {
    Lanczos.Spectrum found =
        new Lanczos(30)
            .spectrum(
                v -> {
                  double[] product = v.clone();
                  for (int i = 0; i < v.length; i++) {
                    product[i] *= i % 3 + 1;
                  }
                  return product;
                },
                Dense.random(new Seed(6), 90));
    assertThat(found.basis()).hasSize(3);
    assertThat(found.smallest()).isCloseTo(1, within(1e-12));
    assertThat(found.largest()).isCloseTo(3, within(1e-12));
  }

  @Test
  void noStepsAreRefused() {
    assertThatThrownBy(() -> new Lanczos(0)).isInstanceOf(InvalidInputException.class);
  }
}
