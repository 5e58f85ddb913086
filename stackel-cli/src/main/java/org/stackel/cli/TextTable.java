package org.stackel.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tables of a comparison as text. */
final class TextTable {
  private static final int METHOD_WIDTH = 36;
  private static final int GAP = 2;

  private TextTable() {}

  /** Prints every section of comparison.json. */
  static void print(Map<String, Object> comparison, PrintWriter out) {
    for (Object section : list(comparison.get("sections"))) {
      Map<?, ?> map = map(section);
      results(map, out);
      tests(map, out);
      target(map(map.get("target")), out);
      tuning(map(map.get("tuning")), out);
    }
  }

  private static void results(Map<?, ?> section, PrintWriter out) {
    out.println();
    out.println(section.get("title"));
    if (map(section.get("budget")).get("text") instanceof String budget) {
      out.println(budget);
    }
    var table = new ArrayList<List<String>>();
    var header = new ArrayList<>(List.of("method"));
    for (Object column : list(section.get("columns"))) {
      header.add(String.valueOf(map(column).get("label")));
    }
    table.add(header);
    boolean hasErrors = false;
    for (Object row : list(section.get("rows"))) {
      var line = new ArrayList<>(List.of(String.valueOf(map(row).get("method"))));
      Map<?, ?> values = map(map(row).get("values"));
      for (Object column : list(section.get("columns"))) {
        String format = String.valueOf(map(column).get("format"));
        String cell = cell(values.get(map(column).get("key")), format);
        hasErrors |= cell.contains("±");
        line.add(cell);
      }
      table.add(line);
    }
    if (hasErrors) {
      out.println("mean ± standard error over seeds");
    }
    print(table, out);
    for (Object note : list(section.get("notes"))) {
      out.println(note);
    }
  }

  private static void tests(Map<?, ?> section, PrintWriter out) {
    Map<?, ?> tests = map(section.get("tests"));
    if (tests.isEmpty()) {
      return;
    }
    String label = label(section, String.valueOf(tests.get("metric")));
    String format = format(section, String.valueOf(tests.get("metric")));
    var table = new ArrayList<List<String>>();
    table.add(List.of("method minus " + tests.get("reference"), label, "seeds", "p"));
    for (Object row : list(tests.get("rows"))) {
      Map<?, ?> test = map(row);
      table.add(
          List.of(
              String.valueOf(test.get("method")),
              withError(number(test.get("difference")), number(test.get("se")), format),
              String.valueOf(test.get("n")),
              p(test.get("p"))));
    }
    out.println();
    out.println("Paired over seeds: mean difference ± its standard error; two-sided t-test");
    print(table, out);
    out.println(
        "p is corrected neither for their number nor for choosing the best as the reference.");
  }

  private static void target(Map<?, ?> target, PrintWriter out) {
    if (target.isEmpty()) {
      return;
    }
    var table = new ArrayList<List<String>>();
    table.add(List.of("method", "runs that did", "steps", "seconds", "oracle calls"));
    boolean anyDiverged = false;
    for (Object row : list(target.get("rows"))) {
      Map<?, ?> method = map(row);
      Object diverged = method.get("diverged");
      anyDiverged |= diverged != null;
      table.add(
          List.of(
              String.valueOf(method.get("method")),
              "%s of %s%s"
                  .formatted(
                      method.get("reached"),
                      method.get("runs"),
                      diverged == null ? "" : ", %s diverged".formatted(diverged)),
              cell(method.get("steps"), "#,##0"),
              cell(method.get("seconds"), "0.000"),
              cell(method.get("oracleCalls"), "#,##0")));
    }
    boolean isGiven = "given".equals(target.get("source"));
    out.println();
    out.println(
        "To reach %s %s at an evaluation%s; mean over the runs that did"
            .formatted(
                target.get("label"),
                text(number(target.get("value")), ""),
                isGiven
                    ? ""
                    : ", the level that every method reached at its end"
                        + (anyDiverged ? ", runs that diverged left out" : "")));
    print(table, out);
  }

  private static void tuning(Map<?, ?> tuning, PrintWriter out) {
    if (tuning.isEmpty()) {
      return;
    }
    String metric = String.valueOf(tuning.get("label"));
    var table = new ArrayList<List<String>>();
    table.add(List.of("method", "point", "diverged", metric, "that of point 0", "chosen"));
    for (Object row : list(tuning.get("rows"))) {
      Map<?, ?> method = map(row);
      String values =
          map(method.get("values")).entrySet().stream()
              .map(entry -> entry.getKey() + " " + entry.getValue())
              .collect(Collectors.joining(", "));
      table.add(
          List.of(
              String.valueOf(method.get("method")),
              "%s of %s".formatted(method.get("chosen"), method.get("points")),
              String.valueOf(method.get("diverged")),
              text(number(method.get("score")), ""),
              text(number(method.get("scoreOfDefaults")), ""),
              values));
    }
    out.println();
    out.println(
        "Tuned by %s on seeds %s, the same number of random points each; point 0 has the defaults"
            .formatted(
                metric,
                list(tuning.get("seeds")).stream()
                    .map(String::valueOf)
                    .collect(Collectors.joining(", "))));
    print(table, out);
  }

  private static String label(Map<?, ?> section, String key) {
    return column(section, key, "label");
  }

  private static String format(Map<?, ?> section, String key) {
    return column(section, key, "format");
  }

  private static String column(Map<?, ?> section, String key, String what) {
    return list(section.get("columns")).stream()
        .filter(column -> key.equals(map(column).get("key")))
        .map(column -> String.valueOf(map(column).get(what)))
        .findFirst()
        .orElse(key);
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

  private static String cell(@Nullable Object summary, String format) {
    if (summary == null) {
      return "-";
    }
    Map<?, ?> numbers = map(summary);
    return withError(number(numbers.get("mean")), number(numbers.get("se")), format);
  }

  /** Counts that do not vary have no error to show. */
  private static String withError(double mean, double error, String format) {
    if (Double.isNaN(error) || (error == 0 && format.equals("#,##0"))) {
      return text(mean, format);
    }
    return switch (format) {
      case "0.000" -> text(mean, format) + " ±" + text(error, format).replaceFirst("^0", "");
      case "0.0", "#,##0" -> text(mean, format) + " ±" + text(error, format);
      default -> text(mean, format) + " ±" + String.format(Locale.ROOT, "%.2g", error);
    };
  }

  private static String p(@Nullable Object p) {
    return p == null ? "no variation" : String.format(Locale.ROOT, "%.2g", number(p));
  }

  /** What is rounded to zero has no sign. */
  private static String text(double value, String format) {
    return digits(value, format).replaceFirst("^-(0[.0]*)$", "$1");
  }

  private static String digits(double value, String format) {
    return switch (format) {
      case "0.000" -> String.format(Locale.ROOT, "%.3f", value);
      case "0.0" -> String.format(Locale.ROOT, "%.1f", value);
      case "#,##0" -> String.format(Locale.ROOT, "%,.0f", value);
      default -> String.format(Locale.ROOT, "%.4g", value);
    };
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private static Map<?, ?> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  private static List<?> list(@Nullable Object value) {
    return value instanceof List<?> list ? list : new ArrayList<>();
  }
}
