package org.stackel.clean;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.stackel.data.LabelReader;
import org.stackel.data.Table;
import org.stackel.tensor.Seed;

/**
 * A table with the columns that a model reads and with its labels.
 *
 * @param table the table
 * @param columns numbers of the columns that are read
 * @param labelColumn number of the column of the label
 * @param labels label of each record; null where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record LabelledTable(Table table, int[] columns, int labelColumn, @Nullable String[] labels)
    implements Fields {
  /**
   * Looks the columns up by name and reads the labels.
   *
   * @param reader of this file
   */
  static LabelledTable of(Table table, Roles roles, LabelReader reader) {
    int labelColumn = table.column(roles.label(), "the label");
    int[] columns =
        roles.read().stream().mapToInt(name -> table.column(name, "the model")).toArray();
    @Nullable String[] labels = new String[table.size()];
    for (int row = 0; row < labels.length; row++) {
      labels[row] = reader.read(table.cell(row, labelColumn), table.line(row));
    }
    return new LabelledTable(table, columns, labelColumn, labels);
  }

  @Override
  public int size() {
    return table.size();
  }

  @Override
  public @Nullable String cell(int row, int column) {
    return table.cell(row, columns[column]);
  }

  @Override
  public String place(int row) {
    return table.place(row);
  }

  /** Records that have a label. */
  int[] labelled() {
    return IntStream.range(0, labels.length).filter(row -> labels[row] != null).toArray();
  }

  /** Label of a record that has one. */
  String label(int row) {
    return Objects.requireNonNull(labels[row]);
  }

  /** What is read of a record, as one text; equal records have equal texts. */
  String key(int row) {
    return key(row, columns.length);
  }

  /** A number that equal records share, and others hardly ever. */
  long hash(int row) {
    return new Seed(0).child(key(row)).value();
  }

  /** The labels of records that have one. */
  List<String> allLabels() {
    return Arrays.stream(labelled()).mapToObj(this::label).toList();
  }
}
