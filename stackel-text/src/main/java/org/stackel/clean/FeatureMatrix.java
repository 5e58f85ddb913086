package org.stackel.clean;

import java.util.Arrays;
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
record FeatureMatrix(int rows, int denseWidth, float[] dense, SparseRows sparse) {

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

  /** A range of the dense part. */
  float[] denseRows(int from, int to) {
    return Arrays.copyOfRange(dense, from * denseWidth, to * denseWidth);
  }
}
