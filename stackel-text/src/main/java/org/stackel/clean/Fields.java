package org.stackel.clean;

import org.jspecify.annotations.Nullable;

/** Rows of cells that a model reads: a cell for each of its columns. */
public interface Fields {
  /** Number of rows. */
  int size();

  /**
   * A cell; null where there is none.
   *
   * @param row number of the row, from 0
   * @param column number of the column among those of the model, from 0
   */
  @Nullable String cell(int row, int column);

  /** Where a row stands, such as {@code train.csv:17}; empty where nobody knows. */
  default String place(int row) {
    return "";
  }

  /**
   * The first cells of a row as one text, without blanks around them; equal rows have equal ones.
   */
  default String key(int row, int columns) {
    var key = new StringBuilder();
    for (int column = 0; column < columns; column++) {
      key.append(column > 0 ? "\u0001" : "").append(String.valueOf(cell(row, column)).strip());
    }
    return key.toString();
  }
}
