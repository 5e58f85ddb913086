package org.stackel.clean;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Delimited;
import org.stackel.data.NumberCell;
import org.stackel.data.Table;
import org.stackel.data.TableFormat;
import org.stackel.text.Examples;

/**
 * What the columns of a table are for.
 *
 * @param label name of the column of the label
 * @param texts columns of texts
 * @param numbers columns of numbers
 * @param categories columns of words that stand for categories
 * @param pairs columns of {@code index:value} pairs
 * @param ids columns that name a row, which are copied to the results
 * @param remarks guesses, in sentences
 */
record Roles(
    String label,
    List<String> texts,
    List<String> numbers,
    List<String> categories,
    List<String> pairs,
    List<String> ids,
    List<String> remarks)
    implements Serializable {
  /** Of texts, as everywhere, and then those that are rarely the only ones. */
  private static final List<String> TEXT =
      Stream.concat(Examples.TEXT.stream(), Stream.of("message", "title", "subject")).toList();

  private static final Set<String> ID =
      Set.of(
          "",
          "id",
          "ids",
          "idx",
          "index",
          "uid",
          "uuid",
          "guid",
          "key",
          "row",
          "rowid",
          "nr",
          "no",
          "number",
          "unnamed: 0");
  private static final int LOOKED_AT = 20_000;

  /** Share of its cells that are numbers in a column of numbers. */
  private static final double MOSTLY = 0.95;

  /** What a user says about columns; everything else is found out. */
  record Named(
      @Nullable String label, List<String> texts, List<String> features, List<String> ids) {}

  /** Finds what the columns are for. */
  static Roles of(Table table, Named named, boolean readsFeatures) {
    var remarks = new ArrayList<String>();
    if (table.format() == TableFormat.LIBSVM) {
      return new Roles(
          "label", List.of(), List.of(), List.of(), List.of("features"), List.of(), remarks);
    }
    String file = table.file().toString();
    String label = label(table, named.label(), remarks);
    var texts = new ArrayList<>(named.texts());
    texts.forEach(text -> table.column(text, "the text"));
    var others = new ArrayList<>(named.features());
    others.forEach(feature -> table.column(feature, "a feature"));
    List<String> ids = ids(table, named, label, texts, others);
    if (texts.isEmpty() && others.isEmpty() && readsFeatures) {
      texts.addAll(knownTexts(table, label));
      if (texts.isEmpty()) {
        table.columns().stream()
            .filter(column -> table.indexOf(column) >= 0)
            .filter(column -> !column.equals(label) && !ids.contains(column))
            .forEach(others::add);
      } else {
        remarks.add(
            "%s: %s taken for the text; --text names another."
                .formatted(file, quoted(texts, "column", "is", "are")));
        sayUnused(table, label, texts, ids, remarks);
      }
      if (named.ids().isEmpty()) {
        sayIds(file, ids, remarks);
      }
    }
    var numbers = new ArrayList<String>();
    var categories = new ArrayList<String>();
    for (String column : others) {
      switch (kind(table, column)) {
        case NUMBER -> numbers.add(column);
        case CATEGORY -> categories.add(column);
        case TEXT -> texts.add(column);
      }
    }
    if (readsFeatures && texts.isEmpty() && numbers.isEmpty() && categories.isEmpty()) {
      throw new InvalidInputException(
              "Beside the label '%s' there is no column to learn from; the columns are %s."
                  .formatted(label, table.columnList()),
              ids.isEmpty()
                  ? "--text or --features names one."
                  : "--features %s was meant: it is taken to name the rows.".formatted(ids.get(0)))
          .at(file + ":" + table.headerLine());
    }
    if (!others.isEmpty()) {
      sayKinds(file, texts, numbers, categories, remarks);
    }
    return new Roles(label, texts, numbers, categories, List.of(), ids, remarks);
  }

  /** All columns that a model reads, in its order. */
  List<String> read() {
    var all = new ArrayList<>(texts);
    all.addAll(numbers);
    all.addAll(categories);
    all.addAll(pairs);
    return all;
  }

  /** The column of the label, which somebody names, or its name says. */
  static String label(Table table, @Nullable String named, List<String> remarks) {
    if (named != null) {
      table.column(named, "the label");
      return named;
    }
    for (String known : Delimited.LABEL) {
      for (String column : table.columns()) {
        if (column.equalsIgnoreCase(known)) {
          table.column(column, "the label"); // which must be there once
          remarks.add(
              "%s: column '%s' is taken for the label; --label names another."
                  .formatted(table.file(), column));
          return column;
        }
      }
    }
    throw new InvalidInputException(
            "No column is known to hold the label; the columns are %s."
                .formatted(table.columnList()),
            "--label with the name of a column says it.")
        .at(table.place(0).replaceFirst(":\\d+$", ":" + table.headerLine()));
  }

  private static List<String> knownTexts(Table table, String label) {
    for (String known : TEXT) {
      for (String column : table.columns()) {
        if (column.equalsIgnoreCase(known) && !column.equals(label) && table.indexOf(column) >= 0) {
          for (String second : table.columns()) {
            if (Examples.TEXT2.contains(second.toLowerCase(Locale.ROOT))
                && table.indexOf(second) >= 0) {
              return List.of(column, second);
            }
          }
          return List.of(column);
        }
      }
    }
    return List.of();
  }

  private static List<String> ids(
      Table table, Named named, String label, List<String> texts, List<String> features) {
    if (!named.ids().isEmpty()) {
      named.ids().forEach(id -> table.column(id, "the names of rows"));
      return named.ids();
    }
    return table.columns().stream()
        .filter(column -> table.indexOf(column) >= 0)
        .filter(c -> !c.equals(label) && !texts.contains(c) && !features.contains(c))
        .filter(column -> isId(table, column))
        .toList();
  }

  private static boolean isId(Table table, String column) {
    String name = column.toLowerCase(Locale.ROOT);
    if (ID.contains(name)
        || name.endsWith("_id")
        || column.endsWith("Id")
        || name.endsWith("-id")
        || name.endsWith(" id")) {
      return true;
    }
    int at = table.indexOf(column);
    int rows = Math.min(table.size(), LOOKED_AT);
    long previous = Long.MIN_VALUE;
    for (int row = 0; row < rows; row++) {
      String cell = table.cell(row, at);
      if (cell == null || !cell.matches("[0-9]{1,15}")) {
        return false;
      }
      long number = Long.parseLong(cell);
      if (row > 0 && number != previous + 1) {
        return false;
      }
      previous = number;
    }
    return rows > 2;
  }

  private enum Kind {
    NUMBER,
    CATEGORY,
    TEXT
  }

  private static Kind kind(Table table, String column) {
    int at = table.column(column, "a feature");
    int filled = 0;
    int numbers = 0;
    int withComma = 0;
    int firstComma = -1;
    long length = 0;
    var distinct = new HashSet<String>();
    int rows = Math.min(table.size(), LOOKED_AT);
    for (int row = 0; row < rows; row++) {
      String cell = table.cell(row, at);
      if (cell != null && !NumberCell.isMissing(cell)) {
        filled++;
        length += cell.length();
        distinct.add(cell.strip());
        numbers += Double.isNaN(NumberBlock.number(cell)) ? 0 : 1;
        if (NumberCell.hasComma(cell)) {
          firstComma = withComma == 0 ? row : firstComma;
          withComma++;
        }
      }
    }
    if (filled > 0 && numbers + withComma >= MOSTLY * filled) {
      if (firstComma >= 0) {
        throw NumberCell.noNumber(column, String.valueOf(table.cell(firstComma, at)))
            .at(table.place(firstComma));
      }
      return Kind.NUMBER;
    }
    boolean isShort = filled == 0 || length / filled <= 40;
    return isShort && distinct.size() <= Math.max(30, filled / 20) ? Kind.CATEGORY : Kind.TEXT;
  }

  private static void sayKinds(
      String file,
      List<String> texts,
      List<String> numbers,
      List<String> categories,
      List<String> remarks) {
    var parts = new ArrayList<String>();
    if (!texts.isEmpty()) {
      parts.add("as text " + shown(texts));
    }
    if (!numbers.isEmpty()) {
      parts.add("as numbers " + shown(numbers));
    }
    if (!categories.isEmpty()) {
      parts.add("as categories " + shown(categories));
    }
    remarks.add(
        "%s: read %s; --features names the columns to read."
            .formatted(file, String.join(", ", parts)));
  }

  private static void sayIds(String file, List<String> ids, List<String> remarks) {
    if (!ids.isEmpty()) {
      remarks.add(
          "%s: %s taken to name the rows, and %s no feature; --features or --id says otherwise."
              .formatted(file, quoted(ids, "column", "is", "are"), ids.size() == 1 ? "is" : "are"));
    }
  }

  private static void sayUnused(
      Table table, String label, List<String> texts, List<String> ids, List<String> remarks) {
    List<String> unused =
        table.columns().stream()
            .filter(c -> !c.equals(label) && !texts.contains(c) && !ids.contains(c))
            .toList();
    if (!unused.isEmpty()) {
      remarks.add(
          "%s: not read: %s; --features adds columns to --text."
              .formatted(table.file(), shown(unused)));
    }
  }

  private static String quoted(List<String> columns, String noun, String one, String many) {
    return "%s%s %s %s"
        .formatted(
            noun, columns.size() == 1 ? "" : "s", shown(columns), columns.size() == 1 ? one : many);
  }

  private static String shown(List<String> columns) {
    int most = 12;
    String all =
        String.join(
            ", ",
            IntStream.range(0, Math.min(most, columns.size()))
                .mapToObj(i -> "'" + columns.get(i) + "'")
                .toList());
    return columns.size() > most ? "%s and %d more".formatted(all, columns.size() - most) : all;
  }
}
