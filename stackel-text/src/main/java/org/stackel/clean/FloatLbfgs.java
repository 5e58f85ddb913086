package org.stackel.clean;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.optim.Iterations;

/**
 * Limited-memory BFGS (Nocedal and Wright, "Numerical Optimization", Algorithms 7.4 and 7.5) on
 * arrays, with backtracking to sufficient decrease, for smooth convex functions. It keeps fewer
 * pairs where they are long, so that they take at most half a gigabyte.
 *
 * @param iterations most iterations
 * @param tolerance stops where two iterations lower the value by less than this share of it
 */
record FloatLbfgs(int iterations, double tolerance) {
  private static final int MAX_PAIRS = 5;
  private static final int MIN_PAIRS = 3;

  /** Points, gradients and directions beside the pairs. */
  private static final int OTHERS = 7;

  private static final int LANES = 8;
  private static final int BLOCK = 1 << 12;
  private static final long MAX_NUMBERS = 1L << 27;

  /** A function with its gradient. */
  interface Function {
    /**
     * The value at x.
     *
     * @param gradient is overwritten
     */
    double evaluate(float[] x, float[] gradient);
  }

  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  private record Pair(float[] s, float[] y, double sy, double yy) {}

  private static int memory(long n) {
    return (int) Math.max(MIN_PAIRS, Math.min(MAX_PAIRS, MAX_NUMBERS / (2 * n)));
  }

  /** How many numbers it holds at most, for a function of n of them. */
  static long numbers(long n) {
    return n * (2L * memory(n) + OTHERS);
  }

  /** The minimiser from a start, which is not changed. */
  float[] minimize(Function f, float[] start) {
    int n = start.length;
    int memory = memory(n);
    float[] x = start.clone();
    float[] gradient = new float[n];
    double value = f.evaluate(x, gradient);
    var pairs = new ArrayDeque<Pair>();
    int quiet = 0;
    for (int i = 0; i < iterations && quiet < 2; i++) {
      Iterations.next("L-BFGS", i, iterations);
      float[] direction = direction(gradient, pairs);
      double slope = dot(gradient, direction);
      if (!(slope < 0)) {
        break;
      }
      float[] next = new float[n];
      float[] nextGradient = new float[n];
      @Nullable Double found = search(f, x, value, slope, direction, next, nextGradient);
      if (found == null) {
        if (pairs.isEmpty()) {
          break;
        }
        pairs.clear();
        continue;
      }
      quiet = value - found < tolerance * Math.abs(value) ? quiet + 1 : 0;
      remember(pairs, memory, x, gradient, next, nextGradient);
      x = next;
      gradient = nextGradient;
      value = found;
    }
    return x;
  }

  private static @Nullable Double search(
      Function f,
      float[] x,
      double value,
      double slope,
      float[] direction,
      float[] next,
      float[] nextGradient) {
    double step = 1;
    for (int halvings = 0; halvings < 20; halvings++) {
      for (int k = 0; k < x.length; k++) {
        next[k] = (float) (x[k] + step * direction[k]);
      }
      double found = f.evaluate(next, nextGradient);
      if (found <= value + 1e-4 * step * slope) {
        return found;
      }
      step /= 2;
    }
    return null;
  }

  private static void remember(
      ArrayDeque<Pair> pairs,
      int memory,
      float[] x,
      float[] gradient,
      float[] next,
      float[] nextGradient) {
    float[] s;
    float[] y;
    if (pairs.size() == memory) {
      Pair oldest = pairs.removeFirst(); // its arrays are used again
      s = oldest.s();
      y = oldest.y();
    } else {
      s = new float[x.length];
      y = new float[x.length];
    }
    for (int k = 0; k < s.length; k++) {
      s[k] = next[k] - x[k];
      y[k] = nextGradient[k] - gradient[k];
    }
    double sy = dot(s, y);
    if (sy > 0) {
      pairs.addLast(new Pair(s, y, sy, dot(y, y)));
    }
  }

  private static float[] direction(float[] gradient, ArrayDeque<Pair> pairs) {
    float[] q = gradient.clone();
    List<Pair> newestFirst = new ArrayList<>();
    pairs.descendingIterator().forEachRemaining(newestFirst::add);
    double[] alpha = new double[newestFirst.size()];
    for (int i = 0; i < alpha.length; i++) {
      Pair p = newestFirst.get(i);
      alpha[i] = dot(p.s(), q) / p.sy();
      add(q, -alpha[i], p.y());
    }
    double scale =
        newestFirst.isEmpty()
            ? -1 / Math.max(1e-3, Math.sqrt(dot(gradient, gradient)))
            : -newestFirst.get(0).sy() / newestFirst.get(0).yy();
    for (int k = 0; k < q.length; k++) {
      q[k] = (float) (scale * q[k]);
    }
    for (int i = alpha.length - 1; i >= 0; i--) {
      Pair p = newestFirst.get(i);
      double beta = dot(p.y(), q) / p.sy();
      add(q, -alpha[i] - beta, p.s());
    }
    return q;
  }

  private static void add(float[] to, double factor, float[] other) {
    float a = (float) factor;
    for (int k = 0; k < to.length; k++) {
      to[k] += a * other[k];
    }
  }

  private static double dot(float[] a, float[] b) {
    return dot(a, b, a.length);
  }

  /** Sums of a few thousand products in float, eight at once, are added up in double. */
  static double dot(float[] a, float[] b, int n) {
    double sum = 0;
    int k = 0;
    while (k + LANES <= n) {
      float s0 = 0;
      float s1 = 0;
      float s2 = 0;
      float s3 = 0;
      float s4 = 0;
      float s5 = 0;
      float s6 = 0;
      float s7 = 0;
      int end = Math.min(n - LANES, k + BLOCK);
      for (; k <= end; k += LANES) {
        s0 += a[k] * b[k];
        s1 += a[k + 1] * b[k + 1];
        s2 += a[k + 2] * b[k + 2];
        s3 += a[k + 3] * b[k + 3];
        s4 += a[k + 4] * b[k + 4];
        s5 += a[k + 5] * b[k + 5];
        s6 += a[k + 6] * b[k + 6];
        s7 += a[k + 7] * b[k + 7];
      }
      sum += (double) s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
    }
    for (; k < n; k++) {
      sum += (double) a[k] * b[k];
    }
    return sum;
  }
}
