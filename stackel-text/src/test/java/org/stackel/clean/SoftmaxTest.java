package org.stackel.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.stackel.text.SparseRows;

/** Softmax regression on dense and sparse columns. */
class SoftmaxTest {
  /** Three rows, one dense and two sparse columns. */
  private static final FeatureMatrix ROWS =
      new FeatureMatrix(
          3,
          1,
          new float[] {1, -1, 0.5f},
          new SparseRows(2, new int[] {0, 1, 2, 3}, new int[] {0, 1, 1}, new float[] {2, 1, -1}));

  private static final int[] LABELS = {0, 1, 2};

  private static double loss(Softmax model, double l2) {
    float[] p = model.probabilities(ROWS, 1);
    double loss = 0;
    for (int i = 0; i < LABELS.length; i++) {
      loss -= Math.log(p[i * 3 + LABELS[i]]) / 3;
    }
    for (int k = 0; k < 9; k++) {
      loss += l2 / 2 * model.parameters()[k] * model.parameters()[k];
    }
    return loss;
  }

  @Test
  void findsTheMinimum() {
    Softmax best = Softmax.fit(ROWS, Targets.of(LABELS), 3, new Softmax.Fit(0.1, 200, 1e-9), null);
    double least = loss(best, 0.1);
    for (int k = 0; k < best.parameters().length; k++) {
      for (float change : new float[] {-0.02f, 0.02f}) {
        float[] other = best.parameters().clone();
        other[k] += change;
        assertThat(loss(new Softmax(3, 3, other), 0.1)).as("parameter %d", k).isGreaterThan(least);
      }
    }
  }

  @Test
  void rowsWithoutWeightDoNotCount() {
    var how = new Softmax.Fit(0.1, 200, 1e-9);
    Softmax without =
        Softmax.fit(ROWS.take(new int[] {0, 1}), Targets.of(new int[] {0, 1}), 3, how, null);
    Softmax weighted = Softmax.fit(ROWS, Targets.of(LABELS, new float[] {1, 1, 0}), 3, how, null);
    for (int k = 0; k < without.parameters().length; k++) {
      assertThat(weighted.parameters()[k]).isCloseTo(without.parameters()[k], within(2e-3f));
    }
  }

  @Test
  void columnsWithoutAnEntryAreZeroWhateverTheStart() {
    float[] ones = new float[12];
    java.util.Arrays.fill(ones, 1);
    Softmax found =
        Softmax.fit(
            ROWS.take(new int[] {1, 2}),
            Targets.of(new int[] {1, 2}),
            3,
            new Softmax.Fit(0.1, 3, 1e-9),
            new Softmax(3, 3, ones));
    assertThat(java.util.Arrays.copyOfRange(found.parameters(), 3, 6)).containsOnly(0);
    assertThat(found.parameters()[7]).isNotZero();
  }

  @Test
  void aSpreadTargetIsTwoRows() {
    var how = new Softmax.Fit(0.1, 200, 1e-9);
    Targets spread =
        new Targets(new int[] {0, 2, 3}, new int[] {0, 2, 1}, new float[] {0.5f, 0.5f, 1});
    Softmax once = Softmax.fit(ROWS.take(new int[] {0, 1}), spread, 3, how, null);
    Softmax twice =
        Softmax.fit(
            ROWS.take(new int[] {0, 0, 1}),
            Targets.of(new int[] {0, 2, 1}, new float[] {0.5f, 0.5f, 1}),
            3,
            how,
            null);
    for (int k = 0; k < once.parameters().length; k++) {
      assertThat(once.parameters()[k]).isCloseTo(twice.parameters()[k], within(2e-3f));
    }
  }

  @Test
  void exponentialsAreExactToSixDigits() {
    for (float x = 0; x > -30; x -= 0.37f) {
      assertThat(Softmax.exp(x) / Math.exp(x)).isCloseTo(1, within(3e-6));
    }
    assertThat(Softmax.exp(-100)).isZero();
  }

  @Test
  void temperatureUndoesScaling() {
    float[] logits = new float[600];
    int[] labels = new int[200];
    var random = new org.stackel.tensor.Seed(1).generator();
    for (int i = 0; i < labels.length; i++) {
      double[] p = new double[3];
      double sum = 0;
      for (int k = 0; k < 3; k++) {
        logits[i * 3 + k] = (float) (2 * random.nextDouble());
        p[k] = Math.exp(logits[i * 3 + k]);
        sum += p[k];
      }
      double draw = random.nextDouble() * sum;
      labels[i] = draw < p[0] ? 0 : draw < p[0] + p[1] ? 1 : 2;
    }
    double own = Temperature.of(logits, labels, 3);
    float[] sharper = new float[600];
    for (int k = 0; k < 600; k++) {
      sharper[k] = 3 * logits[k];
    }
    assertThat(Temperature.of(sharper, labels, 3) / own).isCloseTo(3, within(0.3));
  }
}
