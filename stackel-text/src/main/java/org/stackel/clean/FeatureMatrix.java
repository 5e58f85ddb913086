package org.stackel.clean;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.stackel.text.SparseRows;

/**
 * Features of rows: a dense part and a sparse part, either of which may have no column.
 *
 * @param rows number of rows
 * @param denseWidth columns of the dense part
 * @param dense the dense part, row by row
 * @param sparse the sparse part
 */
@SuppressWarnings("ArrayRecordComponent") // millions of numbers, compared nowhere
record FeatureMatrix(int rows, int denseWidth, float[] dense, SparseRows sparse)
    implements Serializable {
  private static final int POWER_ROUNDS = 12;

  /** Dense columns alone. */
  static FeatureMatrix ofDense(int rows, int width, float[] dense) {
    return new FeatureMatrix(
        rows, width, dense, new SparseRows(0, new int[rows + 1], new int[0], new float[0]));
  }

  /** All columns: the dense ones come first. */
  int width() {
    return denseWidth + sparse.width();
  }

  /** The dense columns, if there are any, else the sparse ones. */
  FeatureMatrix denseIfAny() {
    return denseWidth > 0 ? ofDense(rows, denseWidth, dense) : this;
  }

  /** All columns in one part: sparse if there are both kinds. */
  FeatureMatrix ofOneKind() {
    if (denseWidth == 0 || sparse.width() == 0) {
      return this;
    }
    var entries = new EntryList();
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < denseWidth; k++) {
        if (dense[row * denseWidth + k] != 0) {
          entries.add(k, dense[row * denseWidth + k]);
        }
      }
      for (int e = sparse.offsets()[row]; e < sparse.offsets()[row + 1]; e++) {
        entries.add(denseWidth + sparse.columns()[e], sparse.values()[e]);
      }
      entries.endRow();
    }
    return new FeatureMatrix(rows, 0, new float[0], entries.rows(width()));
  }

  /** Some rows, in this order. */
  FeatureMatrix take(int[] chosen) {
    float[] some = new float[Math.multiplyExact(chosen.length, denseWidth)];
    int[] offsets = new int[chosen.length + 1];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(dense, chosen[i] * denseWidth, some, i * denseWidth, denseWidth);
      offsets[i + 1] = offsets[i] + sparse.offsets()[chosen[i] + 1] - sparse.offsets()[chosen[i]];
    }
    int[] columns = new int[offsets[chosen.length]];
    float[] values = new float[columns.length];
    for (int i = 0; i < chosen.length; i++) {
      int from = sparse.offsets()[chosen[i]];
      int count = offsets[i + 1] - offsets[i];
      System.arraycopy(sparse.columns(), from, columns, offsets[i], count);
      System.arraycopy(sparse.values(), from, values, offsets[i], count);
    }
    return new FeatureMatrix(
        chosen.length, denseWidth, some, new SparseRows(sparse.width(), offsets, columns, values));
  }

  /** All numbers multiplied by a factor. */
  FeatureMatrix times(float factor) {
    if (factor == 1) {
      return this;
    }
    return new FeatureMatrix(
        rows,
        denseWidth,
        times(dense, factor),
        new SparseRows(
            sparse.width(), sparse.offsets(), sparse.columns(), times(sparse.values(), factor)));
  }

  private static float[] times(float[] numbers, float factor) {
    float[] product = numbers.clone();
    for (int i = 0; i < product.length; i++) {
      product[i] *= factor;
    }
    return product;
  }

  /** Whether all rows have the same numbers. */
  boolean isConstant() {
    int[] offsets = sparse.offsets();
    for (int row = 1; row < rows; row++) {
      int from = row * denseWidth;
      if (!Arrays.equals(dense, 0, denseWidth, dense, from, from + denseWidth)
          || !Arrays.equals(
              sparse.columns(), 0, offsets[1], sparse.columns(), offsets[row], offsets[row + 1])
          || !Arrays.equals(
              sparse.values(), 0, offsets[1], sparse.values(), offsets[row], offsets[row + 1])) {
        return false;
      }
    }
    return true;
  }

  /** About the largest eigenvalue of XᵀX/n, from below, by a few rounds of the power method. */
  double largestEigenvalue() {
    double[] direction = new double[width()];
    Arrays.fill(direction, 1 / Math.sqrt(Math.max(1, direction.length)));
    double found = 0;
    for (int round = 0; round < POWER_ROUNDS; round++) {
      double[] next = new double[direction.length];
      for (int row = 0; row < rows; row++) {
        double product = 0;
        for (int k = 0; k < denseWidth; k++) {
          product += dense[row * denseWidth + k] * direction[k];
        }
        for (int e = sparse.offsets()[row]; e < sparse.offsets()[row + 1]; e++) {
          product += sparse.values()[e] * direction[denseWidth + sparse.columns()[e]];
        }
        for (int k = 0; k < denseWidth; k++) {
          next[k] += product * dense[row * denseWidth + k] / rows;
        }
        for (int e = sparse.offsets()[row]; e < sparse.offsets()[row + 1]; e++) {
          next[denseWidth + sparse.columns()[e]] += product * sparse.values()[e] / rows;
        }
      }
      found = Math.sqrt(Arrays.stream(next).map(x -> x * x).sum());
      for (int k = 0; k < next.length && found > 0; k++) {
        direction[k] = next[k] / found;
      }
    }
    return found;
  }

  /** Sparse columns that have an entry. */
  int[] usedSparse() {
    boolean[] isUsed = new boolean[sparse.width()];
    for (int column : sparse.columns()) {
      isUsed[column] = true;
    }
    return IntStream.range(0, isUsed.length).filter(column -> isUsed[column]).toArray();
  }

  /** With these sparse columns alone, which are all that have an entry. */
  FeatureMatrix withSparse(int[] used) {
    if (used.length == sparse.width()) {
      return this;
    }
    int[] place = new int[sparse.width()];
    for (int k = 0; k < used.length; k++) {
      place[used[k]] = k;
    }
    int[] columns = new int[sparse.columns().length];
    Arrays.setAll(columns, e -> place[sparse.columns()[e]]);
    return new FeatureMatrix(
        rows,
        denseWidth,
        dense,
        new SparseRows(used.length, sparse.offsets(), columns, sparse.values()));
  }

  /** A range of the dense part. */
  float[] denseRows(int from, int to) {
    return Arrays.copyOfRange(dense, from * denseWidth, to * denseWidth);
  }
}
