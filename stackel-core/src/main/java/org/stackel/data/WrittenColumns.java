package org.stackel.data;

import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The columns that Stackel wrote, with an apostrophe before every cell that a spreadsheet would
 * execute ({@link org.stackel.config.SpreadsheetText}). The names of its columns, one behind the
 * other, tell them from those of a user, whose cells stay as they are.
 *
 * @param from number of the first
 * @param to number behind the last
 */
record WrittenColumns(int from, int to) {
  private static final WrittenColumns NONE = new WrittenColumns(0, 0);

  /** Columns that stand one behind the other in files that Stackel composes. */
  private static final List<List<String>> COMPOSED =
      List.of(
          List.of("row", "label", "weight", "suspected", "suggested"),
          List.of("label", "suspicion", "suspected", "suggested", "suggestedProbability"),
          List.of("feature", "group", "strength", "weight"),
          List.of("decision", "new_label", "sha256"),
          List.of("line", "label", "predicted"));

  private static final Pattern PREDICTED = Pattern.compile("predicted[0-9]*");
  private static final Pattern PROBABILITY = Pattern.compile("probability[0-9]*");
  private static final Pattern SUSPECTED = Pattern.compile("suspected[0-9]*");
  private static final Pattern SUGGESTED = Pattern.compile("suggested[0-9]*");

  static WrittenColumns of(List<String> columns) {
    int size = columns.size();
    for (List<String> names : COMPOSED) {
      if (Collections.indexOfSubList(columns, names) >= 0) {
        return new WrittenColumns(0, size);
      }
    }
    for (int i = 0; i + 1 < size; i++) {
      if (arePair(columns, i, PREDICTED, PROBABILITY)) {
        return new WrittenColumns(i, size);
      }
    }
    return size > 2 && arePair(columns, size - 2, SUSPECTED, SUGGESTED)
        ? new WrittenColumns(size - 2, size)
        : NONE;
  }

  private static boolean arePair(List<String> columns, int at, Pattern first, Pattern second) {
    return first.matcher(columns.get(at)).matches()
        && second.matcher(columns.get(at + 1)).matches();
  }

  boolean contains(int column) {
    return column >= from && column < to;
  }
}
