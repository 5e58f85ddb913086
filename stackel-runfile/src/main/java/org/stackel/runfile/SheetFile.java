package org.stackel.runfile;

import java.util.List;

/**
 * sheet.json: what a command found, as its page shows it. Written last.
 *
 * @param title of the page
 * @param result what came out, in a sentence
 * @param notes what a reader should know, in sentences
 * @param tables in order
 * @param charts in order
 */
public record SheetFile(
    String title, String result, List<String> notes, List<Table> tables, List<Chart> charts)
    implements WholeFile {
  /** Name of the file. */
  public static final String NAME = "sheet.json";

  public SheetFile {
    Rule.given("title", title);
    Rule.given("result", result);
    notes = Rule.list("notes", notes);
    tables = Rule.list("tables", tables);
    charts = Rule.list("charts", charts);
  }

  /**
   * A table of texts; those that are numbers stand to the right.
   *
   * @param title above it
   * @param columns heads
   * @param rows cells, as many as there are columns
   * @param note below it; may be empty
   */
  public record Table(String title, List<String> columns, List<List<String>> rows, String note) {
    public Table {
      Rule.given("title", title);
      columns = Rule.list("columns", columns);
      rows = Rule.list("rows", rows);
      Rule.given("note", note);
    }
  }

  /**
   * Lines over a common axis.
   *
   * @param title above it
   * @param x what the horizontal axis shows
   * @param y what the vertical axis shows
   * @param scale of the horizontal axis
   * @param lines in order
   */
  public record Chart(String title, String x, String y, Scale scale, List<Line> lines) {
    public Chart {
      Rule.given("title", title);
      Rule.given("x", x);
      Rule.given("y", y);
      Rule.given("scale", scale);
      lines = Rule.list("lines", lines);
    }
  }

  /** How an axis is divided. */
  public enum Scale {
    /** Evenly. */
    LINEAR,
    /** By powers of ten. */
    LOG
  }

  /**
   * A line through points.
   *
   * @param label its name
   * @param x horizontal places
   * @param y vertical places, as many
   */
  public record Line(String label, List<Double> x, List<Double> y) {
    public Line {
      Rule.given("label", label);
      x = Rule.list("x", x);
      y = Rule.list("y", y);
    }
  }
}
