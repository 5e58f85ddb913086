package org.stackel.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Delimited;
import org.stackel.data.FileRules;
import org.stackel.data.Heap;
import org.stackel.data.IndexedNumbers;
import org.stackel.data.LabelReader;
import org.stackel.data.Labels;
import org.stackel.data.NumberCell;
import org.stackel.data.Table;
import org.stackel.data.TableFormat;
import org.stackel.text.Examples;

/**
 * The labelled rows of one file, as numbers or as texts. Sparse rows stay sparse.
 *
 * @param place the file
 * @param features names of the numbers; those that are met in a LIBSVM file, by their index; none
 *     of texts
 * @param columns which number is in each place of {@code values}, from 0 on
 * @param values the numbers that are not zero
 * @param offsets where each row begins in them, then their length
 * @param texts the text of each row; none of numbers
 * @param textColumn where they stand; empty of numbers
 * @param labels of each row, in one spelling
 * @param isSparse whether zeros are left out in the file
 * @param sha256 of the file
 * @param remarks what a reader should know
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record RawRows(
    String place,
    List<String> features,
    int[] columns,
    float[] values,
    int[] offsets,
    List<String> texts,
    String textColumn,
    List<String> labels,
    boolean isSparse,
    String sha256,
    List<String> remarks) {

  private static final Set<String> INDEX =
      Set.of("", "id", "index", "row", "row_id", "unnamed: 0", "_id", "uuid");

  int size() {
    return labels.size();
  }

  boolean isText() {
    return features.isEmpty();
  }

  /**
   * Reads a file.
   *
   * @param rules what is no label
   * @param text column of texts; null to find out
   * @param label column of the label; null to find out
   * @param firstIndex index of the first feature of a LIBSVM file; null to find out
   * @param like rows of the training file, whose columns these must have; null if this is it
   */
  static RawRows read(
      Table table,
      FileRules rules,
      @Nullable String text,
      @Nullable String label,
      @Nullable Integer firstIndex,
      @Nullable RawRows like) {
    return new Reader(table, rules, text, label, firstIndex, like).read();
  }

  /** Numbers that grow. */
  private static final class Growing {
    private int[] columns = new int[1 << 12];
    private float[] values = new float[1 << 12];
    private int count;

    void add(int column, double value) {
      if (count == columns.length) {
        columns = java.util.Arrays.copyOf(columns, 2 * count);
        values = java.util.Arrays.copyOf(values, 2 * count);
      }
      columns[count] = column;
      values[count++] = (float) value;
    }

    /** Counts columns from a later one. */
    void shift(int first) {
      for (int i = 0; i < count; i++) {
        columns[i] -= first;
      }
    }
  }

  private static final class Reader {
    private final Table table;
    private final @Nullable String text;
    private final @Nullable String label;
    private final @Nullable Integer firstIndex;
    private final @Nullable RawRows like;
    private final List<String> remarks = new ArrayList<>();
    private final Growing numbers = new Growing();
    private final List<Integer> offsets = new ArrayList<>(List.of(0));
    private final List<String> labels = new ArrayList<>();
    private final LabelReader reader;

    Reader(
        Table table,
        FileRules rules,
        @Nullable String text,
        @Nullable String label,
        @Nullable Integer firstIndex,
        @Nullable RawRows like) {
      this.firstIndex = firstIndex;
      this.table = table;
      reader = new LabelReader(table.file(), rules);
      this.text = text;
      this.label = label;
      this.like = like;
      remarks.addAll(table.remarks());
    }

    RawRows read() {
      if (table.format() == TableFormat.LIBSVM) {
        return libsvm();
      }
      int labelAt = labelColumn();
      int textAt = textColumn(labelAt);
      return textAt >= 0 ? texts(labelAt, textAt) : numbers(labelAt);
    }

    private RawRows done(
        List<String> features, List<String> texts, String textColumn, boolean isSparse) {
      reader.requireLabels();
      remarks.addAll(reader.remarks());
      return new RawRows(
          table.file().toString(),
          features,
          java.util.Arrays.copyOf(numbers.columns, numbers.count),
          java.util.Arrays.copyOf(numbers.values, numbers.count),
          offsets.stream().mapToInt(Integer::intValue).toArray(),
          texts,
          textColumn,
          labels,
          isSparse,
          table.sha256(),
          remarks);
    }

    /** Whether the row has a label, which is then kept. */
    private boolean isLabelled(int row, @Nullable String raw) {
      String own = reader.read(raw, table.line(row));
      if (own == null) {
        return false;
      }
      labels.add(own);
      return true;
    }

    // ---- columns -----------------------------------------------------------------------------

    private int labelColumn() {
      if (label != null) {
        return table.column(label, "the label");
      }
      for (String known : Delimited.LABEL) {
        for (int i = 0; i < table.columns().size(); i++) {
          if (table.columns().get(i).equalsIgnoreCase(known)) {
            table.column(table.columns().get(i), "the label"); // which must be there once
            remarks.add(
                "%s: column '%s' is taken for the label; --label names another."
                    .formatted(table.file(), table.columns().get(i)));
            return i;
          }
        }
      }
      throw new InvalidInputException(
              "No column is known to hold the label; the columns are %s."
                  .formatted(table.columnList()),
              "--label with the name of a column says it.")
          .at(table.file() + ":" + table.headerLine());
    }

    /** The column of texts; -1 if rows are numbers. */
    private int textColumn(int labelAt) {
      if (text != null) {
        return table.column(text, "the text");
      }
      if (like != null) {
        return like.isText() ? guessedText() : -1;
      }
      int guessed = guessedText();
      boolean holdsWords = guessed >= 0 && guessed != labelAt && !isNumeric(guessed);
      if (holdsWords) {
        remarks.add(
            "%s: column '%s' is read as texts, by the frequency of words (TF-IDF); --text names another."
                .formatted(table.file(), table.columns().get(guessed)));
      }
      return holdsWords ? guessed : -1;
    }

    private int guessedText() {
      String name =
          Examples.guessTexts(table.columns(), java.util.Map.of()).getOrDefault("text", "");
      return name.isEmpty() ? -1 : table.column(name, "the text");
    }

    private boolean isNumeric(int column) {
      for (int row = 0; row < table.size(); row++) {
        String cell = table.cell(row, column);
        if (cell != null && !cell.isBlank() && Double.isNaN(number(cell))) {
          return false;
        }
      }
      return true;
    }

    private static double number(String cell) {
      try {
        double number = Double.parseDouble(cell.strip());
        char last = cell.strip().charAt(cell.strip().length() - 1);
        return Character.isLetter(last) ? Double.NaN : number;
      } catch (NumberFormatException e) {
        return Double.NaN;
      }
    }

    // ---- tables ------------------------------------------------------------------------------

    private RawRows texts(int labelAt, int textAt) {
      var texts = new ArrayList<String>();
      int empty = 0;
      int firstEmpty = 0;
      for (int row = 0; row < table.size(); row++) {
        if (isLabelled(row, table.cell(row, labelAt))) {
          String cell = table.cell(row, textAt);
          String text = cell == null ? "" : Labels.trimmed(cell);
          if (text.isEmpty()) {
            firstEmpty = empty == 0 ? table.line(row) : firstEmpty;
            empty++;
          }
          texts.add(text);
          offsets.add(0);
        }
      }
      if (empty > 0) {
        remarks.add(
            "%s: %,d %s empty, the first in line %d."
                .formatted(table.file(), empty, empty == 1 ? "text is" : "texts are", firstEmpty));
      }
      return done(List.of(), texts, table.columns().get(textAt), true);
    }

    private RawRows numbers(int labelAt) {
      var features = new ArrayList<Integer>();
      if (like == null) {
        chooseFeatures(labelAt, features);
      } else {
        like.features().forEach(name -> features.add(table.column(name, "the features")));
      }
      for (int row = 0; row < table.size(); row++) {
        if (!isLabelled(row, table.cell(row, labelAt))) {
          continue;
        }
        for (int j = 0; j < features.size(); j++) {
          String cell = table.cell(row, features.get(j));
          double value = number(cell == null || cell.isBlank() ? "?" : cell);
          if (!Double.isFinite(value)) {
            throw new InvalidInputException(
                    "The column '%s' is '%s'; it must be a finite number."
                        .formatted(table.columns().get(features.get(j)), cell == null ? "" : cell),
                    "the row can be left out, or a mean filled in.")
                .at(table.place(row));
          }
          if (value != 0) {
            numbers.add(j, value);
          }
        }
        offsets.add(numbers.count);
      }
      return done(features.stream().map(table.columns()::get).toList(), List.of(), "", false);
    }

    private void chooseFeatures(int labelAt, List<Integer> features) {
      var indices = new ArrayList<String>();
      var words = new ArrayList<String>();
      var seen = new TreeSet<String>();
      for (int column = 0; column < table.columns().size(); column++) {
        String name = table.columns().get(column);
        if (column == labelAt) {
          continue;
        }
        if (INDEX.contains(name.toLowerCase(Locale.ROOT)) || !seen.add(name)) {
          indices.add(name);
        } else if (!isNumeric(column)) {
          requireNoComma(column);
          words.add(name);
        } else {
          features.add(column);
        }
      }
      if (!indices.isEmpty()) {
        remarks.add(
            "%s: the columns %s are taken for indices or repeat others, and are left out."
                .formatted(table.file(), String.join(", ", quoted(indices))));
      }
      if (!words.isEmpty()) {
        remarks.add(
            "%s: the columns %s hold words and are left out; --text reads one of them as texts."
                .formatted(table.file(), String.join(", ", quoted(words))));
      }
      if (features.isEmpty()) {
        throw new InvalidInputException(
                "No column holds numbers; the columns are %s.".formatted(table.columnList()),
                "--text with the name of a column reads texts.")
            .at(table.file() + ":" + table.headerLine());
      }
    }

    /** Complains about a column of numbers with decimal commas. */
    private void requireNoComma(int column) {
      int first = -1;
      for (int row = 0; row < table.size(); row++) {
        String cell = table.cell(row, column);
        if (cell == null || NumberCell.isMissing(cell)) {
          continue;
        }
        boolean hasComma = NumberCell.hasComma(cell);
        if (!hasComma && Double.isNaN(number(cell))) {
          return;
        }
        first = first < 0 && hasComma ? row : first;
      }
      if (first >= 0) {
        throw NumberCell.noNumber(
                table.columns().get(column), String.valueOf(table.cell(first, column)))
            .at(table.place(first));
      }
    }

    private static List<String> quoted(List<String> names) {
      return names.stream().map(name -> "'" + name + "'").toList();
    }

    // ---- LIBSVM ------------------------------------------------------------------------------

    private RawRows libsvm() {
      int width = -1;
      boolean isFromZero = false;
      int least = likeFirst(firstIndex == null ? 0 : firstIndex);
      int queries = 0;
      for (int row = 0; row < table.size(); row++) {
        if (!isLabelled(row, table.cell(row, 0))) {
          continue;
        }
        String cell = table.cell(row, 1);
        var own =
            IndexedNumbers.of(
                cell == null ? "" : cell,
                least,
                "the file counts from 0: --first-index 0 says so.",
                table.place(row));
        queries += own.hasQuery() ? 1 : 0;
        for (int i = 0; i < own.indices().length; i++) {
          isFromZero |= own.indices()[i] == 0;
          width = Math.max(width, own.indices()[i]);
          if (own.values()[i] != 0) {
            numbers.add(own.indices()[i], own.values()[i]);
          }
        }
        offsets.add(numbers.count);
      }
      if (width < 0) {
        throw new InvalidInputException(
                "The file has no numbers, only labels.",
                "it is a table with a header: then its name ends in .csv or .tsv.")
            .at(table.file().toString());
      }
      if (queries > 0) {
        remarks.add(
            "%s: the query numbers (qid) of %,d rows are not read."
                .formatted(table.file(), queries));
      }
      int first = firstIndex != null ? firstIndex : like != null ? least : isFromZero ? 0 : 1;
      if (firstIndex == null && like == null && isFromZero) {
        remarks.add(
            "%s: the index 0 is met, so indices count from 0; --first-index 1 refuses it."
                .formatted(table.file()));
      }
      if (like != null) {
        width = Math.max(width, like.features().size() + first - 1);
      }
      Heap.require(
          width * Heap.NAME, "A table of %,d columns".formatted(width), table.file().toString());
      numbers.shift(first);
      return done(
          java.util.stream.IntStream.rangeClosed(first, width).mapToObj(String::valueOf).toList(),
          List.of(),
          "",
          true);
    }

    /** The first index of the training file, where this is another one. */
    private int likeFirst(int otherwise) {
      return like == null || !like.isSparse()
          ? otherwise
          : Integer.parseInt(like.features().get(0));
    }
  }
}
