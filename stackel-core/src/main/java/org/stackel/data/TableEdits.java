package org.stackel.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.SpreadsheetText;

/**
 * Changes to a {@link Table}: its file is written with these changes, and every other byte as it
 * was. Delimiters, quotes, line ends, byte order mark and encoding stay.
 */
public final class TableEdits {
  private final Table table;
  private final Map<Integer, TreeMap<Integer, String>> changes = new TreeMap<>();
  private final Set<Integer> dropped = new HashSet<>();
  private final List<Appended> appended = new ArrayList<>();

  private record Appended(String column, IntFunction<String> value) {}

  TableEdits(Table table) {
    this.table = table;
  }

  /**
   * A name for a new column that no column has: with a number behind it where one has, which is
   * remarked on.
   *
   * @param taken names of columns; the new one joins them
   */
  public static String free(String name, List<String> taken, List<String> remarks) {
    String free = name;
    for (int i = 2; taken.contains(free); i++) {
      free = name + i;
    }
    if (!free.equals(name)) {
      remarks.add("There is a column '%s' already; the new one is '%s'.".formatted(name, free));
    }
    taken.add(free);
    return free;
  }

  /**
   * Puts a value in the place of a cell: in quotes if the cell had them or the value needs them.
   *
   * @param row number of the record, from 0
   * @throws IllegalArgumentException if the record has no such cell
   */
  public TableEdits set(int row, int column, String value) {
    if (table.layout().start(row, column) < 0) {
      throw new IllegalArgumentException(
          "The record at %s has no cell in column %d.".formatted(table.place(row), column));
    }
    changes.computeIfAbsent(row, r -> new TreeMap<>()).put(column, value);
    return this;
  }

  /** Leaves a record out. */
  public TableEdits drop(int row) {
    dropped.add(row);
    return this;
  }

  /**
   * Adds a column behind the last one. CSV and TSV get its cells as {@link SpreadsheetText}.
   *
   * @param value its cell for the number of a record, from 0
   */
  public TableEdits append(String column, IntFunction<String> value) {
    appended.add(new Appended(column, value));
    return this;
  }

  /** Writes what becomes this file, which is packed if its name ends in {@code .gz}; closes it. */
  public void write(Path file, OutputStream raw) throws IOException {
    try (OutputStream out = InputFile.isGzip(file) ? new GZIPOutputStream(raw, 1 << 16) : raw) {
      write(out);
    }
  }

  /** What {@link #write} writes, not packed. */
  public byte[] bytes() {
    var out = new ByteArrayOutputStream();
    try {
      write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.toByteArray();
  }

  /**
   * Writes what {@link #write(Path, OutputStream)} writes, not packed. Parts of a file that are
   * written one after the other make the whole.
   */
  public void write(OutputStream out) throws IOException {
    out.write(table.source().encoding().mark());
    var writer = new Writer(out);
    if (!appended.isEmpty() && table.headerEnd() > 0) {
      writer.copyTo(table.headerEnd());
      for (Appended each : appended) {
        writer.put(table.layout().appended(each.column(), each.column(), false));
      }
    }
    for (int row = 0; row < table.size(); row++) {
      if (dropped.contains(row)) {
        writer.copyTo(table.layout().begin(row));
        writer.skipLine(table.layout().end(row));
      } else {
        write(row, writer);
      }
    }
    writer.copyTo(table.source().text().length());
  }

  private void write(int row, Writer writer) throws IOException {
    Layout layout = table.layout();
    @Nullable Map<Integer, String> cells = changes.get(row);
    if (cells != null) {
      // Objects need not have their keys in the order of the columns.
      List<Integer> inOrder =
          cells.keySet().stream()
              .sorted(java.util.Comparator.comparingInt(column -> layout.start(row, column)))
              .toList();
      for (int column : inOrder) {
        int start = layout.start(row, column);
        int end = layout.end(row, column);
        writer.copyTo(start);
        writer.put(
            layout.encoded(
                written(column, cells.getOrDefault(column, "")),
                table.source().text().substring(start, end)));
        writer.skipTo(end);
      }
    }
    if (!appended.isEmpty()) {
      writer.copyTo(layout.appendAt(row));
      boolean isFirst = layout.isEmpty(row);
      for (Appended each : appended) {
        writer.put(layout.appended(each.column(), each.value().apply(row), isFirst));
        isFirst = false;
      }
    }
  }

  private String written(int column, String value) {
    return table.isWritten(column) ? SpreadsheetText.safe(value) : value;
  }

  /** Copies the text of the file up to a place, or passes over it. */
  private final class Writer {
    private final String text = table.source().text();
    private final TextEncoding encoding = table.source().encoding();
    private final OutputStream out;
    private int at;

    Writer(OutputStream out) {
      this.out = out;
    }

    void copyTo(int place) throws IOException {
      encoding.write(text, at, place, out);
      at = place;
    }

    void skipTo(int place) {
      at = place;
    }

    void skipLine(int end) {
      at = end + (text.startsWith("\r\n", end) ? 2 : end < text.length() ? 1 : 0);
    }

    void put(String value) throws IOException {
      encoding.write(value, 0, value.length(), out);
    }
  }
}
