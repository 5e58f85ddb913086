package org.stackel.clean;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.data.Labels;
import org.stackel.data.Table;

/**
 * What a person decided about rows, from a {@code decisions.csv} of the review page.
 *
 * @param labels the right label of each record that was decided, by its number from 1
 * @param unsure how many records nobody could decide
 */
record Decisions(Map<Integer, String> labels, int unsure) {
  /** No decision. */
  static final Decisions NONE = new Decisions(Map.of(), 0);

  private static final List<String> COLUMNS =
      List.of("record", "label", "decision", "new_label", "sha256");

  /**
   * Reads decisions.
   *
   * @param data the table that they are about
   * @param classes of right labels
   * @throws InvalidInputException if they are about another file, or one is not as it must be
   */
  static Decisions read(Path file, LabelledTable data, Classes classes) {
    Table table = Table.read(file, null);
    if (!table.columns().containsAll(COLUMNS)) {
      throw new InvalidInputException(
              "The file has no decisions: its columns are %s, not %s."
                  .formatted(table.columnList(), String.join(", ", COLUMNS)),
              "decisions.csv was meant, which the page of `stackel review` offers for download.")
          .at(file + ":" + table.headerLine());
    }
    int record = table.column("record", "the number of a record");
    int decision = table.column("decision", "the decision");
    int label = table.column("label", "the label that was decided on");
    int newLabel = table.column("new_label", "the new label");
    int hash = table.column("sha256", "the data file");
    var labels = new LinkedHashMap<Integer, String>();
    var decided = new HashMap<Integer, Integer>();
    int unsure = 0;
    for (int row = 0; row < table.size(); row++) {
      String place = table.place(row);
      if (!data.table().sha256().equals(text(table, row, hash))) {
        throw new InvalidInputException(
                "The decision is about another file than %s: its SHA-256 is %s, that of the data %s."
                    .formatted(data.table().file(), text(table, row, hash), data.table().sha256()),
                "the data were changed since the review, or --decisions names those of another run.")
            .at(place);
      }
      int number = number(text(table, row, record), data.size(), place);
      String old = Labels.normal(text(table, row, label));
      String now = data.labels()[number - 1] == null ? "" : data.label(number - 1);
      if (!old.equals(now)) {
        throw new InvalidInputException(
                "The decision is about the label '%s'; record %d has '%s'."
                    .formatted(old, number, now),
                "the row was edited by hand.")
            .at(place);
      }
      Integer before = decided.putIfAbsent(number, row);
      if (before != null) {
        throw new InvalidInputException(
                "Record %d is decided twice, here and at %s."
                    .formatted(number, table.place(before)),
                "the decisions of two people were put into one file: keep one line of each record.")
            .at(place);
      }
      switch (text(table, row, decision)) {
        case "keep" -> labels.put(number, known(now, classes, place));
        case "change" ->
            labels.put(number, known(changed(text(table, row, newLabel), place), classes, place));
        case "unsure" -> unsure++;
        default ->
            throw new InvalidInputException(
                    "The decision is '%s'; it must be keep, change or unsure."
                        .formatted(text(table, row, decision)),
                    "the file was edited by hand.")
                .at(place);
      }
    }
    return new Decisions(labels, unsure);
  }

  private static String text(Table table, int row, int column) {
    @Nullable String cell = table.cell(row, column);
    return cell == null ? "" : cell.strip();
  }

  private static int number(String text, int most, String place) {
    if (text.matches("[0-9]{1,9}")) {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= most) {
        return number;
      }
    }
    throw new InvalidInputException(
            "The record is '%s'; it must be a number from 1 to %d.".formatted(text, most),
            "the file was edited by hand.")
        .at(place);
  }

  private static String known(String label, Classes classes, String place) {
    try {
      return classes.name(classes.id(label));
    } catch (InvalidInputException e) {
      throw e.at(place);
    }
  }

  private static String changed(String label, String place) {
    String changed = Labels.normal(label);
    if (changed.isEmpty()) {
      throw new InvalidInputException(
              "The decision is 'change', and new_label is empty.", "'keep' or 'unsure' was meant.")
          .at(place);
    }
    return changed;
  }
}
