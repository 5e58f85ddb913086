package org.stackel.clean;

/** Columns most of whose numbers are not zero. */
sealed interface DenseBlock extends Block permits VectorBlock, NumberBlock {
  /** Writes the numbers of a row. */
  void write(RowView row, float[] to, int at);
}
