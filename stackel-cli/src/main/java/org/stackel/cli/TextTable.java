package org.stackel.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ComparisonFile.Column;
import org.stackel.runfile.ComparisonFile.Section;
import org.stackel.runfile.ComparisonFile.Summary;

/** The tables of a comparison as text. */
final class TextTable {
  private static final int METHOD_WIDTH = 36;
  private static final int GAP = 2;
  private static final String COUNT = "#,##0";

  private TextTable() {}

  /** Prints every section. */
  static void print(ComparisonFile comparison, PrintWriter out) {
    for (Section section : comparison.sections()) {
      results(section, out);
      tests(section, out);
      target(section.target(), out);
      tuning(section.tuning(), out);
    }
  }

  private static void results(Section section, PrintWriter out) {
    out.println();
    out.println(section.title());
    if (section.budget() != null) {
      out.println(section.budget().text());
    }
    var table = new ArrayList<List<String>>();
    var header = new ArrayList<>(List.of("method"));
    section.columns().forEach(column -> header.add(label(column)));
    table.add(header);
    boolean hasErrors = false;
    for (ComparisonFile.Row row : section.rows()) {
      var line = new ArrayList<>(List.of(row.method()));
      for (Column column : section.columns()) {
        String cell = cell(row.values().get(column.key()), column.format());
        hasErrors |= cell.contains("±");
        line.add(cell);
      }
      table.add(line);
    }
    if (hasErrors) {
      out.println("mean ± standard error over seeds");
    }
    print(table, out);
    section.notes().forEach(out::println);
  }

  private static void tests(Section section, PrintWriter out) {
    ComparisonFile.Tests tests = section.tests();
    if (tests == null) {
      return;
    }
    Column column = section.column(tests.metric());
    String label = column == null ? tests.metric() : label(column);
    String format = column == null ? null : column.format();
    var table = new ArrayList<List<String>>();
    table.add(List.of("method minus " + tests.reference(), label, "seeds", "p"));
    for (ComparisonFile.Difference row : tests.rows()) {
      table.add(
          List.of(
              row.method(),
              withError(row.difference(), row.se(), format),
              String.valueOf(row.n()),
              row.p() == null ? "no variation" : String.format(Locale.ROOT, "%.2g", row.p())));
    }
    out.println();
    out.println("Paired over seeds: mean difference ± standard error; two-sided t-test");
    print(table, out);
    out.println(
        "p-values are corrected neither for multiple tests nor for choosing the best method as reference.");
  }

  private static void target(ComparisonFile.@Nullable Target target, PrintWriter out) {
    if (target == null) {
      return;
    }
    var table = new ArrayList<List<String>>();
    table.add(List.of("method", "reached", "steps", "seconds", "oracle calls", "samples"));
    for (ComparisonFile.Cost row : target.rows()) {
      String diverged = row.diverged() == null ? "" : ", %s diverged".formatted(row.diverged());
      table.add(
          List.of(
              row.method(),
              "%s of %s%s".formatted(row.reached(), row.runs(), diverged),
              median(row, ComparisonFile.Median::steps, COUNT),
              median(row, ComparisonFile.Median::seconds, "0.000"),
              median(row, ComparisonFile.Median::oracleCalls, COUNT),
              median(row, ComparisonFile.Median::samples, COUNT)));
    }
    boolean anyDiverged = target.rows().stream().anyMatch(row -> row.diverged() != null);
    boolean isGiven = target.source() == ComparisonFile.Target.Source.GIVEN;
    out.println();
    out.println(
        "Cost until an evaluation reaches %s %s%s; median over all runs, of which those that do not reach it count as dearer than all that do"
            .formatted(
                target.label(),
                text(target.value(), null),
                isGiven
                    ? ""
                    : ", the level that every method reached at its end"
                        + (anyDiverged ? ", runs that diverged left out" : "")));
    print(table, out);
  }

  private static String median(
      ComparisonFile.Cost row, ToDoubleFunction<ComparisonFile.Median> part, String format) {
    return row.median() == null ? "-" : text(part.applyAsDouble(row.median()), format);
  }

  private static void tuning(ComparisonFile.@Nullable Tuning tuning, PrintWriter out) {
    if (tuning == null) {
      return;
    }
    var table = new ArrayList<List<String>>();
    table.add(List.of("method", "point", "diverged", tuning.label(), "at point 0", "chosen"));
    for (ComparisonFile.Tuned row : tuning.rows()) {
      String values =
          row.values().entrySet().stream()
              .map(entry -> entry.getKey() + " " + entry.getValue())
              .collect(Collectors.joining(", "));
      table.add(
          List.of(
              row.method(),
              "%s of %s".formatted(row.chosen(), row.points()),
              String.valueOf(row.diverged()),
              text(row.score(), null),
              text(row.scoreOfDefaults(), null),
              values));
    }
    out.println();
    out.println(
        "Tuned by %s on seeds %s, with the same number of points for each method; point 0 is the defaults"
            .formatted(
                tuning.label(),
                tuning.seeds().stream().map(String::valueOf).collect(Collectors.joining(", "))));
    print(table, out);
  }

  private static String label(Column column) {
    return column.label() == null ? column.key() : column.label();
  }

  /** Columns as wide as what is in them, numbers to the right. */
  private static void print(List<List<String>> table, PrintWriter out) {
    int columns = table.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : table) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length() + GAP);
      }
    }
    widths[0] = Math.max(widths[0], METHOD_WIDTH);
    for (List<String> row : table) {
      var line = new StringBuilder(row.get(0));
      line.append(" ".repeat(widths[0] - line.length()));
      for (int i = 1; i < columns; i++) {
        line.append(" ".repeat(widths[i] - row.get(i).length())).append(row.get(i));
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private static String cell(@Nullable Summary summary, @Nullable String format) {
    return summary == null
        ? "-"
        : withError(summary.mean(), summary.se() == null ? Double.NaN : summary.se(), format);
  }

  /** Counts that do not vary have no error to show. */
  private static String withError(double mean, double error, @Nullable String format) {
    if (Double.isNaN(error) || (error == 0 && COUNT.equals(format))) {
      return text(mean, format);
    }
    String shown = format == null ? String.format(Locale.ROOT, "%.2g", error) : text(error, format);
    return text(mean, format)
        + " ±"
        + ("0.000".equals(format) ? shown.replaceFirst("^0", "") : shown);
  }

  /** What is rounded to zero has no sign. */
  private static String text(double value, @Nullable String format) {
    return digits(value, format).replaceFirst("^-(0[.0]*)$", "$1");
  }

  private static String digits(double value, @Nullable String format) {
    String pattern =
        format == null
            ? "%.4g"
            : switch (format) {
              case "0.000" -> "%.3f";
              case "0.0" -> "%.1f";
              case COUNT -> "%,.0f";
              default -> "%.4g";
            };
    return String.format(Locale.ROOT, pattern, value);
  }
}
