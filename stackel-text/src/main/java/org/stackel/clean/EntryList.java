package org.stackel.clean;

import java.util.Arrays;
import org.stackel.text.SparseRows;

/** Entries of sparse rows while they are made, one row after the other. */
final class EntryList {
  private int[] columns = new int[1024];
  private float[] values = new float[1024];
  private int[] offsets = new int[256];
  private int size;
  private int rows;
  private int shift;

  /** Where the columns of the next block begin. */
  void shiftTo(int column) {
    shift = column;
  }

  void add(int column, float value) {
    if (size == columns.length) {
      int more = Math.addExact(size, size / 2);
      columns = Arrays.copyOf(columns, more);
      values = Arrays.copyOf(values, more);
    }
    columns[size] = shift + column;
    values[size++] = value;
  }

  /** Number of entries so far. */
  int size() {
    return size;
  }

  /** Divides the entries from a place on by their norm. */
  void normalise(int from) {
    double squares = 0;
    for (int e = from; e < size; e++) {
      squares += (double) values[e] * values[e];
    }
    float scale = squares == 0 ? 0 : (float) (1 / Math.sqrt(squares));
    for (int e = from; e < size; e++) {
      values[e] *= scale;
    }
  }

  void endRow() {
    rows++;
    if (rows == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * rows);
    }
    offsets[rows] = size;
  }

  SparseRows rows(int width) {
    return new SparseRows(
        width,
        Arrays.copyOf(offsets, rows + 1),
        Arrays.copyOf(columns, size),
        Arrays.copyOf(values, size));
  }
}
