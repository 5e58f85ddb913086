package org.stackel.problem;

import java.util.Arrays;
import java.util.stream.IntStream;

/** How well scores separate two groups. */
public final class Detection {
  private Detection() {}

  /**
   * Area under the ROC curve: the probability that a positive scores higher than a negative, ties
   * counting one half (Mann–Whitney). NaN if a group is empty or a score is NaN.
   */
  public static double auroc(double[] scores, boolean[] positive) {
    double[] all = scores.clone();
    Arrays.sort(all);
    if (all.length > 0 && Double.isNaN(all[all.length - 1])) {
      return Double.NaN;
    }
    double[] chosen =
        IntStream.range(0, scores.length)
            .filter(i -> positive[i])
            .mapToDouble(i -> scores[i])
            .sorted()
            .toArray();
    double ranks = 0;
    int from = 0;
    int to = 0;
    for (double score : chosen) {
      while (all[from] < score) {
        from++;
      }
      while (to < all.length && all[to] <= score) {
        to++;
      }
      ranks += (from + 1 + to) / 2.0;
    }
    long positives = chosen.length;
    long negatives = scores.length - positives;
    return (ranks - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
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
