package org.stackel.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.FileRules;
import org.stackel.data.FileText;
import org.stackel.data.LabelReader;
import org.stackel.data.Table;
import org.stackel.data.TableFormat;

/** Reads published sets without a header: Sentiment140, AG News, TREC, and the like. */
final class HeaderlessReaders {
  private static final List<String> TOPICS = List.of("World", "Sports", "Business", "Sci/Tech");
  private static final Pattern QUESTION =
      Pattern.compile("(ABBR|DESC|ENTY|HUM|LOC|NUM):([a-z]+)\\s+(\\S.*)");
  private static final Pattern ENTITY =
      Pattern.compile("&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]+));");

  /** Share of the rows that must look like a format; a broken one is named when it is read. */
  private static final double NEARLY_ALL = 0.99;

  /** What tweets and reviews have; rarer names stay as they are. */
  private static final Map<String, String> ENTITIES =
      Map.of(
          "amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", " ", "hearts", "♥",
          "hellip", "…", "eacute", "é", "pound", "£");

  private HeaderlessReaders() {}

  /** What a table without a header is; a table with one, if it is none of the known. */
  static TextFormat format(FileText text, List<String> first) {
    boolean isTweet = isTweet(first);
    boolean isClassFirst = isClassFirst(first);
    if (!isTweet && !isClassFirst) {
      return TextFormat.TABLE;
    }
    Table table;
    try {
      table = Table.of(text, TableFormat.CSV, Table.Header.NONE);
    } catch (InvalidInputException e) {
      return isTweet ? TextFormat.SENTIMENT140 : TextFormat.TABLE; // which complains
    }
    List<List<String>> rows =
        IntStream.range(0, table.size()).mapToObj(row -> cells(table, row)).toList();
    if (isTweet) {
      long tweets = rows.stream().filter(HeaderlessReaders::isTweet).count();
      return tweets >= NEARLY_ALL * rows.size() ? TextFormat.SENTIMENT140 : TextFormat.TABLE;
    }
    if (!rows.stream().allMatch(HeaderlessReaders::isClassFirst)) {
      return TextFormat.TABLE;
    }
    var classes = new TreeSet<Integer>();
    rows.forEach(row -> classes.add(Integer.parseInt(row.get(0))));
    boolean areAll = classes.size() > 1 && classes.last() - classes.first() < classes.size();
    boolean isAgNews = table.columns().size() == 3 && classes.size() == 4 && classes.first() == 1;
    return isAgNews
        ? TextFormat.AG_NEWS
        : areAll && rows.size() >= 2 * classes.size() ? TextFormat.CLASS_FIRST : TextFormat.TABLE;
  }

  private static boolean isTweet(List<String> row) {
    return row.size() == 6 && row.get(0).matches("[024]") && row.get(1).matches("[0-9]+");
  }

  /** A class as a whole number, then one to three texts, the last of several words. */
  private static boolean isClassFirst(List<String> row) {
    return row.size() >= 2
        && row.size() <= 4
        && row.get(0).matches("[0-9]{1,4}")
        && row.stream().skip(1).anyMatch(cell -> cell.strip().matches("(?s)\\S*\\p{L}\\S*\\s.*"));
  }

  static boolean isTrec(FileText text) {
    String first = text.text().lines().filter(line -> !line.isBlank()).findFirst().orElse("");
    if (!QUESTION.matcher(first).matches()) {
      return false;
    }
    List<String> lines = text.text().lines().filter(line -> !line.isBlank()).toList();
    long questions = lines.stream().filter(line -> QUESTION.matcher(line).matches()).count();
    return questions >= NEARLY_ALL * lines.size();
  }

  /**
   * Polarity 0, 2 or 4, id, date, query, user, text. The training file is sorted by polarity.
   * Entities of HTML are put back into characters.
   */
  static TextSet sentiment140(FileText text) {
    return new Csv(text, 6)
        .read(
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
  }

  private static Example tweet(List<String> row, String label) {
    return new Example(unescaped(row.get(5)).strip(), null, label, "");
  }

  /** Class 1 to 4, title, description; the text is both. */
  static TextSet agNews(FileText text) {
    return new Csv(text, 3)
        .read(
            row -> {
              if (!row.get(0).matches("[1-4]")) {
                throw new InvalidInputException(
                    "The class '%s' must be 1, 2, 3 or 4.".formatted(row.get(0)),
                    "the file has a header: then 'table' is the format.");
              }
              return new Example(
                  joined(row), null, TOPICS.get(Integer.parseInt(row.get(0)) - 1), "");
            });
  }

  /** A class, then texts, which are joined. */
  static TextSet classFirst(FileText text, FileRules rules) {
    Table table = Table.of(text, TableFormat.CSV, Table.Header.NONE);
    var labels = new LabelReader(text.file(), rules);
    var entries = new ArrayList<TextSet.Entry>();
    for (int row = 0; row < table.size(); row++) {
      List<String> cells = cells(table, row);
      String label = labels.read(cells.get(0), table.line(row));
      if (label != null) {
        var example = new Example(joined(cells), null, label, "");
        entries.add(new TextSet.Entry(example, text.file().toString(), table.line(row)));
      }
    }
    var remarks = new ArrayList<>(table.remarks());
    remarks.addAll(labels.remarks());
    return new TextSet(entries, Map.of(), remarks, "1");
  }

  private static String joined(List<String> row) {
    return String.join(" ", row.stream().skip(1).map(String::strip).toList()).strip();
  }

  private static List<String> cells(Table table, int row) {
    return IntStream.range(0, table.columns().size())
        .mapToObj(column -> Objects.requireNonNull(table.cell(row, column)))
        .toList();
  }

  /** Reads one row; null for a text that is left out as neutral. */
  private interface RowReader {
    @Nullable Example read(List<String> cells);
  }

  /** A CSV file without a header. */
  private record Csv(FileText text, int columns) {
    TextSet read(RowReader reader) {
      Table table = Table.of(text, TableFormat.CSV, Table.Header.NONE);
      var entries = new ArrayList<TextSet.Entry>();
      int neutral = 0;
      for (int row = 0; row < table.size(); row++) {
        Example example = read(table, row, reader);
        if (example == null) {
          neutral++;
        } else {
          entries.add(new TextSet.Entry(example, text.file().toString(), table.line(row)));
        }
      }
      var remarks = new ArrayList<>(table.remarks());
      if (neutral > 0) {
        remarks.add("%s: %d neutral texts are left out.".formatted(text.file(), neutral));
      }
      return new TextSet(entries, Map.of(), remarks, null);
    }

    private @Nullable Example read(Table table, int row, RowReader reader) {
      if (table.columns().size() != columns) {
        throw new InvalidInputException(
                "The row has %d cells; it must have %d.".formatted(table.columns().size(), columns),
                "a quote inside a text is not doubled.")
            .at(table.place(row));
      }
      try {
        return reader.read(cells(table, row));
      } catch (InvalidInputException e) {
        throw e.at(table.place(row));
      }
    }
  }

  /** The label is the coarse class, the domain the fine one. */
  static TextSet trec(FileText text) {
    var entries = new ArrayList<TextSet.Entry>();
    int number = 0;
    for (String line : text.text().lines().toList()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      Matcher question = QUESTION.matcher(line);
      if (!question.matches()) {
        throw new InvalidInputException(
                "The line must begin with a class such as 'LOC:city', then a blank and a question.",
                "the line is cut off, or the class is misspelt.")
            .at(text.file() + ":" + number);
      }
      entries.add(
          new TextSet.Entry(
              new Example(question.group(3).strip(), null, question.group(1), question.group(2)),
              text.file().toString(),
              number));
    }
    return new TextSet(entries, Map.of(), text.remarks(), null);
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
