package org.stackel.clean;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The nearest rows by cosine, found by comparing with every one of a set of reference rows. Sparse
 * columns are folded into a few dense ones at random.
 *
 * @param width columns that are compared
 * @param points rows of length one, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Neighbours(int width, float[] points) {
  private static final int FOLDED = 256;
  private static final int CHUNK = 1 << 22;

  /** The points of all rows. */
  static Neighbours of(FeatureMatrix features) {
    int folded = features.sparse().width() == 0 ? 0 : FOLDED;
    int width = features.denseWidth() + folded;
    float[] points = new float[Math.multiplyExact(features.rows(), width)];
    for (int i = 0; i < features.rows(); i++) {
      int at = i * width;
      System.arraycopy(
          features.dense(), i * features.denseWidth(), points, at, features.denseWidth());
      int from = features.sparse().offsets()[i];
      int to = features.sparse().offsets()[i + 1];
      for (int e = from; e < to; e++) {
        int hash = features.sparse().columns()[e] * 0x9E3779B9;
        hash ^= hash >>> 15;
        hash *= 0x85EBCA6B;
        hash ^= hash >>> 13;
        int column = features.denseWidth() + (hash >>> 1) % folded;
        points[at + column] +=
            (hash & 1) == 0 ? features.sparse().values()[e] : -features.sparse().values()[e];
      }
      double squares = 0;
      for (int k = 0; k < width; k++) {
        squares += (double) points[at + k] * points[at + k];
      }
      float scale = squares == 0 ? 0 : (float) (1 / Math.sqrt(squares));
      for (int k = 0; k < width; k++) {
        points[at + k] *= scale;
      }
    }
    return new Neighbours(width, points);
  }

  /**
   * The k nearest of some rows for each of some rows, the nearest first; -1 where there are no
   * more. No row is its own neighbour.
   */
  int[][] nearest(int[] rows, int[] references, int k) {
    int[][] found = new int[rows.length][];
    int step = Math.max(1, CHUNK / references.length);
    try (var scope = StateScope.open()) {
      Tensor all = tensor(references, 0, references.length).t();
      for (int from = 0; from < rows.length; from += step) {
        int to = Math.min(rows.length, from + step);
        float[] cosines = new float[(to - from) * references.length];
        try (var inner = StateScope.open()) {
          Tensors.copyTo(tensor(rows, from, to).mm(all), cosines);
        }
        for (int i = from; i < to; i++) {
          found[i] = best(cosines, (i - from) * references.length, references, rows[i], k);
        }
      }
    }
    return found;
  }

  private Tensor tensor(int[] rows, int from, int to) {
    float[] some = new float[(to - from) * width];
    for (int i = from; i < to; i++) {
      System.arraycopy(points, rows[i] * width, some, (i - from) * width, width);
    }
    return Tensors.of(Device.CPU, some, to - from, width);
  }

  private static int[] best(float[] cosines, int at, int[] references, int self, int k) {
    float[] top = new float[k];
    int[] which = new int[k];
    Arrays.fill(top, Float.NEGATIVE_INFINITY);
    Arrays.fill(which, -1);
    for (int r = 0; r < references.length; r++) {
      float cosine = cosines[at + r];
      if (cosine <= top[k - 1] || references[r] == self) {
        continue;
      }
      int place = k - 1;
      while (place > 0 && top[place - 1] < cosine) {
        top[place] = top[place - 1];
        which[place] = which[place - 1];
        place--;
      }
      top[place] = cosine;
      which[place] = references[r];
    }
    return which;
  }
}
