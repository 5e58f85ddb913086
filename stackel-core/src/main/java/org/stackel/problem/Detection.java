package org.stackel.problem;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** How well scores separate two groups. */
public final class Detection {
  private Detection() {}

  /**
   * Area under the ROC curve: the probability that a positive scores higher than a negative, ties
   * counting one half (Mann–Whitney). NaN if a group is empty.
   */
  public static double auroc(double[] scores, boolean[] positive) {
    Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
    double ranks = 0;
    long positives = 0;
    for (int i = 0; i < order.length; ) {
      int j = i;
      while (j < order.length && scores[order[j]] == scores[order[i]]) {
        j++;
      }
      double rank = (i + 1 + j) / 2.0;
      for (; i < j; i++) {
        if (positive[order[i]]) {
          ranks += rank;
          positives++;
        }
      }
    }
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
