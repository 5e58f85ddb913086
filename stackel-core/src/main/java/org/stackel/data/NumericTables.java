package org.stackel.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.stackel.config.InvalidInputException;

/**
 * Reads tables of numbers: {@code .csv}, {@code .tsv} and {@code .jsonl} with a label column, or a
 * LIBSVM file ({@code label index:value …}, indices from 1 and rising, {@code #} before a comment)
 * under any other name; each also packed as {@code .gz}.
 *
 * <p>Every column but the label, the split and an index of the rows is a feature, unless columns
 * are named. A label column that nobody names is guessed from the header, as {@link Delimited}
 * does; a column "split" says which set a row belongs to.
 */
public final class NumericTables {
  /** All numbers of a file must fit in memory: 2 GiB of them. */
  private static final long MAX_NUMBERS = 1L << 28;

  /** Those read, and those computed with. */
  private static final int COPIES = 2;

  private static final Pattern INDEX_VALUE = Pattern.compile("-?\\w+:\\S*");
  private static final Pattern DECIMAL_COMMA = Pattern.compile("[+-]?[0-9]+,[0-9]+");
  private static final Pattern INDEX_NAME =
      Pattern.compile("(?i)|index|idx|id|row|row_?id|unnamed: ?[0-9]+|no\\.?|nr\\.?|#");
  private static final int SHOWN = 10;

  private NumericTables() {}

  /**
   * Reads a file. The text of a LIBSVM file is not held as a whole, only its numbers.
   *
   * @param columns which columns hold what; a LIBSVM file has none
   * @param rules how the file is read
   * @throws InvalidInputException naming file and line, for whatever keeps a row from being read
   */
  public static NumericTable read(Path file, NumericColumns columns, FileRules rules) {
    var labels = new LabelReader(file, rules);
    if (TableFormat.of(file) == TableFormat.LIBSVM) {
      TableParts parts = TableParts.open(file, TableFormat.LIBSVM, rules.encoding());
      return new Libsvm(file, parts, labels).read();
    }
    return new Columned(Table.read(file, rules.encoding()), labels, columns).read();
  }

  /** A number as programs write it: no {@code 1D}, no {@code 0x1p3}. */
  static double number(String text, String what, String place) {
    double number;
    try {
      number = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw noNumber(text, what, place).causedBy(e);
    }
    if (!Double.isFinite(number)) {
      throw new InvalidInputException(
              "The %s is %s; it must be a finite number.".formatted(what, text.strip()),
              "the row can be left out, or a mean filled in.")
          .at(place);
    }
    if (text.chars().anyMatch(c -> c > '9' && c != 'e' && c != 'E')) {
      throw noNumber(text, what, place);
    }
    return number;
  }

  private static InvalidInputException noNumber(String text, String what, String place) {
    boolean hasComma = DECIMAL_COMMA.matcher(text.strip()).matches();
    return new InvalidInputException(
            text.isBlank()
                ? "The %s is empty; it must be a number.".formatted(what)
                : "The %s is '%s'; it must be a number.".formatted(what, text.strip()),
            text.isBlank()
                ? "the row can be left out, or a mean filled in."
                : hasComma
                    ? "the comma is a decimal comma: write a point."
                    : "the column holds words: number them, or leave it out with problem.ignoreColumns.")
        .at(place);
  }

  private static void requireRoom(Path file, long rows, long width, int line) {
    if (rows * width > MAX_NUMBERS) {
      throw new InvalidInputException(
              "The file has more than %d numbers in %d columns, zeros included; they must fit in memory."
                  .formatted(MAX_NUMBERS, width),
              "a random part of the rows, or fewer columns, is enough.")
          .at(file + ":" + line);
    }
    long bytes = rows * width * COPIES * Double.BYTES + width * Heap.NAME;
    Heap.require(
        bytes, "A table of %,d columns, zeros included,".formatted(width), file + ":" + line);
  }

  // ---- CSV, TSV and JSONL ----------------------------------------------------------------------

  /** A table with columns while it is read. */
  private static final class Columned {
    private final Table table;
    private final LabelReader labels;
    private final NumericColumns columns;
    private final List<String> remarks;
    private final int label;
    private final int split;

    Columned(Table table, LabelReader labels, NumericColumns columns) {
      this.table = table;
      this.labels = labels;
      this.columns = columns;
      remarks = new ArrayList<>(table.remarks());
      label = labelColumn();
      split =
          columns.split() == null
              ? table.indexOf("split")
              : table.column(columns.split(), "the split");
    }

    NumericTable read() {
      List<Integer> features = features();
      if (columns.split() == null && split >= 0) {
        remarks.add(
            "The column 'split' of %s says which set a row belongs to.".formatted(table.file()));
      }
      var numbers = new ArrayList<double[]>();
      var names = new ArrayList<String>();
      var splits = new ArrayList<String>();
      var lines = new Ints();
      for (int row = 0; row < table.size(); row++) {
        String name = labels.read(table.cell(row, label), table.line(row));
        if (name == null) {
          continue;
        }
        names.add(name);
        numbers.add(numbers(row, features));
        if (split >= 0) {
          splits.add(split(row));
        }
        lines.add(table.line(row));
        requireRoom(table.file(), numbers.size(), features.size(), table.line(row));
      }
      labels.requireLabels();
      remarks.addAll(labels.remarks());
      return new NumericTable(
          table.file(),
          table.sha256(),
          features.stream().map(this::name).toList(),
          numbers.toArray(new double[0][]),
          List.copyOf(names),
          split < 0 ? null : List.copyOf(splits),
          lines.toArray(),
          remarks);
    }

    private int labelColumn() {
      if (columns.label() != null) {
        return table.column(columns.label(), "the label");
      }
      String found = Delimited.labelColumn(table.columns());
      if (found == null) {
        throw new InvalidInputException(
                "No column is known to hold the label; the columns are %s."
                    .formatted(table.columnList()),
                "the option 'label' with the name of a column says it; a table must have a header.")
            .at(table.file() + ":" + table.headerLine());
      }
      remarks.add(
          "The label of %s is the column '%s'; problem.label names another."
              .formatted(table.file(), found));
      return table.column(found, "the label");
    }

    private List<Integer> features() {
      if (!columns.features().isEmpty()) {
        return columns.features().stream().map(f -> table.column(f, "a feature")).toList();
      }
      List<Integer> ignored =
          columns.ignore().stream()
              .map(i -> table.column(i, "the option 'ignoreColumns'"))
              .toList();
      var features = new ArrayList<Integer>();
      for (int column = 0; column < table.columns().size(); column++) {
        if (column != label && column != split && !ignored.contains(column) && !isIndex(column)) {
          requireOneName(column);
          features.add(column);
        }
      }
      if (features.isEmpty()) {
        throw new InvalidInputException(
                "No column is left for features; the columns are %s.".formatted(table.columnList()),
                "another column holds the label.")
            .at(table.file() + ":" + table.headerLine());
      }
      remarks.add(
          "%s: %d %s (%s%s); problem.ignoreColumns leaves columns out."
              .formatted(
                  table.file(),
                  features.size(),
                  features.size() == 1 ? "feature" : "features",
                  String.join(", ", features.stream().limit(SHOWN).map(this::name).toList()),
                  features.size() > SHOWN ? ", …" : ""));
      return features;
    }

    private void requireOneName(int column) {
      String name = table.columns().get(column);
      if (!name.isEmpty()) {
        table.column(name, "a feature");
      }
    }

    private String name(int column) {
      String name = table.columns().get(column);
      return name.isEmpty() ? "column " + (column + 1) : name;
    }

    /** Whether a column only counts the rows; what looks so but has a name of its own is said. */
    private boolean isIndex(int column) {
      if (!isCount(column)) {
        if (table.columns().get(column).isEmpty()) {
          remarks.add(
              "%s: column %d has no name and is read as a feature."
                  .formatted(table.file(), column + 1));
        }
        return false;
      }
      if (INDEX_NAME.matcher(table.columns().get(column)).matches()) {
        remarks.add(
            "%s: the column '%s' numbers the rows and is no feature; problem.featureColumns names the features."
                .formatted(table.file(), table.columns().get(column)));
        return true;
      }
      remarks.add(
          "%s: the column '%s' numbers the rows but is read as a feature; problem.ignoreColumns leaves it out."
              .formatted(table.file(), table.columns().get(column)));
      return false;
    }

    /** Whether the cells are whole numbers, each one more than the one before. */
    private boolean isCount(int column) {
      long first = 0;
      for (int row = 0; row < table.size(); row++) {
        String cell = table.cell(row, column);
        if (cell == null || !cell.strip().matches("[0-9]{1,15}")) {
          return false;
        }
        long number = Long.parseLong(cell.strip());
        first = row == 0 ? number : first;
        if (number != first + row) {
          return false;
        }
      }
      return table.size() > 2;
    }

    private double[] numbers(int row, List<Integer> features) {
      double[] numbers = new double[features.size()];
      for (int i = 0; i < numbers.length; i++) {
        String cell = table.cell(row, features.get(i));
        numbers[i] =
            number(
                cell == null ? "" : cell,
                "column '%s'".formatted(name(features.get(i))),
                place(row));
      }
      return numbers;
    }

    private String split(int row) {
      String word = Labels.trimmed(Objects.requireNonNullElse(table.cell(row, split), ""));
      if (word.isEmpty()) {
        throw new InvalidInputException(
                "The column '%s' is empty.".formatted(name(split)), "the row can be left out.")
            .at(place(row));
      }
      return word;
    }

    private String place(int row) {
      return table.place(row);
    }
  }

  // ---- LIBSVM ----------------------------------------------------------------------------------

  /** A LIBSVM file while it is read, a part of its lines at a time. */
  private static final class Libsvm {
    private static final IndexedNumbers DONE = new IndexedNumbers(new int[0], new double[0], false);

    private final Path file;
    private final TableParts table;
    private final LabelReader labels;
    private final List<IndexedNumbers> rows = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final Map<String, String> spellings = new HashMap<>();
    private final Ints lines = new Ints();
    private int width;
    private int queries;
    private boolean isBegun;

    Libsvm(Path file, TableParts table, LabelReader labels) {
      this.file = file;
      this.table = table;
      this.labels = labels;
    }

    NumericTable read() {
      try {
        table.forEach(this::add);
      } catch (IOException e) {
        throw InputFile.unreadable(file, e);
      }
      labels.requireLabels();
      if (width == 0) {
        throw new InvalidInputException(
                "The file has no numbers, only labels.",
                "it is a table with a header: then its name ends in .csv or .tsv.")
            .at(file.toString());
      }
      double[][] numbers = new double[rows.size()][];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = dense(rows.set(i, DONE), width);
      }
      return new NumericTable(
          file,
          Sha256.of(file),
          IntStream.rangeClosed(1, width).mapToObj(String::valueOf).toList(),
          numbers,
          List.copyOf(names),
          null,
          lines.toArray(),
          remarks());
    }

    private boolean add(Table part) {
      for (int row = 0; row < part.size(); row++) {
        String place = part.place(row);
        String label = Objects.requireNonNull(part.cell(row, 0));
        String features = Objects.requireNonNull(part.cell(row, 1));
        requireShape(place, label, features);
        var read =
            IndexedNumbers.of(features, 1, "the file counts from 0: add 1 to every index.", place);
        queries += read.hasQuery() ? 1 : 0;
        String name = labels.read(label, part.line(row));
        if (name != null) {
          rows.add(read);
          names.add(spellings.computeIfAbsent(name, own -> own));
          lines.add(part.line(row));
          width = Math.max(width, read.width());
          requireRoom(file, rows.size(), width, part.line(row));
        }
      }
      return true;
    }

    private List<String> remarks() {
      var remarks = new ArrayList<>(table.remarks());
      remarks.addAll(labels.remarks());
      if (queries > 0) {
        remarks.add(
            "%s: the query numbers (qid) of %,d rows are not read.".formatted(file, queries));
      }
      return remarks;
    }

    private void requireShape(String place, String label, String features) {
      String first = features.split("\\s+", 2)[0];
      boolean isFirst = !isBegun;
      isBegun = true;
      if (isFirst && !features.isEmpty() && !INDEX_VALUE.matcher(first).matches()) {
        throw new InvalidInputException(
                "The line is no row of a LIBSVM file (label index:value …).",
                "the file is a table with a header: then its name ends in .csv or .tsv.")
            .at(place);
      }
      if (label.isEmpty()) {
        throw new InvalidInputException(
                "The row has no label: it begins with '%s'.".formatted(first),
                "the row belongs to a test file without labels, and can be left out.")
            .at(place);
      }
      if (!features.isEmpty() && isSeveral(label)) {
        throw new InvalidInputException(
                "The label '%s' is several labels; a row must have one.".formatted(label),
                DECIMAL_COMMA.matcher(label).matches()
                    ? "the file has several labels a row, which is not supported, or the comma is a decimal comma."
                    : "the file has several labels a row, which is not supported.")
            .at(place);
      }
    }

    /** Whether there are labels with commas between them. */
    private static boolean isSeveral(String label) {
      return label.indexOf(',') > 0 && !label.contains(",,") && !label.endsWith(",");
    }

    private static double[] dense(IndexedNumbers row, int width) {
      double[] dense = new double[width];
      for (int i = 0; i < row.indices().length; i++) {
        dense[row.indices()[i] - 1] = row.values()[i];
      }
      return dense;
    }
  }
}
