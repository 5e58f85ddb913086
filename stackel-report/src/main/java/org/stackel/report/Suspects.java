package org.stackel.report;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
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

  private record Weighted(double weight, NamedCsvRecord line) {}

  static Suspects read(Path file) throws IOException {
    var weighted = new ArrayList<Weighted>();
    long notFinite = 0;
    long suspected = 0;
    long suspectedAndWrong = 0;
    boolean wrongKnown = false;
    String measure = WEIGHT;
    long records = 0;
    long missing = 0;
    try (CsvReader<NamedCsvRecord> lines = CsvReader.builder().ofNamedCsvRecord(file)) {
      for (NamedCsvRecord line : lines) {
        String record = line.findField("record").orElse("");
        if (RECORD.matcher(record).matches()) { // of stackel clean: from 1 on, without gaps
          missing += Math.max(0, Long.parseLong(record) - records - 1);
          records = Math.max(records, Long.parseLong(record));
        }
        measure = line.findField(WEIGHT).isEmpty() ? SUSPICION : WEIGHT;
        double weight = weight(line, file);
        if (Double.isFinite(weight)) {
          weighted.add(new Weighted(weight, line));
        } else {
          notFinite++;
        }
        wrongKnown |= given(line, "flipped") != null;
        if (isTrue(given(line, "suspected"))) {
          suspected++;
          suspectedAndWrong += isTrue(given(line, "flipped")) ? 1 : 0;
        }
      }
    } catch (CsvParseException | UncheckedIOException e) {
      throw new InvalidInputException(
              "This is not a CSV file: %s".formatted(e.getMessage()),
              "a quotation mark is missing or the file is cut off.")
          .at(file.toString())
          .causedBy(e);
    }
    Comparator<Weighted> lowest = Comparator.comparingDouble(Weighted::weight);
    weighted.sort(WEIGHT.equals(measure) ? lowest : lowest.reversed());
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
    return new Suspects(
        summary.toString(),
        measure,
        weighted.stream().limit(shown).map(w -> example(w.weight, w.line)).toList());
  }

  private static Example example(double weight, NamedCsvRecord line) {
    String flipped = given(line, "flipped");
    String text = given(line, "text");
    if (text != null && text.codePointCount(0, text.length()) > TEXT_LENGTH) {
      text = text.substring(0, text.offsetByCodePoints(0, TEXT_LENGTH)) + " …";
    }
    return new Example(
        line.getField(rowColumn(line)),
        Numbers.plain(weight),
        weight,
        SpreadsheetText.original(line.getField("label")),
        given(line, "suggested"),
        flipped == null ? null : isTrue(flipped),
        text);
  }

  private static double weight(NamedCsvRecord line, Path file) {
    String place = file + ":" + line.getStartingLineNumber();
    String measured =
        line.findField(SUSPICION).isPresent() && line.findField(WEIGHT).isEmpty()
            ? SUSPICION
            : WEIGHT;
    for (String column : List.of(rowColumn(line), "label", measured)) {
      if (line.findField(column).isEmpty()) {
        throw new InvalidInputException(
                "The column '%s' is missing; the file has %s."
                    .formatted(column, String.join(", ", line.getHeader())),
                "the first line, which names the columns, was removed.")
            .at(place);
      }
    }
    String weight = line.getField(measured);
    try {
      return Double.parseDouble(weight);
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
              "The %s (%s) must be a number.".formatted(measured, weight),
              "the columns are shifted.")
          .at(place)
          .causedBy(e);
    }
  }

  /** Files of {@code clean} count records of the data file, those of a run rows of its set. */
  private static String rowColumn(NamedCsvRecord line) {
    return line.findField("row").isEmpty() && line.findField("record").isPresent()
        ? "record"
        : "row";
  }

  private static @Nullable String given(NamedCsvRecord line, String column) {
    return line.findField(column)
        .filter(value -> !value.isBlank())
        .map(SpreadsheetText::original)
        .orElse(null);
  }

  private static boolean isTrue(@Nullable String value) {
    return value != null && Set.of("true", "1", "yes").contains(value.toLowerCase(Locale.ROOT));
  }
}
