package org.stackel.text;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.data.Delimited;
import org.stackel.data.InputFile;
import org.stackel.data.Sha256;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads examples from a table: {@code .csv} (quotes as in RFC 4180), {@code .tsv} (a tab always
 * separates, a quote is a character like others), {@code .jsonl} (one object a line), each also
 * packed as {@code .gz}. Tables have a header. All are UTF-8.
 *
 * <p>Columns that nobody names are guessed from the header, or from the keys of the first object:
 * the label from names such as "label" or "class", the domain from "domain", the text from names
 * such as "text" or "review", and together with a guessed text, the second text from names such as
 * "sentence2" or "hypothesis". A guess never depends on the cells.
 */
public final class Examples {
  private static final List<String> TEXT =
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
  private static final List<String> TEXT2 =
      List.of("text2", "sentence2", "hypothesis", "question2");
  private static final List<String> DOMAIN = List.of("domain");

  /** What {@code print} of a dictionary writes. */
  private static final Pattern PYTHON = Pattern.compile("\\s*\\{u?'");

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Examples() {}

  /**
   * Reads a file whole.
   *
   * @param columns which columns hold what; null components are guessed
   * @throws InvalidInputException naming file and line, for whatever keeps a row from being read
   */
  public static ExampleFile read(Path file, Columns columns) {
    return read(file, columns, List.of());
  }

  /**
   * Reads the rows of a file that have certain values in certain columns.
   *
   * @param columns which columns hold what; null components are guessed
   * @param only what a row must have to be read
   * @throws InvalidInputException naming file and line, for whatever keeps a row from being read
   */
  public static ExampleFile read(Path file, Columns columns, List<Only> only) {
    Format format = Format.of(file);
    byte[] bytes = InputFile.bytes(file);
    String text = InputFile.text(file, bytes);
    requireText(file, text);
    Table table =
        switch (format) {
          case CSV -> csv(file, text);
          case TSV -> tsv(file, text);
          case JSONL -> jsonl(file, text);
        };
    if (table.rows().isEmpty()) {
      throw new InvalidInputException(
              "The file has a header and no rows.",
              "its only line is a row and the header is missing.")
          .at(file + ":" + table.line());
    }
    Columns guessed = guess(columns, table.header());
    Columns all = merge(columns, guessed);
    requireColumns(file, all, table);
    table = filtered(file, table, only);
    var examples = new ArrayList<Example>(table.rows().size());
    var lines = new ArrayList<Integer>(table.rows().size());
    for (Row row : table.rows()) {
      examples.add(example(file, row, all));
      lines.add(row.line());
    }
    return new ExampleFile(file, Sha256.of(bytes), all, guessed, examples, lines);
  }

  static void requireText(Path file, String text) {
    if (text.isBlank()) {
      throw new InvalidInputException("The file is empty.", "writing it did not succeed.")
          .at(file.toString());
    }
  }

  private static Table filtered(Path file, Table table, List<Only> only) {
    List<Row> rows = table.rows();
    for (Only rule : only) {
      requireColumn(file, rule.column(), "the rule 'only'", table);
      rows =
          rows.stream().filter(row -> rule.value().equals(row.cells().get(rule.column()))).toList();
      if (rows.isEmpty()) {
        throw rule.nothingLeft().at(file.toString());
      }
    }
    return new Table(table.line(), table.header(), rows);
  }

  private enum Format {
    CSV,
    TSV,
    JSONL;

    static Format of(Path file) {
      String name = InputFile.name(file).toLowerCase(Locale.ROOT);
      String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
      for (Format format : values()) {
        if (plain.endsWith("." + Options.kebab(format))) {
          return format;
        }
      }
      InputFile.requireFile(file);
      throw new InvalidInputException(
          "The format of '%s' is unknown; a name must end in .csv, .tsv or .jsonl, each perhaps with .gz."
              .formatted(file),
          plain.endsWith(".json")
              ? "it holds one JSON object a line: then its name ends in .jsonl."
              : "another name says what it holds.");
    }
  }

  /** The line of the header, the header, and rows. */
  private record Table(int line, List<String> header, List<Row> rows) {}

  /** Cells by column; what a JSON object leaves out is absent. */
  private record Row(int line, Map<String, String> cells) {}

  // ---- formats -------------------------------------------------------------------------------

  private static Table csv(Path file, String text) {
    int line = 1;
    try (CsvReader<CsvRecord> reader = Delimited.reader(text)) {
      Iterator<CsvRecord> records = reader.iterator();
      CsvRecord first = records.next();
      line = (int) first.getStartingLineNumber();
      int headerLine = line;
      List<String> header = Delimited.header(file, line, first.getFields(), ',');
      var rows = new ArrayList<Row>();
      while (records.hasNext()) {
        CsvRecord row = records.next();
        line = (int) row.getStartingLineNumber();
        rows.add(new Row(line, cells(file, line, header, row.getFields())));
      }
      return new Table(headerLine, header, rows);
    } catch (CsvParseException e) {
      throw Delimited.noCsv(file, line, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string does not fail
    }
  }

  private static Table tsv(Path file, String text) {
    String[] all = text.lines().toArray(String[]::new);
    int line = 0;
    while (all[line].isBlank()) {
      line++;
    }
    int headerLine = line + 1;
    List<String> header =
        Delimited.header(file, headerLine, List.of(all[line].split("\t", -1)), '\t');
    var rows = new ArrayList<Row>();
    for (line++; line < all.length; line++) {
      if (!all[line].isEmpty()) {
        List<String> cells = List.of(all[line].split("\t", -1));
        rows.add(new Row(line + 1, cells(file, line + 1, header, cells)));
      }
    }
    return new Table(headerLine, header, rows);
  }

  private static Table jsonl(Path file, String text) {
    String[] all = text.lines().toArray(String[]::new);
    var rows = new ArrayList<Row>();
    for (int line = 0; line < all.length; line++) {
      if (!all[line].isBlank()) {
        rows.add(new Row(line + 1, object(file, line + 1, all[line])));
      }
    }
    Row first = rows.get(0);
    return new Table(first.line(), List.copyOf(first.cells().keySet()), rows);
  }

  /** Keys and values of one object. Lists, objects and nulls have no value here. */
  static Map<String, String> object(Path file, int line, String text) {
    if (PYTHON.matcher(text).lookingAt()) {
      throw new InvalidInputException(
              "The line is a Python literal with single quotes; it must be JSON.",
              "`python3 -c 'import ast, json, sys; [print(json.dumps(ast.literal_eval(l))) for l in sys.stdin]'` converts it.")
          .at(file + ":" + line);
    }
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidInputException(
                "The line must be a JSON object, found %s."
                    .formatted(json.currentToken() == JsonToken.START_ARRAY ? "a list" : "a value"),
                "the whole file is one list: `jq -c '.[]'` writes one object a line.")
            .at(file + ":" + line);
      }
      var cells = new LinkedHashMap<String, String>();
      for (String key = json.nextName(); key != null; key = json.nextName()) {
        JsonToken value = json.nextToken();
        if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
          cells.put(key, json.getString());
        } else {
          json.skipChildren();
        }
      }
      if (json.nextToken() != null) {
        throw new InvalidInputException(
                "A second value follows the JSON object.", "a line break is missing.")
            .at(file + ":" + line);
      }
      return cells;
    } catch (JacksonException e) {
      throw new InvalidInputException(
              "The line is no JSON: %s (column %d)."
                  .formatted(e.getOriginalMessage(), e.getLocation().getColumnNr()),
              text.strip().equals("{")
                  ? "the object runs over several lines: `jq -c .` writes one a line."
                  : "the line is cut off.")
          .at(file + ":" + line)
          .causedBy(e);
    }
  }

  // ---- columns -------------------------------------------------------------------------------

  private static Map<String, String> cells(
      Path file, int line, List<String> header, List<String> cells) {
    Delimited.requireAll(file, line, header, cells);
    var row = new LinkedHashMap<String, String>();
    for (int i = 0; i < cells.size(); i++) {
      row.put(header.get(i), cells.get(i));
    }
    return row;
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

  private static void requireColumns(Path file, Columns columns, Table table) {
    List<String> header = table.header();
    String place = file + ":" + table.line();
    String list = String.join(", ", header);
    for (String role : Arrays.asList("text", "label")) {
      if (!columns.named().containsKey(role)) {
        throw new InvalidInputException(
                "No column is known to hold the %s; the columns are %s.".formatted(role, list),
                "problem.%s with the name of a column says it; a table must have a header."
                    .formatted(role))
            .at(place);
      }
    }
    columns.named().forEach((role, column) -> requireColumn(file, column, "the " + role, table));
  }

  private static void requireColumn(Path file, String column, String purpose, Table table) {
    List<String> header = table.header();
    if (!header.contains(column)) {
      throw new InvalidInputException(
              "There is no column '%s' for %s; the columns are %s."
                  .formatted(column, purpose, String.join(", ", header)),
              Options.meant(column, header))
          .at(file + ":" + table.line());
    }
  }

  private static Example example(Path file, Row row, Columns columns) {
    var values = new LinkedHashMap<String, String>();
    columns.named().forEach((role, column) -> values.put(role, value(file, row, role, column)));
    return new Example(
        values.getOrDefault("text", ""),
        values.get("text2"),
        values.getOrDefault("label", ""),
        values.getOrDefault("domain", ""));
  }

  private static String value(Path file, Row row, String role, String column) {
    String value = row.cells().get(column);
    if (value == null) {
      throw new InvalidInputException(
              "The object has no text or number under the key '%s' (the %s)."
                  .formatted(column, role),
              "another key holds it; this object has %s."
                  .formatted(String.join(", ", row.cells().keySet())))
          .at(file + ":" + row.line());
    }
    if (value.isBlank()) {
      throw new InvalidInputException(
              "The %s (column '%s') is empty.".formatted(role, column), "the line can be left out.")
          .at(file + ":" + row.line());
    }
    return value.strip();
  }
}
