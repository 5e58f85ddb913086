package org.stackel.problem;

import java.util.Arrays;

/** How well scores separate two groups. */
public final class Detection {
  private Detection() {}

  /**
   * Area under the ROC curve: the probability that a positive scores higher than a negative, ties
   * counting one half (Mann–Whitney). NaN if a group is empty or a score is NaN.
   */
  public static double auroc(double[] scores, boolean[] positive) {
    double[] positives = sorted(scores, positive, true);
    double[] negatives = sorted(scores, positive, false);
    if (hasNaN(positives) || hasNaN(negatives)) {
      return Double.NaN;
    }
    double lower = 0;
    int from = 0;
    int to = 0;
    for (double score : positives) {
      while (from < negatives.length && negatives[from] < score) {
        from++;
      }
      while (to < negatives.length && negatives[to] <= score) {
        to++;
      }
      lower += (from + to) / 2.0;
    }
    return lower / ((double) positives.length * negatives.length);
  }

  private static double[] sorted(double[] scores, boolean[] positive, boolean isPositive) {
    double[] chosen = new double[scores.length];
    int count = 0;
    for (int i = 0; i < scores.length; i++) {
      if (positive[i] == isPositive) {
        chosen[count++] = scores[i];
      }
    }
    Arrays.sort(chosen, 0, count);
    return Arrays.copyOf(chosen, count);
  }

  private static boolean hasNaN(double[] sorted) {
    return sorted.length > 0 && Double.isNaN(sorted[sorted.length - 1]); // sorted behind all others
  }

  /** F1 of a decision: {@code 2 TP / (2 TP + FP + FN)}. NaN if nothing is positive. */
  public static double f1(boolean[] decided, boolean[] positive) {
    int hits = 0;
    int errors = 0;
    for (int i = 0; i < decided.length; i++) {
      if (decided[i] && positive[i]) {
        hits++;
      } else if (decided[i] != positive[i]) {
        errors++;
      }
    }
    return 2.0 * hits / (2.0 * hits + errors);
  }
}
