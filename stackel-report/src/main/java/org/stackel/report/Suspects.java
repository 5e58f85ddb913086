package org.stackel.report;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.SpreadsheetText;

/**
 * The training examples that a run trusted least.
 *
 * @param summary how many are suspected and, where the file knows, how many of them are wrong
 * @param measure what they are ordered by: {@code weight} or {@code suspicion}
 * @param examples all that are suspected and at least some others, the most suspicious first
 */
record Suspects(String summary, String measure, List<Example> examples) {
  private static final String WEIGHT = "weight";
  private static final String SUSPICION = "suspicion";
  private static final Pattern RECORD = Pattern.compile("[0-9]{1,18}");
  private static final int LEAST = 20;

  /** Beyond that a page would be slow to open: weights.csv has the others. */
  private static final int MOST = 10_000;

  private static final int TEXT_LENGTH = 500;

  /**
   * @param value the weight, for sorting
   * @param wrong whether the label really is wrong; null where nobody knows
   */
  record Example(
      String row,
      String weight,
      double value,
      String label,
      @Nullable String suggested,
      @Nullable Boolean wrong,
      @Nullable String text) {}

  private record Weighted(double weight, CsvRecord line) {}

  /**
   * Where columns are, -1 where there is none. A line may end before one.
   *
   * @param row files of {@code clean} count records of the data file, those of a run rows of its
   *     set
   */
  private record Columns(
      int row,
      int record,
      int label,
      int measured,
      int suspected,
      int flipped,
      int suggested,
      int text) {
    String measure(List<String> header) {
      return measured < 0 ? WEIGHT : header.get(measured);
    }

    static Columns of(List<String> header) {
      int weight = header.indexOf(WEIGHT);
      int row = header.indexOf("row");
      int record = header.indexOf("record");
      return new Columns(
          row < 0 ? record : row,
          record,
          header.indexOf("label"),
          weight < 0 ? header.indexOf(SUSPICION) : weight,
          header.indexOf("suspected"),
          header.indexOf("flipped"),
          header.indexOf("suggested"),
          header.indexOf("text"));
    }
  }

  static Suspects read(Path file) throws IOException {
    var weighted = new ArrayList<Weighted>();
    long notFinite = 0;
    long suspected = 0;
    long suspectedAndWrong = 0;
    boolean wrongKnown = false;
    long records = 0;
    long missing = 0;
    CsvRecord first = null;
    List<String> header = List.of();
    var columns = Columns.of(header);
    try (CsvReader<CsvRecord> lines =
        CsvReader.builder()
            .detectBomHeader(true)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .ofCsvRecord(file)) {
      for (CsvRecord line : lines) {
        if (first == null) {
          first = line;
          header = line.getFields();
          requireDifferent(header, file);
          columns = Columns.of(header);
          continue;
        }
        String record = field(line, columns.record);
        if (record != null && RECORD.matcher(record).matches()) { // of stackel clean: from 1 on
          missing += Math.max(0, Long.parseLong(record) - records - 1);
          records = Math.max(records, Long.parseLong(record));
        }
        double weight = weight(line, columns, header, file);
        if (Double.isFinite(weight)) {
          weighted.add(new Weighted(weight, line));
        } else {
          notFinite++;
        }
        String flipped = given(line, columns.flipped);
        wrongKnown |= flipped != null;
        if (isTrue(given(line, columns.suspected))) {
          suspected++;
          suspectedAndWrong += isTrue(flipped) ? 1 : 0;
        }
      }
    } catch (CsvParseException | UncheckedIOException e) {
      throw new InvalidInputException(
              "This is not a CSV file: %s".formatted(e.getMessage()),
              "a quotation mark is missing or the file is cut off.")
          .at(file.toString())
          .causedBy(e);
    }
    if (first != null && weighted.isEmpty() && notFinite == 0) {
      measured(first, columns, header, file);
    }
    Comparator<Weighted> lowest = Comparator.comparingDouble(Weighted::weight);
    boolean isWeight = columns.measure(header).equals(WEIGHT);
    weighted.sort(isWeight ? lowest : lowest.reversed());
    long all = weighted.size() + notFinite;
    var summary =
        new StringBuilder(
            "%s of %s examples are suspected."
                .formatted(Numbers.count(suspected), Numbers.count(all)));
    if (wrongKnown && suspected > 0) {
      summary.append(
          " Of the suspected, %s (%s) really are wrong."
              .formatted(
                  Numbers.count(suspectedAndWrong),
                  Numbers.format("0.0%", (double) suspectedAndWrong / suspected)));
    }
    if (missing > 0) {
      summary.append(
          " Missing in %s, which was edited or damaged: %s."
              .formatted(
                  file.getFileName(),
                  missing == 1 ? "1 record" : Numbers.count(missing) + " records"));
    }
    if (notFinite > 0) {
      summary.append(
          " %s weights are not finite and not shown.".formatted(Numbers.count(notFinite)));
    }
    long shown = Math.min(MOST, Math.max(LEAST, suspected));
    if (suspected > MOST) {
      summary.append(" The first %s are shown here.".formatted(Numbers.count(MOST)));
    }
    Columns found = columns;
    return new Suspects(
        summary.toString(),
        isWeight ? WEIGHT : SUSPICION,
        weighted.stream().limit(shown).map(w -> example(w.weight, w.line, found)).toList());
  }

  private static Example example(double weight, CsvRecord line, Columns columns) {
    String flipped = given(line, columns.flipped);
    String text = given(line, columns.text);
    if (text != null && text.codePointCount(0, text.length()) > TEXT_LENGTH) {
      text = text.substring(0, text.offsetByCodePoints(0, TEXT_LENGTH)) + " …";
    }
    return new Example(
        line.getField(columns.row),
        Numbers.plain(weight),
        weight,
        SpreadsheetText.original(line.getField(columns.label)),
        given(line, columns.suggested),
        flipped == null ? null : isTrue(flipped),
        text);
  }

  private static double weight(CsvRecord line, Columns columns, List<String> header, Path file) {
    String weight = measured(line, columns, header, file);
    try {
      return Double.parseDouble(weight);
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
              "The %s (%s) must be a number.".formatted(columns.measure(header), weight),
              "the columns are shifted.")
          .at(place(file, line))
          .causedBy(e);
    }
  }

  /** The field that is the weight, of a line that has all that is needed. */
  private static String measured(CsvRecord line, Columns columns, List<String> header, Path file) {
    String place = place(file, line);
    require(field(line, columns.row), "row", header, place);
    require(field(line, columns.label), "label", header, place);
    return require(field(line, columns.measured), columns.measure(header), header, place);
  }

  private static String place(Path file, CsvRecord line) {
    return file + ":" + line.getStartingLineNumber();
  }

  private static void requireDifferent(List<String> header, Path file) {
    var names = new HashSet<String>();
    for (String name : header) {
      if (!names.add(name)) {
        throw new InvalidInputException(
                "The column '%s' is there twice.".formatted(name),
                "columns were pasted beside those that were there.")
            .at(file + ":1");
      }
    }
  }

  private static String require(
      @Nullable String field, String name, List<String> header, String place) {
    if (field == null) {
      throw new InvalidInputException(
              "The column '%s' is missing; the file has %s."
                  .formatted(name, String.join(", ", header)),
              "the first line, which names the columns, was removed.")
          .at(place);
    }
    return field;
  }

  private static @Nullable String field(CsvRecord line, int column) {
    return column >= 0 && column < line.getFieldCount() ? line.getField(column) : null;
  }

  private static @Nullable String given(CsvRecord line, int column) {
    String field = field(line, column);
    return field == null || field.isBlank() ? null : SpreadsheetText.original(field);
  }

  private static boolean isTrue(@Nullable String value) {
    return value != null && Set.of("true", "1", "yes").contains(value.toLowerCase(Locale.ROOT));
  }
}
