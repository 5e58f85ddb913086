package org.stackel.clean;

/** Columns most of whose numbers are zero. */
sealed interface SparseBlock extends Block permits TermBlock, CategoryBlock, IndexBlock {
  /** Adds the numbers of a row. */
  void write(RowView row, EntryList to);
}
