package org.stackel.cleaning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Seed;

class LabelNoiseTest {
  private static final int CLASSES = 7;
  private static final int[] LABELS = IntStream.range(0, 10_000).map(i -> i % CLASSES).toArray();

  @ParameterizedTest
  @EnumSource(names = {"UNIFORM", "PAIR"})
  void hitsItsShare(LabelNoise noise) {
    for (double rate : new double[] {0, 0.2, 0.4, 1}) {
      int[] noisy = noise.apply(LABELS, CLASSES, rate, new Seed(3));
      // four standard deviations of a binomial share of 10,000
      assertThat(changed(noisy) / 10_000.0).isBetween(rate - 0.02, rate + 0.02);
    }
    assertThat(changed(noise.apply(LABELS, CLASSES, 0, new Seed(3)))).isZero();
    assertThat(changed(noise.apply(LABELS, CLASSES, 1, new Seed(3)))).isEqualTo(10_000);
  }

  @Test
  void uniformTakesEveryOtherClass() {
    int[] noisy = LabelNoise.UNIFORM.apply(LABELS, CLASSES, 1, new Seed(5));
    int[] shifts = new int[CLASSES];
    for (int i = 0; i < LABELS.length; i++) {
      assertThat(noisy[i]).isBetween(0, CLASSES - 1);
      shifts[(noisy[i] - LABELS[i] + CLASSES) % CLASSES]++;
    }
    assertThat(shifts[0]).isZero();
    for (int shift = 1; shift < CLASSES; shift++) {
      assertThat(shifts[shift]).isBetween(1500, 1830); // 1667 ± 4.4 standard deviations
    }
  }

  @Test
  void pairTakesTheNextClass() {
    int[] noisy = LabelNoise.PAIR.apply(LABELS, CLASSES, 0.4, new Seed(5));
    for (int i = 0; i < LABELS.length; i++) {
      assertThat(noisy[i]).isIn(LABELS[i], (LABELS[i] + 1) % CLASSES);
    }
  }

  @Test
  void isAFunctionOfSeedAndPosition() {
    int[] labels = LABELS.clone();
    int[] noisy = LabelNoise.UNIFORM.apply(labels, CLASSES, 0.4, new Seed(9));
    assertThat(labels).isEqualTo(LABELS);
    assertThat(LabelNoise.UNIFORM.apply(labels, CLASSES, 0.4, new Seed(9))).isEqualTo(noisy);
    assertThat(LabelNoise.UNIFORM.apply(labels, CLASSES, 0.4, new Seed(10))).isNotEqualTo(noisy);
    int[] start = java.util.Arrays.copyOf(labels, 50);
    assertThat(noisy).startsWith(LabelNoise.UNIFORM.apply(start, CLASSES, 0.4, new Seed(9)));
    int[] pair = LabelNoise.PAIR.apply(labels, CLASSES, 0.4, new Seed(9));
    for (int i = 0; i < labels.length; i++) {
      assertThat(pair[i] == labels[i]).isEqualTo(noisy[i] == labels[i]);
    }
  }

  @Test
  void noneKeepsAll() {
    assertThat(LabelNoise.NONE.apply(LABELS, CLASSES, 0.4, new Seed(1))).isEqualTo(LABELS);
  }

  @Test
  void refusesOtherRatesAndASingleClass() {
    for (double rate : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> LabelNoise.PAIR.apply(LABELS, CLASSES, rate, new Seed(1)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("The rate (" + rate + ") of label noise must be");
    }
    assertThatThrownBy(() -> LabelNoise.UNIFORM.apply(new int[3], 1, 0.4, new Seed(1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("classes (1)");
  }

  private static int changed(int[] noisy) {
    return (int) IntStream.range(0, noisy.length).filter(i -> noisy[i] != LABELS[i]).count();
  }
}
