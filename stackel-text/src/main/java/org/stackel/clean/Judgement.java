package org.stackel.clean;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is known about labels that may be wrong.
 *
 * @param suspicion probability that each label is wrong
 * @param beliefs probabilities of the right class of each row, masses of one
 * @param lambda of bilevel cleaning; null without it
 * @param trustedMargin margin of each label by a model of the trusted rows alone
 * @param confident which labels confident learning finds wrong
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Judgement(
    double[] suspicion,
    Targets beliefs,
    double @Nullable [] lambda,
    double[] trustedMargin,
    boolean[] confident) {
  /** The one meaning of "suspected". */
  static final double SUSPECTED = 0.5;

  /** The likeliest class but the label's; -1 if nothing is known of another. */
  int suggested(int row, int label) {
    int best = -1;
    float most = 0;
    for (int e = beliefs.offsets()[row]; e < beliefs.offsets()[row + 1]; e++) {
      if (beliefs.classes()[e] != label && beliefs.mass()[e] > most) {
        most = beliefs.mass()[e];
        best = beliefs.classes()[e];
      }
    }
    return best;
  }

  /** The probability that the suggested class is right. */
  double probability(int row, int label) {
    double others = 0;
    double most = 0;
    for (int e = beliefs.offsets()[row]; e < beliefs.offsets()[row + 1]; e++) {
      if (beliefs.classes()[e] != label) {
        others += beliefs.mass()[e];
        most = Math.max(most, beliefs.mass()[e]);
      }
    }
    return others == 0 ? 0 : suspicion[row] * most / others;
  }

  /**
   * What a model is trained towards.
   *
   * @param labels labels as given
   */
  Targets targets(Remedy remedy, int[] labels, double wrongShare) {
    int n = labels.length;
    float[] weights = new float[n];
    Arrays.fill(weights, 1);
    switch (remedy) {
      case PLAIN, PLAIN_AND_TRUSTED -> {}
      case TRUSTED_ONLY -> Arrays.fill(weights, 0);
      case CONFIDENT_LEARNING -> {
        for (int i = 0; i < n; i++) {
          weights[i] = confident[i] ? 0 : 1;
        }
      }
      case PRUNING -> {
        double[] sorted = trustedMargin.clone();
        Arrays.sort(sorted);
        int kept = (int) Math.max(1, Math.min(n, Math.round((1 - wrongShare) * n)));
        double limit = sorted[kept - 1];
        for (int i = 0; i < n; i++) {
          weights[i] = trustedMargin[i] <= limit ? 1 : 0;
        }
      }
      case WEIGHTS -> {
        for (int i = 0; i < n && lambda != null; i++) {
          weights[i] = (float) (1 / (1 + Math.exp(-lambda[i])));
        }
      }
      case DROP -> {
        for (int i = 0; i < n; i++) {
          weights[i] = suspicion[i] > SUSPECTED ? 0 : 1;
        }
      }
      case WEIGHT -> {
        for (int i = 0; i < n; i++) {
          weights[i] = (float) (1 - suspicion[i]);
        }
      }
      case CORRECT -> {
        return Targets.of(corrected(labels), weights);
      }
      case SPREAD -> {
        return spread(labels);
      }
    }
    return Targets.of(labels, weights);
  }

  private int[] corrected(int[] labels) {
    int[] corrected = labels.clone();
    for (int i = 0; i < labels.length; i++) {
      int other = suspicion[i] > SUSPECTED ? suggested(i, labels[i]) : -1;
      corrected[i] = other < 0 ? labels[i] : other;
    }
    return corrected;
  }

  private Targets spread(int[] labels) {
    int n = labels.length;
    int[] offsets = new int[n + 1];
    int[] classes = new int[beliefs.classes().length + n];
    float[] mass = new float[classes.length];
    int next = 0;
    for (int i = 0; i < n; i++) {
      int from = beliefs.offsets()[i];
      int to = beliefs.offsets()[i + 1];
      double others = 0;
      for (int e = from; e < to; e++) {
        others += beliefs.classes()[e] == labels[i] ? 0 : beliefs.mass()[e];
      }
      classes[next] = labels[i];
      mass[next++] = others == 0 ? 1 : (float) (1 - suspicion[i]);
      for (int e = from; e < to; e++) {
        if (beliefs.classes()[e] != labels[i]) {
          classes[next] = beliefs.classes()[e];
          mass[next++] = (float) (suspicion[i] * beliefs.mass()[e] / others);
        }
      }
      offsets[i + 1] = next;
    }
    return new Targets(offsets, Arrays.copyOf(classes, next), Arrays.copyOf(mass, next));
  }
}
