package org.stackel.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.stackel.config.InvalidInputException;

/** Tables in text files: what CSV and TSV have in common, whatever is in their cells. */
public final class Delimited {
  /** Names of columns that hold labels, the likeliest first. */
  public static final List<String> LABEL =
      List.of(
          "label",
          "gold_label",
          "class",
          "category",
          "intent",
          "topic",
          "sentiment",
          "polarity",
          "target",
          "overall",
          "rating",
          "stars",
          "y");

  /** How FastCSV says where a broken record begins. */
  private static final Pattern RECORD_LINE = Pattern.compile("started in line ([0-9]+)");

  private Delimited() {}

  /** Quotes as in RFC 4180; whether cells are missing is for the caller to see. */
  public static CsvReader<CsvRecord> reader(String text) {
    return CsvReader.builder()
        .allowUnclosedQuote(false)
        .allowExtraCharsAfterClosingQuote(false)
        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
        .ofCsvRecord(text);
  }

  /** The complaint about a row that is no CSV. */
  public static InvalidInputException noCsv(Path file, int line, CsvParseException e) {
    String why = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
    Matcher began = RECORD_LINE.matcher(String.valueOf(e.getMessage()));
    return new InvalidInputException(
            "The row is no CSV: %s.".formatted(why),
            "a quote is not closed; a quote inside quotes is written twice.")
        .at(file + ":" + (began.find() ? began.group(1) : String.valueOf(line)))
        .causedBy(e);
  }

  /** The complaint about a row that is no CSV. */
  static InvalidInputException noCsv(Path file, int line, String why) {
    return new InvalidInputException(
            "The row is no CSV: %s.".formatted(why),
            "a quote is not closed; a quote inside quotes is written twice.")
        .at(file + ":" + line);
  }

  /** The names in a header, which must differ. */
  public static List<String> header(Path file, int line, List<String> cells, char separator) {
    List<String> header = cells.stream().map(String::strip).toList();
    for (int i = 0; i < header.size(); i++) {
      if (header.indexOf(header.get(i)) < i) {
        throw new InvalidInputException(
                "The column '%s' stands twice in the header; names must differ."
                    .formatted(header.get(i)),
                "the header is missing and this is a row.")
            .at(file + ":" + line);
      }
    }
    if (header.size() == 1) {
      for (char other : new char[] {',', '\t', ';', '|'}) {
        if (other != separator && header.get(0).indexOf(other) >= 0) {
          throw new InvalidInputException(
                  "The header has one cell, '%s'; there must be at least two, separated by a %s."
                      .formatted(header.get(0), separator == ',' ? "comma" : "tab"),
                  "%s separates the cells of this file: change it, or the name's ending."
                      .formatted(other == '\t' ? "a tab" : "'" + other + "'"))
              .at(file + ":" + line);
        }
      }
    }
    return header;
  }

  /** Complains unless a row has as many cells as the header. */
  public static void requireAll(Path file, int line, List<String> header, List<String> cells) {
    requireAll(file, line, header.size(), cells.size());
  }

  /** Complains unless a row has as many cells as the header. */
  static void requireAll(Path file, int line, int header, int cells) {
    if (cells != header) {
      throw new InvalidInputException(
              "The row has %d cells; it must have %d, as the header has.".formatted(cells, header),
              cells > header
                  ? "a separator inside a text is not quoted."
                  : "the row is cut off, or a line break stands inside a text.")
          .at(file + ":" + line);
    }
  }
}
