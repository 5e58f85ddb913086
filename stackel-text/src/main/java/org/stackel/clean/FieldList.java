package org.stackel.clean;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of several tables, one after the other. */
final class FieldList implements Fields {
  private final List<LabelledTable> tables = new ArrayList<>();
  private final List<int[]> rows = new ArrayList<>();
  private final List<Integer> begins = new ArrayList<>();
  private int size;

  /** Adds some rows of a table. */
  FieldList add(LabelledTable table, int[] some) {
    tables.add(table);
    rows.add(some);
    begins.add(size);
    size += some.length;
    return this;
  }

  @Override
  public int size() {
    return size;
  }

  /** Number of the table that a row is of. */
  private int part(int row) {
    int part = 0;
    while (row >= begins.get(part) + rows.get(part).length) {
      part++;
    }
    return part;
  }

  private int record(int row, int part) {
    return rows.get(part)[row - begins.get(part)];
  }

  @Override
  public @Nullable String cell(int row, int column) {
    int part = part(row);
    return tables.get(part).cell(record(row, part), column);
  }

  @Override
  public String place(int row) {
    int part = part(row);
    return tables.get(part).place(record(row, part));
  }
}
