package org.stackel.cleaning;

import java.util.Arrays;
import java.util.Comparator;
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
        int from = i;
        int to = j;
        IntStream.of(members)
            .boxed()
            .sorted(Comparator.comparingDouble(n -> probabilities[n][from] - probabilities[n][to]))
            .limit(leaveOut)
            .forEach(n -> pruned[n] = true);
      }
    }
    return pruned;
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
