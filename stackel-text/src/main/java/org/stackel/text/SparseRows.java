package org.stackel.text;

import java.io.Serializable;

/**
 * A matrix of which only the numbers other than zero are kept, row by row.
 *
 * @param width number of columns
 * @param offsets where each row begins in the two other arrays, then their length: rows + 1 numbers
 * @param columns column of each number, rising within a row
 * @param values the numbers
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record SparseRows(int width, int[] offsets, int[] columns, float[] values)
    implements Serializable {

  /** Number of rows. */
  public int rows() {
    return offsets.length - 1;
  }

  /** The given rows with all their zeros, row after row: {@code rows.length × width} numbers. */
  public float[] dense(int... rows) {
    float[] dense = new float[Math.multiplyExact(rows.length, width)];
    for (int i = 0; i < rows.length; i++) {
      for (int k = offsets[rows[i]]; k < offsets[rows[i] + 1]; k++) {
        dense[i * width + columns[k]] = values[k];
      }
    }
    return dense;
  }
}
