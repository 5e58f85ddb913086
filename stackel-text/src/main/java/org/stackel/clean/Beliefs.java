package org.stackel.clean;

import java.util.Arrays;
import java.util.List;

/** Probabilities of the right class of rows, of which only the larger ones are kept. */
final class Beliefs {
  private static final int KEPT = 10;
  private static final float LEAST = 0.004f;

  private Beliefs() {}

  /** The likeliest classes by a model's probabilities, row by row. */
  static Targets of(float[] p, int n, int classes) {
    int most = Math.min(KEPT, classes);
    int[] offsets = new int[n + 1];
    int[] kept = new int[n * most];
    float[] mass = new float[n * most];
    float[] q = new float[classes];
    int next = 0;
    for (int i = 0; i < n; i++) {
      System.arraycopy(p, i * classes, q, 0, classes);
      next = top(q, most, kept, mass, next);
      offsets[i + 1] = next;
    }
    return new Targets(offsets, Arrays.copyOf(kept, next), Arrays.copyOf(mass, next));
  }

  /**
   * Writes the largest numbers, made to sum to one.
   *
   * @param q is overwritten
   * @return where the next entry goes
   */
  static int top(float[] q, int most, int[] kept, float[] mass, int begin) {
    int next = begin;
    float sum = 0;
    for (int c = 0; c < most; c++) {
      int best = 0;
      for (int k = 1; k < q.length; k++) {
        best = q[k] > q[best] ? k : best;
      }
      if (q[best] < LEAST && c > 0) {
        break;
      }
      kept[next] = best;
      mass[next++] = q[best];
      sum += q[best];
      q[best] = -1;
    }
    for (int e = begin; e < next; e++) {
      mass[e] /= sum;
    }
    return next;
  }

  /** The mean of several of the same rows. */
  static Targets mean(List<Targets> all) {
    int n = all.get(0).rows();
    int most = all.stream().mapToInt(each -> each.classes().length).sum();
    int[] offsets = new int[n + 1];
    int[] classes = new int[most];
    float[] mass = new float[most];
    int next = 0;
    for (int i = 0; i < n; i++) {
      int begin = next;
      for (Targets each : all) {
        for (int e = each.offsets()[i]; e < each.offsets()[i + 1]; e++) {
          int at = begin;
          while (at < next && classes[at] != each.classes()[e]) {
            at++;
          }
          if (at == next) {
            classes[next] = each.classes()[e];
            mass[next++] = 0;
          }
          mass[at] += each.mass()[e] / all.size();
        }
      }
      offsets[i + 1] = next;
    }
    return new Targets(offsets, Arrays.copyOf(classes, next), Arrays.copyOf(mass, next));
  }
}
