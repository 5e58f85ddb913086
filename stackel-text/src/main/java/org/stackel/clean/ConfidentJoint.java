package org.stackel.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Confident learning (Northcutt, Jiang, Chuang, JAIR 2021) with its usual filter, "prune by noise
 * rate": for every pair of classes i given, j suspected, as many rows of i as the joint says, those
 * with the largest {@code p_j - p_i}.
 */
final class ConfidentJoint {
  private ConfidentJoint() {}

  /**
   * Which labels are wrong.
   *
   * @param p out-of-sample probabilities, row by row
   * @param labels given class of each row
   */
  static boolean[] wrong(float[] p, int[] labels, int classes) {
    int n = labels.length;
    double[] thresholds = thresholds(p, labels, classes);
    var counts = new HashMap<Long, Integer>();
    long[] given = new long[classes];
    long[] confident = new long[classes];
    List<List<Integer>> members = new ArrayList<>();
    for (int k = 0; k < classes; k++) {
      members.add(new ArrayList<>());
    }
    for (int i = 0; i < n; i++) {
      given[labels[i]]++;
      members.get(labels[i]).add(i);
      int best = -1;
      for (int k = 0; k < classes; k++) {
        boolean isAbove = p[i * classes + k] >= thresholds[k];
        best = isAbove && (best < 0 || p[i * classes + k] > p[i * classes + best]) ? k : best;
      }
      if (best >= 0) {
        counts.merge((long) labels[i] * classes + best, 1, Integer::sum);
        confident[labels[i]]++;
      }
    }
    boolean[] wrong = new boolean[n];
    for (Map.Entry<Long, Integer> each : counts.entrySet()) {
      int from = (int) (each.getKey() / classes);
      int to = (int) (each.getKey() % classes);
      if (from != to) {
        long leaveOut = Math.round((double) each.getValue() / confident[from] * given[from]);
        members.get(from).stream()
            .sorted(
                java.util.Comparator.comparingDouble(
                    i -> p[i * classes + from] - p[i * classes + to]))
            .limit(leaveOut)
            .forEach(i -> wrong[i] = true);
      }
    }
    return wrong;
  }

  /** Mean self-confidence of each class. */
  private static double[] thresholds(float[] p, int[] labels, int classes) {
    double[] sums = new double[classes];
    int[] counts = new int[classes];
    for (int i = 0; i < labels.length; i++) {
      sums[labels[i]] += p[i * classes + labels[i]];
      counts[labels[i]]++;
    }
    double[] thresholds = new double[classes];
    Arrays.setAll(thresholds, k -> counts[k] == 0 ? Double.POSITIVE_INFINITY : sums[k] / counts[k]);
    return thresholds;
  }
}
