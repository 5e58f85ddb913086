package org.stackel.clean;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of several tables, one after the other. */
final class FieldList implements Fields {
  private final List<LabelledTable> tables = new ArrayList<>();
  private final List<int[]> rows = new ArrayList<>();
  private int size;

  /** Adds some rows of a table. */
  FieldList add(LabelledTable table, int[] some) {
    tables.add(table);
    rows.add(some);
    size += some.length;
    return this;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public @Nullable String cell(int row, int column) {
    int at = row;
    int part = 0;
    while (at >= rows.get(part).length) {
      at -= rows.get(part).length;
      part++;
    }
    return tables.get(part).cell(rows.get(part)[at], column);
  }
}
