package org.stackel.cleaning;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Confident learning (Northcutt, Jiang, Chuang, JAIR 2021): which labels are wrong, from
 * out-of-sample probabilities. "Prune by noise rate", the usual filter: for every pair of classes i
 * given, j suspected, as many examples of i as the joint says, those with the largest {@code p_j -
 * p_i}.
 */
final class ConfidentLearning {
  private ConfidentLearning() {}

  /**
   * Which examples to leave out.
   *
   * @param probabilities of each class, {@code [example][class]}, out of sample
   * @param labels given class of each example
   */
  static boolean[] prune(double[][] probabilities, int[] labels) {
    int classes = probabilities[0].length;
    double[] thresholds = thresholds(probabilities, labels, classes);
    double[][] counts = new double[classes][classes];
    double[] given = new double[classes];
    for (int i = 0; i < labels.length; i++) {
      given[labels[i]]++;
      int j = confident(probabilities[i], thresholds);
      if (j >= 0) {
        counts[labels[i]][j]++;
      }
    }
    boolean[] pruned = new boolean[labels.length];
    for (int i = 0; i < classes; i++) {
      double total = Arrays.stream(counts[i]).sum();
      int[] members = members(labels, i);
      for (int j = 0; j < classes; j++) {
        if (j == i || total == 0) {
          continue;
        }
        // The row of the joint is calibrated to the number of examples given this label.
        long leaveOut = Math.round(counts[i][j] / total * given[i]);
        double[] margins = new double[members.length];
        for (int k = 0; k < margins.length; k++) {
          double[] p = probabilities[members[k]];
          margins[k] = p[i] - p[j];
        }
        for (int k : lowest(margins, leaveOut)) {
          pruned[members[k]] = true;
        }
      }
    }
    return pruned;
  }

  /** Numbers of the lowest scores, in order; among equal ones the first. */
  static int[] lowest(double[] scores, long count) {
    int wanted = (int) Math.min(count, scores.length);
    if (wanted == 0) {
      return new int[0];
    }
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    double most = sorted[wanted - 1];
    int equal = 0;
    while (equal < wanted && sorted[wanted - 1 - equal] == most) {
      equal++;
    }
    int[] found = new int[wanted];
    int next = 0;
    for (int i = 0; i < scores.length && next < wanted; i++) {
      if (scores[i] < most || (scores[i] == most && equal-- > 0)) {
        found[next++] = i;
      }
    }
    return Arrays.copyOf(found, next);
  }

  /** Mean self-confidence of each class. */
  private static double[] thresholds(double[][] probabilities, int[] labels, int classes) {
    double[] sums = new double[classes];
    int[] counts = new int[classes];
    for (int i = 0; i < labels.length; i++) {
      sums[labels[i]] += probabilities[i][labels[i]];
      counts[labels[i]]++;
    }
    return IntStream.range(0, classes)
        .mapToDouble(k -> counts[k] == 0 ? Double.POSITIVE_INFINITY : sums[k] / counts[k])
        .toArray();
  }

  /** The most probable class above its threshold, or -1. */
  private static int confident(double[] probability, double[] thresholds) {
    int best = -1;
    for (int k = 0; k < probability.length; k++) {
      if (probability[k] >= thresholds[k] && (best < 0 || probability[k] > probability[best])) {
        best = k;
      }
    }
    return best;
  }

  private static int[] members(int[] labels, int label) {
    return IntStream.range(0, labels.length).filter(n -> labels[n] == label).toArray();
  }
}
