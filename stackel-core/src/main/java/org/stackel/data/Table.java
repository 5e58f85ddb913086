package org.stackel.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.SpreadsheetText;
import org.stackel.data.Dialect.Quotes;

/**
 * A file of records: CSV, TSV, JSONL or LIBSVM, perhaps packed as {@code .gz}. It keeps where every
 * cell stands in the file, so that {@link #edits} write it again with some cells changed and every
 * other byte as it was.
 *
 * <p>Records are counted from 0 here; {@link #number} counts them from 1, as people do. The text of
 * the file stays in memory once, cells are cut out of it when asked for.
 */
public final class Table {
  private static final char[] SEPARATORS = {',', '\t', ';', '|'};

  private final FileText source;
  private final TableFormat format;
  private final Layout layout;
  private final List<String> columns;
  private final int headerEnd;
  private final int headerLine;
  private final List<String> remarks;

  private final WrittenColumns written;

  Table(
      FileText source,
      TableFormat format,
      Layout layout,
      List<String> columns,
      int headerEnd,
      int headerLine,
      List<String> remarks) {
    this.source = source;
    this.format = format;
    this.layout = layout;
    this.columns = List.copyOf(columns);
    this.headerEnd = headerEnd;
    this.headerLine = headerLine;
    this.remarks = List.copyOf(remarks);
    written = WrittenColumns.of(this.columns);
  }

  /** Whether the first row names the columns. */
  public enum Header {
    /** It does. */
    FIRST_ROW,
    /** Columns are called 1, 2, 3, …. */
    NONE
  }

  /**
   * Reads a file whole. Its name says the format.
   *
   * @param encoding its encoding, such as {@code windows-1252}; found out if null
   * @throws InvalidInputException naming file and line, for whatever keeps a record from being read
   */
  public static Table read(Path file, @Nullable String encoding) {
    TableFormat format = TableFormat.of(file);
    return of(FileText.read(file, encoding), format, Header.FIRST_ROW);
  }

  /**
   * The records of a text.
   *
   * @param format how they are written
   * @param header whether the first row of CSV or TSV names the columns
   * @throws InvalidInputException naming file and line, for whatever keeps a record from being read
   */
  public static Table of(FileText source, TableFormat format, Header header) {
    requireText(source);
    return switch (format) {
      case CSV, TSV -> even(source, format, header);
      case JSONL -> jsonl(source);
      case LIBSVM -> libsvm(source);
    };
  }

  /**
   * The rows of a text with tabs between the cells, in which a quote is a character like others.
   * Rows may be shorter or longer than the header: what {@link #width} says is for the caller to
   * judge.
   */
  public static Table ragged(FileText source) {
    requireText(source);
    CellScanner.Cells cells = CellScanner.scan(source.text(), 0, 1, new Dialect('\t', Quotes.NONE));
    return delimited(source, TableFormat.TSV, Header.FIRST_ROW, cells, source.remarks());
  }

  static void requireText(FileText source) {
    if (source.text().isBlank()) {
      throw new InvalidInputException("The file is empty.", "writing it did not succeed.")
          .at(source.file().toString());
    }
  }

  // ---- formats ---------------------------------------------------------------------------------

  private static Table even(FileText source, TableFormat format, Header header) {
    var remarks = new ArrayList<>(source.remarks());
    CellScanner.Cells cells = new Dialects(source, format).best(remarks);
    Table table = even(source, format, header, cells, remarks);
    if (table.size() == 0) {
      throw new InvalidInputException(
              "The file has a header and no rows.",
              "its only line is a row and the header is missing.")
          .at(source.file() + ":" + table.headerLine);
    }
    return table;
  }

  /** A table of at least a header. */
  static Table even(
      FileText source,
      TableFormat format,
      Header header,
      CellScanner.Cells cells,
      List<String> remarks) {
    requireWhole(source, cells);
    if (header == Header.FIRST_ROW) {
      requireSeparator(source, cells);
    }
    Table table = delimited(source, format, header, cells, remarks);
    table.requireAll();
    return table;
  }

  /** Complains unless every row has as many cells as there are columns. */
  private void requireAll() {
    for (int row = 0; row < size(); row++) {
      Delimited.requireAll(file(), line(row), columns.size(), width(row));
      if (isHeader(row)) {
        throw new InvalidInputException(
                "The row repeats the header.", "files were joined; the line can be left out.")
            .at(place(row));
      }
    }
  }

  /** Whether a row of several cells has the names of the columns in them. */
  private boolean isHeader(int row) {
    for (int column = 0; column < columns.size(); column++) {
      int length = layout.end(row, column) - layout.start(row, column);
      if (length < columns.get(column).length()
          || !columns.get(column).equals(Labels.trimmed(String.valueOf(cell(row, column))))) {
        return false;
      }
    }
    return columns.size() > 1 && columns.stream().anyMatch(name -> !name.isEmpty());
  }

  private static void requireWhole(FileText source, CellScanner.Cells cells) {
    if (cells.broken() != null) {
      throw Delimited.noCsv(source.file(), cells.broken().line(), cells.broken().why());
    }
  }

  /** Later rows of this table. */
  Table later(FileText part, CellScanner.Cells cells, List<String> remarks) {
    requireWhole(part, cells);
    var table =
        new Table(part, format, new DelimitedLayout(cells, 0), columns, 0, headerLine, remarks);
    table.requireAll();
    return table;
  }

  private static Table delimited(
      FileText source,
      TableFormat format,
      Header header,
      CellScanner.Cells cells,
      List<String> remarks) {
    var columns = new ArrayList<String>();
    for (int column = 0; column < cells.width(0); column++) {
      columns.add(
          header == Header.NONE
              ? String.valueOf(column + 1)
              : Labels.trimmed(cells.dialect().decoded(raw(source, cells, column))));
    }
    WrittenColumns written = WrittenColumns.of(columns);
    for (int column = 0; column < columns.size(); column++) {
      if (written.contains(column)) {
        columns.set(column, SpreadsheetText.original(columns.get(column)));
      }
    }
    int headerRows = header == Header.NONE ? 0 : 1;
    return new Table(
        source,
        format,
        new DelimitedLayout(cells, headerRows),
        columns,
        cells.start(0, cells.width(0)) - 1,
        cells.lines()[0],
        remarks);
  }

  private static String raw(FileText source, CellScanner.Cells cells, int column) {
    return source.text().substring(cells.start(0, column), cells.start(0, column + 1) - 1);
  }

  private static void requireSeparator(FileText source, CellScanner.Cells cells) {
    String first = raw(source, cells, 0);
    for (char other : SEPARATORS) {
      if (cells.width(0) == 1
          && other != cells.dialect().separator()
          && first.indexOf(other) >= 0) {
        throw new InvalidInputException(
                "The header has one cell, '%s'; there must be at least two, separated by %s."
                    .formatted(first, cells.dialect().separatorName()),
                "%s separates the cells of this file, and a row has too many or too few."
                    .formatted(Dialect.name(other)))
            .at(source.file() + ":" + cells.lines()[0]);
      }
    }
  }

  private static Table libsvm(FileText source) {
    requireLibsvm(source);
    return new Table(
        source,
        TableFormat.LIBSVM,
        LibsvmLayout.scan(source.text(), 1),
        LibsvmLayout.COLUMNS,
        0,
        1,
        source.remarks());
  }

  static void requireLibsvm(FileText source) {
    char first = source.text().stripLeading().charAt(0);
    if (first == '[' || first == '{') {
      throw new InvalidInputException(
              "The file is JSON; its name says LIBSVM, of which a line is a label and index:value pairs.",
              "its name must end in .jsonl; of a list, `jq -c '.[]'` writes one object a line.")
          .at(source.file().toString());
    }
  }

  private static Table jsonl(FileText source) {
    JsonLines.Objects objects = JsonLines.scan(source.file(), source.text());
    return new Table(
        source,
        TableFormat.JSONL,
        new JsonLayout(objects, source.text()),
        objects.keys(),
        0,
        objects.lines()[0],
        source.remarks());
  }

  // ---- records ---------------------------------------------------------------------------------

  /** The file. */
  public Path file() {
    return source.file();
  }

  /** SHA-256 of the file as it lies on disk, in lower-case hexadecimal digits. */
  public String sha256() {
    return source.sha256();
  }

  /** How its records are written. */
  public TableFormat format() {
    return format;
  }

  /**
   * Names of the columns: the header's cells, or the keys of all objects in the order in which they
   * are first seen. They may be empty and may repeat; {@code label} and {@code features} in a
   * LIBSVM file.
   */
  public List<String> columns() {
    return columns;
  }

  /** Number of records. */
  public int size() {
    return layout.size();
  }

  /** Number of a record among those of the file, counted from 1. */
  public int number(int row) {
    return row + 1;
  }

  /** Line of the file, counted from 1, where a record begins. */
  public int line(int row) {
    return layout.line(row);
  }

  /** Line of the header, or of the first object. */
  public int headerLine() {
    return headerLine;
  }

  /** Where a record stands, such as {@code train.csv:17}. */
  public String place(int row) {
    return source.file() + ":" + line(row);
  }

  /** How many cells a record has: as many as there are columns, but in {@link #ragged} rows. */
  public int width(int row) {
    return layout.width(row);
  }

  /**
   * What a cell says, without quotes and escapes; null where an object lacks the key, or has a
   * list, an object or null under it, and where a ragged row ends before.
   */
  public @Nullable String cell(int row, int column) {
    int start = layout.start(row, column);
    if (start < 0) {
      return null;
    }
    String cell = layout.decoded(source.text().substring(start, layout.end(row, column)));
    return isWritten(column) ? SpreadsheetText.original(cell) : cell;
  }

  /** The cell as it is written in the file, quotes included; null where there is none. */
  public @Nullable String raw(int row, int column) {
    int start = layout.start(row, column);
    return start < 0 ? null : source.text().substring(start, layout.end(row, column));
  }

  /** The number of a column; -1 if none has this name, or several have it. */
  public int indexOf(String column) {
    int first = columns.indexOf(column);
    return first == columns.lastIndexOf(column) ? first : -1;
  }

  /**
   * The number of a column.
   *
   * @param purpose what it is wanted for, as in "the label"
   * @throws InvalidInputException if no column has this name, or several have it
   */
  public int column(String name, String purpose) {
    int first = columns.indexOf(name);
    if (first < 0) {
      throw new InvalidInputException(
              "There is no column '%s' for %s; the columns are %s."
                  .formatted(name, purpose, columnList()),
              Options.meant(name, columns))
          .at(source.file() + ":" + headerLine);
    }
    if (columns.lastIndexOf(name) != first) {
      throw new InvalidInputException(
              "The column '%s' stands twice in the header, and it is wanted for %s."
                  .formatted(name, purpose),
              "one of them must be renamed, or the header is missing and this is a row.")
          .at(source.file() + ":" + headerLine);
    }
    return first;
  }

  /** The columns in one line, for messages. */
  public String columnList() {
    return String.join(", ", columns.stream().map(c -> c.isEmpty() ? "''" : c).toList());
  }

  /** The names that more than one column has. */
  public List<String> doubled() {
    var once = new TreeSet<String>();
    return columns.stream().filter(column -> !once.add(column)).distinct().toList();
  }

  /** What a reader should know: a guessed encoding, separator or manner of quoting. */
  public List<String> remarks() {
    return remarks;
  }

  /** Changes to be written with everything else as it is. */
  public TableEdits edits() {
    return new TableEdits(this);
  }

  // ---- for edits -------------------------------------------------------------------------------

  /** Whether Stackel wrote a column, and an apostrophe before what looks like a formula in it. */
  boolean isWritten(int column) {
    return layout instanceof DelimitedLayout && written.contains(column);
  }

  FileText source() {
    return source;
  }

  Layout layout() {
    return layout;
  }

  /** Where the header ends; 0 without one. */
  int headerEnd() {
    return layout instanceof DelimitedLayout rows && rows.header() == 1 ? headerEnd : 0;
  }
}
