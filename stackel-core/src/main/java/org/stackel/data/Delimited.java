package org.stackel.data;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

  private Delimited() {}

  /** The column that holds the label, as far as the header says; null if it does not. */
  public static @Nullable String labelColumn(List<String> header) {
    for (String known : LABEL) {
      for (String column : header) {
        if (column.equalsIgnoreCase(known)) {
          return column;
        }
      }
    }
    return null;
  }

  /** The complaint about a row that is no CSV. */
  static InvalidInputException noCsv(Path file, int line, String why) {
    return new InvalidInputException(
            "The row is no CSV: %s.".formatted(why),
            "a quote is not closed; a quote inside quotes is written twice.")
        .at(file + ":" + line);
  }

  /** Complains unless a row has as many cells as the header. */
  static void requireAll(Path file, int line, int header, int cells) {
    if (cells != header) {
      throw new InvalidInputException(
              "The row has %d %s; it must have %d, as the header has."
                  .formatted(cells, cells == 1 ? "cell" : "cells", header),
              cells > header
                  ? "a separator inside a text is not quoted."
                  : "the row is cut off, or a line break stands inside a text.")
          .at(file + ":" + line);
    }
  }
}
