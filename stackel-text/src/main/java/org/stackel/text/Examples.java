package org.stackel.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Delimited;
import org.stackel.data.FileRules;
import org.stackel.data.FileText;
import org.stackel.data.InputFile;
import org.stackel.data.LabelReader;
import org.stackel.data.Labels;
import org.stackel.data.Table;
import org.stackel.data.TableFormat;

/**
 * Reads examples from a {@link Table}: {@code .csv}, {@code .tsv} or {@code .jsonl}, each also
 * packed as {@code .gz}. Tables have a header.
 *
 * <p>Columns that nobody names are guessed from the header, or from the keys of all objects: the
 * label from names such as "label" or "class", the domain from "domain", the text from names such
 * as "text" or "review", and together with a guessed text, the second text from names such as
 * "sentence2" or "hypothesis". A guess never depends on the cells.
 */
public final class Examples {
  /** Names of columns that hold texts, the likeliest first. */
  public static final List<String> TEXT =
      List.of(
          "text",
          "text1",
          "sentence",
          "sentence1",
          "premise",
          "question1",
          "review",
          "reviewtext",
          "review_text",
          "comment",
          "comment_text",
          "tweet",
          "utterance",
          "question",
          "query",
          "content",
          "body",
          "document",
          "description");

  /** Names of columns that hold the second text of a pair. */
  public static final List<String> TEXT2 = List.of("text2", "sentence2", "hypothesis", "question2");

  private static final List<String> DOMAIN = List.of("domain");

  private final Table table;
  private final Columns columns;
  private final Columns guessed;
  private final List<Only> only;
  private final LabelReader labels;

  /** Numbers of the columns by what they hold. */
  private final Map<String, Integer> numbers = new HashMap<>();

  private Examples(Table table, Columns named, List<Only> only, FileRules rules) {
    this.table = table;
    this.only = only;
    guessed = guess(named, table.columns());
    columns = merge(named, guessed);
    columns.named().forEach((role, column) -> numbers.put(role, table.indexOf(column)));
    labels = new LabelReader(table.file(), rules);
  }

  /**
   * Reads a file whole.
   *
   * @param columns which columns hold what; null components are guessed
   * @throws InvalidInputException naming file and line, for whatever keeps a row from being read
   */
  public static ExampleFile read(Path file, Columns columns) {
    return read(file, columns, List.of(), new FileRules());
  }

  /**
   * Reads the rows of a file that have certain values in certain columns.
   *
   * @param columns which columns hold what; null components are guessed
   * @param only what a row must have to be read
   * @param rules how the file is read
   * @throws InvalidInputException naming file and line, for whatever keeps a row from being read
   */
  public static ExampleFile read(Path file, Columns columns, List<Only> only, FileRules rules) {
    TableFormat format = format(file);
    return read(FileText.read(file, rules.encoding()), format, columns, only, rules);
  }

  static ExampleFile read(FileText text, Columns columns, List<Only> only, FileRules rules) {
    return read(text, format(text.file()), columns, only, rules);
  }

  private static ExampleFile read(
      FileText text, TableFormat format, Columns columns, List<Only> only, FileRules rules) {
    Table table = Table.of(text, format, Table.Header.FIRST_ROW);
    return new Examples(table, columns, only, rules).read();
  }

  private static TableFormat format(Path file) {
    TableFormat format = TableFormat.of(file);
    if (format == TableFormat.LIBSVM) {
      InputFile.requireFile(file);
      throw new InvalidInputException(
          "The format of '%s' is unknown; a name must end in .csv, .tsv or .jsonl, each perhaps with .gz."
              .formatted(file),
          InputFile.name(file).contains(".json")
              ? "it holds one JSON object a line: then its name ends in .jsonl."
              : "another name says what it holds.");
    }
    return format;
  }

  private ExampleFile read() {
    requireColumns();
    List<Integer> rows = rows();
    Set<String> alsoNone = disagreement(rows);
    var examples = new ArrayList<Example>(rows.size());
    var lines = new ArrayList<Integer>(rows.size());
    for (int row : rows) {
      String label = label(row, alsoNone);
      if (label != null) {
        examples.add(example(row, label));
        lines.add(table.line(row));
      }
    }
    labels.requireLabels();
    var remarks = new ArrayList<>(table.remarks());
    remarks.addAll(labels.remarks());
    remarks.addAll(swallowed(examples));
    return new ExampleFile(
        table.file(), table.sha256(), columns, guessed, examples, lines, remarks);
  }

  // ---- rows ------------------------------------------------------------------------------------

  private List<Integer> rows() {
    var rows = new ArrayList<Integer>(table.size());
    for (int row = 0; row < table.size(); row++) {
      rows.add(row);
    }
    for (Only rule : only) {
      int column = table.column(rule.column(), "the rule 'only'");
      rows.removeIf(row -> !rule.value().equals(table.cell(row, column)));
      if (rows.isEmpty()) {
        throw rule.nothingLeft().at(table.file().toString());
      }
    }
    return rows;
  }

  private @Nullable String label(int row, Set<String> alsoNone) {
    String raw = table.cell(row, column("label"));
    if (alsoNone.isEmpty()) {
      return labels.read(raw, table.line(row));
    }
    String normal = Labels.normal(Objects.requireNonNullElse(raw, ""));
    return alsoNone.contains(normal)
        ? labels.leaveOut(normal, table.line(row))
        : labels.read(raw, table.line(row));
  }

  /**
   * What stands for no agreed relation between two sentences, where there are classes beside it: -1
   * beside 1 alone is a class.
   */
  private Set<String> disagreement(List<Integer> rows) {
    if (!NliReader.areNames(columns)) {
      return Set.of();
    }
    var found = new TreeSet<String>();
    for (int row : rows) {
      found.add(Labels.normal(Objects.requireNonNullElse(table.cell(row, column("label")), "")));
    }
    found.remove("");
    found.removeAll(Labels.NO_RELATION);
    return found.size() < 2 ? Set.of() : Set.copyOf(Labels.NO_RELATION);
  }

  private Example example(int row, String label) {
    String text2 = columns.text2() == null ? null : value(row, "text2");
    String domain = columns.domain() == null ? "" : value(row, "domain");
    return new Example(value(row, "text"), text2, label, domain);
  }

  private String value(int row, String role) {
    String value = table.cell(row, column(role));
    String name = table.columns().get(column(role));
    if (value == null) {
      throw new InvalidInputException(
              "The object has no text or number under the key '%s' (the %s).".formatted(name, role),
              guessed.named().containsKey(role) && role.equals("text2")
                  ? "problem.text=%s reads that text alone.".formatted(columns.text())
                  : "another key holds it; this object has %s.".formatted(keys(row)))
          .at(table.place(row));
    }
    if (value.isBlank()) {
      throw new InvalidInputException(
              "The %s (column '%s') is empty.".formatted(role, name), "the line can be left out.")
          .at(table.place(row));
    }
    return value.strip();
  }

  private String keys(int row) {
    var keys = new ArrayList<String>();
    for (int column = 0; column < table.columns().size(); column++) {
      if (table.cell(row, column) != null) {
        keys.add(table.columns().get(column));
      }
    }
    return String.join(", ", keys);
  }

  /** Texts over several lines of which one looks like a row: a quote may have swallowed it. */
  private List<String> swallowed(List<Example> examples) {
    if (table.format() == TableFormat.JSONL) {
      return List.of();
    }
    Set<String> classes = new TreeSet<>(Example.labels(examples));
    int width = table.columns().size();
    for (int row = 0; row < table.size(); row++) {
      String text = Objects.requireNonNullElse(table.cell(row, column("text")), "");
      if (text.indexOf('\n') < 0 && text.indexOf('\r') < 0) {
        continue;
      }
      for (String line : text.lines().toList()) {
        String[] cells = line.split(table.format() == TableFormat.TSV ? "\t" : "[,;\t|]", -1);
        if (cells.length >= width
            && width > 1
            && classes.contains(Labels.normal(cells[cells.length - width + column("label")]))) {
          return List.of(
              "%s: the text runs over %d lines, of which one looks like a row. Maybe a quote before it is not closed."
                  .formatted(table.place(row), text.lines().count()));
        }
      }
    }
    return List.of();
  }

  // ---- columns ---------------------------------------------------------------------------------

  private int column(String role) {
    return Objects.requireNonNull(numbers.get(role));
  }

  private void requireColumns() {
    for (String role : Arrays.asList("text", "label")) {
      if (!columns.named().containsKey(role)) {
        throw new InvalidInputException(
                "No column is known to hold the %s; the columns are %s."
                    .formatted(role, table.columnList()),
                "problem.%s with the name of a column says it; a table must have a header."
                    .formatted(role))
            .at(table.file() + ":" + table.headerLine());
      }
    }
    columns.named().forEach((role, column) -> table.column(column, "the " + role));
  }

  /**
   * The columns that hold texts, by their names alone.
   *
   * @param taken columns with another role
   * @return the column of the text, and that of a second one, by role; what is not found is absent
   */
  public static Map<String, String> guessTexts(List<String> header, Map<String, String> taken) {
    Columns named = new Columns(null, taken.get("text2"), taken.get("label"), null);
    var found = new LinkedHashMap<String, String>();
    String text = find(TEXT, header, named);
    if (text != null) {
      found.put("text", text);
    }
    String second = named.text2() == null ? find(TEXT2, header, named) : null;
    if (second != null) {
      found.put("text2", second);
    }
    return found;
  }

  private static Columns guess(Columns named, List<String> header) {
    boolean guessesText = named.text() == null;
    return new Columns(
        guessesText ? find(TEXT, header, named) : null,
        guessesText && named.text2() == null ? find(TEXT2, header, named) : null,
        named.label() == null ? find(Delimited.LABEL, header, named) : null,
        named.domain() == null ? find(DOMAIN, header, named) : null);
  }

  private static @Nullable String find(List<String> known, List<String> header, Columns named) {
    for (String name : known) {
      for (String column : header) {
        if (column.equalsIgnoreCase(name) && !named.named().containsValue(column)) {
          return column;
        }
      }
    }
    return null;
  }

  private static Columns merge(Columns named, Columns guessed) {
    return new Columns(
        either(named.text(), guessed.text()),
        either(named.text2(), guessed.text2()),
        either(named.label(), guessed.label()),
        either(named.domain(), guessed.domain()));
  }

  private static @Nullable String either(@Nullable String named, @Nullable String guessed) {
    return named == null ? guessed : named;
  }

  /** The texts, names and counts of which messages are made. */
  static Map<String, String> row(Table table, int row) {
    var cells = new LinkedHashMap<String, String>();
    for (int column = 0; column < table.columns().size(); column++) {
      String cell = table.cell(row, column);
      if (cell != null) {
        cells.put(table.columns().get(column), cell);
      }
    }
    return cells;
  }
}
