package org.stackel.runfile;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricDirectionTest {
  @ParameterizedTest
  @CsvSource({
    "testAccuracy, HIGHER",
    "auroc, HIGHER",
    "testAUC, HIGHER",
    "upperLoss, LOWER",
    "hypergradientNorm, LOWER",
    "valueFunction, LOWER",
    "lambdaSd,",
    "accuracyOfSomething,",
  })
  void followsFromTheEndOfTheName(String metric, MetricDirection direction) {
    assertThat(MetricDirection.of(metric)).isEqualTo(direction);
  }

  @Test
  void prefersTheBetterValue() {
    assertThat(MetricDirection.HIGHER.prefers(2, 1)).isTrue();
    assertThat(MetricDirection.LOWER.prefers(2, 1)).isFalse();
    assertThat(MetricDirection.LOWER.prefers(Double.NaN, 1)).isFalse();
    assertThat(MetricDirection.HIGHER.prefers(1, 1)).isFalse();
  }
}
