package org.stackel.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Confident learning (Northcutt, Jiang, Chuang, JAIR 2021) with its usual filter, "prune by noise
 * rate": for every pair of classes i given, j suspected, as many rows of i as the joint says, those
 * with the largest {@code p_j - p_i}.
 */
final class ConfidentJoint {
  private ConfidentJoint() {}

  /** The probabilities of all rows, which are read several times, in any order of the rows. */
  interface Probabilities {
    void each(Softmax.RowReader reader);
  }

  /**
   * Which labels are wrong.
   *
   * @param p out-of-sample probabilities
   * @param labels given class of each row
   */
  static boolean[] wrong(Probabilities p, int[] labels, int classes) {
    int n = labels.length;
    double[] thresholds = thresholds(p, labels, classes);
    int[] confidently = new int[n];
    p.each(
        (i, row, at) -> {
          int best = -1;
          for (int k = 0; k < classes; k++) {
            boolean isAbove = row[at + k] >= thresholds[k];
            best = isAbove && (best < 0 || row[at + k] > row[at + best]) ? k : best;
          }
          confidently[i] = best;
        });
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
      if (confidently[i] >= 0) {
        counts.merge((long) labels[i] * classes + confidently[i], 1, Integer::sum);
        confident[labels[i]]++;
      }
    }
    var others = new HashMap<Integer, List<Integer>>();
    for (long pair : counts.keySet()) {
      others
          .computeIfAbsent((int) (pair / classes), from -> new ArrayList<>())
          .add((int) (pair % classes));
    }
    float[][] gaps = new float[n][];
    p.each(
        (i, row, at) -> {
          List<Integer> to = others.getOrDefault(labels[i], List.of());
          gaps[i] = new float[to.size()];
          for (int k = 0; k < gaps[i].length; k++) {
            gaps[i][k] = row[at + labels[i]] - row[at + to.get(k)];
          }
        });
    boolean[] wrong = new boolean[n];
    for (Map.Entry<Long, Integer> each : counts.entrySet()) {
      int from = (int) (each.getKey() / classes);
      int to = (int) (each.getKey() % classes);
      if (from != to) {
        long leaveOut = Math.round((double) each.getValue() / confident[from] * given[from]);
        int place = Objects.requireNonNull(others.get(from)).indexOf(to);
        members.get(from).stream()
            .sorted(java.util.Comparator.comparingDouble(i -> gaps[i][place]))
            .limit(leaveOut)
            .forEach(i -> wrong[i] = true);
      }
    }
    return wrong;
  }

  /** Mean self-confidence of each class. */
  private static double[] thresholds(Probabilities p, int[] labels, int classes) {
    float[] own = new float[labels.length];
    p.each((i, row, at) -> own[i] = row[at + labels[i]]);
    double[] sums = new double[classes];
    int[] counts = new int[classes];
    for (int i = 0; i < labels.length; i++) {
      sums[labels[i]] += own[i];
      counts[labels[i]]++;
    }
    double[] thresholds = new double[classes];
    Arrays.setAll(thresholds, k -> counts[k] == 0 ? Double.POSITIVE_INFINITY : sums[k] / counts[k]);
    return thresholds;
  }
}
