package org.stackel.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;

/**
 * Reads tables of numbers: {@code .csv} and {@code .tsv} with a header and a label column, or a
 * LIBSVM file ({@code label index:value …}, indices from 1 and rising, {@code #} before a comment)
 * under any other name; each also packed as {@code .gz}. All are UTF-8.
 *
 * <p>Every column but the label and the split is a feature. A label column that nobody names is
 * guessed from the header, as {@link Delimited} does; a column "split" says which set a row belongs
 * to.
 */
public final class NumericTables {
  /** All numbers of a file must fit in memory: 2 GiB of them. */
  private static final long MAX_NUMBERS = 1L << 28;

  private static final Pattern LIBSVM = Pattern.compile("\\S+(\\s+-?\\d+:\\S+)*\\s*(#.*)?");

  private NumericTables() {}

  /**
   * Reads a file whole.
   *
   * @param label column of the label; guessed if null; a LIBSVM file has none
   * @param split column that says which set a row belongs to; "split", if there is one, if null
   * @throws InvalidInputException naming file and line, for whatever keeps a row from being read
   */
  public static NumericTable read(Path file, @Nullable String label, @Nullable String split) {
    byte[] bytes = InputFile.bytes(file);
    String lower = InputFile.name(file).toLowerCase(Locale.ROOT);
    if (lower.endsWith(".bz2") || lower.endsWith(".xz") || lower.endsWith(".zip")) {
      throw new InvalidInputException(
          "The file '%s' is packed; of packed files only .gz is read.".formatted(file),
          "unpacking it first helps.");
    }
    String text = InputFile.text(file, bytes);
    if (text.isBlank()) {
      throw new InvalidInputException("The file is empty.", "writing it did not succeed.")
          .at(file.toString());
    }
    String plain = lower.endsWith(".gz") ? lower.substring(0, lower.length() - 3) : lower;
    String sha256 = Sha256.of(bytes);
    if (plain.endsWith(".csv") || plain.endsWith(".tsv")) {
      return new Table(file, sha256, plain.endsWith(".csv") ? ',' : '\t', label, split).read(text);
    }
    return libsvm(file, sha256, text);
  }

  /** Numbers in one spelling; other labels as they are. */
  private static String canonical(String label) {
    try {
      double number = Double.parseDouble(label);
      return number == Math.rint(number) && Math.abs(number) < 1L << 53
          ? Long.toString((long) number)
          : Double.toString(number);
    } catch (NumberFormatException e) {
      return label;
    }
  }

  private static double number(String text, String what, String place) {
    double number;
    try {
      number = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
              text.isBlank()
                  ? "The %s is empty; it must be a number.".formatted(what)
                  : "The %s is '%s'; it must be a number.".formatted(what, text),
              text.isBlank()
                  ? "the row can be left out, or a mean filled in."
                  : "the column holds words: number them, or leave it out.")
          .at(place)
          .causedBy(e);
    }
    if (!Double.isFinite(number)) {
      throw new InvalidInputException(
              "The %s is %s; it must be a finite number.".formatted(what, text),
              "the row can be left out, or a mean filled in.")
          .at(place);
    }
    return number;
  }

  private static void requireRoom(Path file, long rows, long width) {
    if (rows * width > MAX_NUMBERS) {
      throw new InvalidInputException(
              "The file has more than %d numbers in %d columns, zeros included; they must fit in memory."
                  .formatted(MAX_NUMBERS, width),
              "a random part of the rows, or fewer columns, is enough.")
          .at(file.toString());
    }
  }

  // ---- CSV and TSV -----------------------------------------------------------------------------

  /** A table while it is read. */
  private static final class Table {
    private final Path file;
    private final String sha256;
    private final char separator;
    private final @Nullable String label;
    private final @Nullable String split;

    Table(
        Path file, String sha256, char separator, @Nullable String label, @Nullable String split) {
      this.file = file;
      this.sha256 = sha256;
      this.separator = separator;
      this.label = label;
      this.split = split;
    }

    NumericTable read(String text) {
      int line = 1;
      try (CsvReader<CsvRecord> reader =
          CsvReader.builder()
              .fieldSeparator(separator)
              .allowUnclosedQuote(false)
              .allowExtraCharsAfterClosingQuote(false)
              .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
              .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
              .ofCsvRecord(text)) {
        List<String> header = List.of();
        var numbers = new ArrayList<double[]>();
        var labels = new ArrayList<String>();
        var splits = new ArrayList<String>();
        var lines = new ArrayList<Integer>();
        int labelAt = -1;
        int splitAt = -1;
        for (CsvRecord row : reader) {
          line = (int) row.getStartingLineNumber();
          List<String> cells = row.getFields();
          if (header.isEmpty()) {
            header = Delimited.header(file, line, cells, separator);
            labelAt = labelColumn(header, line);
            splitAt = splitColumn(header, line);
            continue;
          }
          Delimited.requireAll(file, line, header, cells);
          numbers.add(numbers(header, cells, labelAt, splitAt, line));
          labels.add(canonical(cell(header, cells, labelAt, line)));
          if (splitAt >= 0) {
            splits.add(cell(header, cells, splitAt, line));
          }
          lines.add(line);
          requireRoom(file, numbers.size(), header.size());
        }
        if (numbers.isEmpty()) {
          throw new InvalidInputException(
                  "The file has a header and no rows.",
                  "its only line is a row and the header is missing.")
              .at(file + ":" + line);
        }
        return new NumericTable(
            file,
            sha256,
            without(header, labelAt, splitAt),
            numbers.toArray(new double[0][]),
            List.copyOf(labels),
            splitAt < 0 ? null : List.copyOf(splits),
            lines.stream().mapToInt(Integer::intValue).toArray(),
            remarks(header, labelAt, splitAt));
      } catch (CsvParseException e) {
        throw Delimited.noCsv(file, line, e);
      } catch (IOException e) {
        throw new UncheckedIOException(e); // a string does not fail
      }
    }

    private int labelColumn(List<String> header, int line) {
      if (label != null) {
        return named(label, "label", header, line);
      }
      for (String known : Delimited.LABEL) {
        for (int i = 0; i < header.size(); i++) {
          if (header.get(i).equalsIgnoreCase(known)) {
            return i;
          }
        }
      }
      throw new InvalidInputException(
              "No column is known to hold the label; the columns are %s."
                  .formatted(String.join(", ", header)),
              "the option 'label' with the name of a column says it; a table must have a header.")
          .at(file + ":" + line);
    }

    private int splitColumn(List<String> header, int line) {
      return split == null ? header.indexOf("split") : named(split, "split", header, line);
    }

    private int named(String name, String role, List<String> header, int line) {
      int at = header.indexOf(name);
      if (at < 0) {
        throw new InvalidInputException(
                "There is no column '%s' for the %s; the columns are %s."
                    .formatted(name, role, String.join(", ", header)),
                Options.meant(name, header))
            .at(file + ":" + line);
      }
      return at;
    }

    private List<String> remarks(List<String> header, int labelAt, int splitAt) {
      var remarks = new ArrayList<String>();
      if (label == null) {
        remarks.add("The label of %s is the column '%s'.".formatted(file, header.get(labelAt)));
      }
      if (split == null && splitAt >= 0) {
        remarks.add("The column 'split' of %s says which set a row belongs to.".formatted(file));
      }
      return remarks;
    }

    private String cell(List<String> header, List<String> cells, int at, int line) {
      String cell = cells.get(at).strip();
      if (cell.isEmpty()) {
        throw new InvalidInputException(
                "The column '%s' is empty.".formatted(header.get(at)), "the row can be left out.")
            .at(file + ":" + line);
      }
      return cell;
    }

    private double[] numbers(
        List<String> header, List<String> cells, int labelAt, int splitAt, int line) {
      double[] numbers = new double[header.size() - (splitAt >= 0 && splitAt != labelAt ? 2 : 1)];
      int next = 0;
      for (int i = 0; i < cells.size(); i++) {
        if (i != labelAt && i != splitAt) {
          numbers[next++] =
              number(cells.get(i), "column '%s'".formatted(header.get(i)), file + ":" + line);
        }
      }
      return numbers;
    }

    private static List<String> without(List<String> header, int labelAt, int splitAt) {
      return IntStream.range(0, header.size())
          .filter(i -> i != labelAt && i != splitAt)
          .mapToObj(header::get)
          .toList();
    }
  }

  // ---- LIBSVM ----------------------------------------------------------------------------------

  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  private record SparseRow(int[] columns, double[] values) {
    int width() {
      return columns.length == 0 ? 0 : columns[columns.length - 1];
    }

    double[] dense(int width) {
      double[] row = new double[width];
      for (int i = 0; i < columns.length; i++) {
        row[columns[i] - 1] = values[i];
      }
      return row;
    }
  }

  private static NumericTable libsvm(Path file, String sha256, String text) {
    var rows = new ArrayList<SparseRow>();
    var labels = new ArrayList<String>();
    var lines = new ArrayList<Integer>();
    int line = 0;
    int width = 0;
    for (String each : (Iterable<String>) text.lines()::iterator) {
      line++;
      int comment = each.indexOf('#');
      String row = (comment < 0 ? each : each.substring(0, comment)).strip();
      if (row.isEmpty()) {
        continue;
      }
      if (rows.isEmpty() && !LIBSVM.matcher(row).matches()) {
        throw new InvalidInputException(
                "The line is no row of a LIBSVM file (label index:value …).",
                "the file is a table with a header: then its name ends in .csv or .tsv.")
            .at(file + ":" + line);
      }
      String[] words = row.split("\\s+");
      labels.add(canonical(words[0]));
      SparseRow read = sparse(words, file + ":" + line);
      rows.add(read);
      lines.add(line);
      width = Math.max(width, read.width());
      requireRoom(file, rows.size(), width);
    }
    if (width == 0) {
      throw new InvalidInputException(
              "The file has no numbers, only labels.",
              "it is a table with a header: then its name ends in .csv or .tsv.")
          .at(file.toString());
    }
    double[][] numbers = new double[rows.size()][];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = rows.get(i).dense(width);
    }
    return new NumericTable(
        file,
        sha256,
        IntStream.rangeClosed(1, width).mapToObj(String::valueOf).toList(),
        numbers,
        List.copyOf(labels),
        null,
        lines.stream().mapToInt(Integer::intValue).toArray(),
        List.of());
  }

  private static SparseRow sparse(String[] words, String place) {
    int[] columns = new int[words.length - 1];
    double[] values = new double[words.length - 1];
    for (int i = 0; i < columns.length; i++) {
      String word = words[i + 1];
      int colon = word.indexOf(':');
      int index = colon < 0 ? -1 : index(word.substring(0, colon));
      if (index < 1) {
        throw new InvalidInputException(
                "'%s' is no index:value with an index of at least 1.".formatted(word),
                word.startsWith("0:")
                    ? "the file counts from 0: add 1 to every index."
                    : "a blank is missing, or there is one too many.")
            .at(place);
      }
      if (i > 0 && index <= columns[i - 1]) {
        throw new InvalidInputException(
                "The index %d follows %d; indices must rise.".formatted(index, columns[i - 1]),
                "two rows share a line, or the row is not sorted.")
            .at(place);
      }
      columns[i] = index;
      values[i] = number(word.substring(colon + 1), "value of index " + index, place);
    }
    return new SparseRow(columns, values);
  }

  private static int index(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
