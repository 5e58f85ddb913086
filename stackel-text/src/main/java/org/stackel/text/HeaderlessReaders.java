package org.stackel.text;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Delimited;
import org.stackel.data.InputFile;

/** Reads published sets without a header: Sentiment140, AG News, TREC. */
final class HeaderlessReaders {
  private static final List<String> TOPICS = List.of("World", "Sports", "Business", "Sci/Tech");
  private static final Pattern QUESTION =
      Pattern.compile("(ABBR|DESC|ENTY|HUM|LOC|NUM):([a-z]+)\\s+(\\S.*)");
  private static final Pattern ENTITY =
      Pattern.compile("&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]+));");

  /** What tweets and reviews have; rarer names stay as they are. */
  private static final Map<String, String> ENTITIES =
      Map.of(
          "amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", " ", "hearts", "♥",
          "hellip", "…", "eacute", "é", "pound", "£");

  private HeaderlessReaders() {}

  static boolean isSentiment140(List<String> row) {
    return row.size() == 6 && row.get(0).matches("[024]") && row.get(1).matches("[0-9]+");
  }

  static boolean isAgNews(List<String> row) {
    return row.size() == 3 && row.get(0).matches("[1-4]");
  }

  static boolean isTrec(String line) {
    return QUESTION.matcher(line).matches();
  }

  /**
   * Polarity 0, 2 or 4, id, date, query, user, text. The training file is sorted by polarity.
   * Entities of HTML are put back into characters.
   */
  static TextSet sentiment140(Path file, byte[] plain) {
    TextSet set =
        csv(
            file,
            new String(plain, StandardCharsets.ISO_8859_1),
            6,
            row ->
                switch (row.get(0)) {
                  case "0" -> tweet(row, "negative");
                  case "4" -> tweet(row, "positive");
                  case "2" -> null;
                  default ->
                      throw new InvalidInputException(
                          "The polarity '%s' must be 0, 2 or 4.".formatted(row.get(0)),
                          "the columns stand in another order.");
                });
    return set;
  }

  private static Example tweet(List<String> row, String label) {
    return new Example(unescaped(row.get(5)).strip(), null, label, "");
  }

  /** Class 1 to 4, title, description; the text is both. */
  static TextSet agNews(Path file, byte[] plain) {
    return csv(
        file,
        InputFile.utf8(file, plain),
        3,
        row -> {
          if (!row.get(0).matches("[1-4]")) {
            throw new InvalidInputException(
                "The class '%s' must be 1, 2, 3 or 4.".formatted(row.get(0)),
                "the file has a header: then 'table' is the format.");
          }
          return new Example(
              row.get(1).strip() + " " + row.get(2).strip(),
              null,
              TOPICS.get(Integer.parseInt(row.get(0)) - 1),
              "");
        });
  }

  private static TextSet csv(
      Path file, String text, int columns, Function<List<String>, @Nullable Example> reading) {
    Examples.requireText(file, text);
    var entries = new ArrayList<TextSet.Entry>();
    int line = 1;
    int neutral = 0;
    try (CsvReader<CsvRecord> reader = Delimited.reader(text)) {
      for (CsvRecord row : reader) {
        line = (int) row.getStartingLineNumber();
        if (row.getFieldCount() != columns) {
          throw new InvalidInputException(
                  "The row has %d cells; it must have %d.".formatted(row.getFieldCount(), columns),
                  "a quote inside a text is not doubled.")
              .at(file + ":" + line);
        }
        Example example;
        try {
          example = reading.apply(row.getFields());
        } catch (InvalidInputException e) {
          throw e.at(file + ":" + line);
        }
        if (example == null) {
          neutral++;
        } else {
          entries.add(new TextSet.Entry(example, file.toString(), line));
        }
      }
    } catch (CsvParseException e) {
      throw Delimited.noCsv(file, line, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string does not fail
    }
    List<String> remarks =
        neutral == 0
            ? List.of()
            : List.of("%s: %d neutral texts are left out.".formatted(file, neutral));
    return new TextSet(entries, Map.of(), remarks, null);
  }

  /** The label is the coarse class, the domain the fine one. */
  static TextSet trec(Path file, byte[] plain) {
    String text = new String(plain, StandardCharsets.ISO_8859_1);
    Examples.requireText(file, text);
    var entries = new ArrayList<TextSet.Entry>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      Matcher question = QUESTION.matcher(line);
      if (!question.matches()) {
        throw new InvalidInputException(
                "The line must begin with a class such as 'LOC:city', then a blank and a question.",
                "the line is cut off, or the class is misspelt.")
            .at(file + ":" + number);
      }
      entries.add(
          new TextSet.Entry(
              new Example(question.group(3).strip(), null, question.group(1), question.group(2)),
              file.toString(),
              number));
    }
    return new TextSet(entries, Map.of(), List.of(), null);
  }

  static String unescaped(String text) {
    return ENTITY.matcher(text).replaceAll(e -> Matcher.quoteReplacement(character(e)));
  }

  private static String character(java.util.regex.MatchResult entity) {
    if (entity.group(3) != null) {
      return ENTITIES.getOrDefault(entity.group(3), entity.group());
    }
    int code =
        entity.group(1) != null
            ? Integer.parseInt(entity.group(1))
            : Integer.parseInt(entity.group(2), 16);
    return Character.isValidCodePoint(code) ? Character.toString(code) : entity.group();
  }
}
