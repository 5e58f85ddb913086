package org.stackel.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tables of a comparison as text. */
final class TextTable {
  private static final int METHOD_WIDTH = 38;
  private static final int NUMBER_WIDTH = 16;

  private TextTable() {}

  /** Prints every section of comparison.json. */
  static void print(Map<String, Object> comparison, PrintWriter out) {
    for (Object section : list(comparison.get("sections"))) {
      print(map(section).get("title"), map(section), out);
    }
  }

  private static void print(@Nullable Object title, Map<?, ?> section, PrintWriter out) {
    out.println();
    out.println(title);
    var header = new StringBuilder("method".concat(" ".repeat(METHOD_WIDTH - 6)));
    for (Object column : list(section.get("columns"))) {
      header.append(right(String.valueOf(map(column).get("label"))));
    }
    out.println(header.toString().stripTrailing());
    for (Object row : list(section.get("rows"))) {
      var line = new StringBuilder();
      String method = String.valueOf(map(row).get("method"));
      line.append(method).append(" ".repeat(Math.max(1, METHOD_WIDTH - method.length())));
      Map<?, ?> values = map(map(row).get("values"));
      for (Object column : list(section.get("columns"))) {
        line.append(
            right(
                cell(
                    values.get(map(column).get("key")),
                    String.valueOf(map(column).get("format")))));
      }
      out.println(line.toString().stripTrailing());
    }
    for (Object note : list(section.get("notes"))) {
      out.println(note);
    }
  }

  private static String cell(@Nullable Object summary, String format) {
    if (summary == null) {
      return "-";
    }
    Map<?, ?> numbers = map(summary);
    double mean = number(numbers.get("mean"));
    double sd = number(numbers.get("sd"));
    boolean several = number(numbers.get("n")) > 1;
    return several && format.equals("0.000")
        ? text(mean, format) + " ±" + text(sd, format).replaceFirst("^0", "")
        : text(mean, format);
  }

  private static String text(double value, String format) {
    return switch (format) {
      case "0.000" -> String.format(Locale.ROOT, "%.3f", value);
      case "0.0" -> String.format(Locale.ROOT, "%.1f", value);
      case "#,##0" -> String.format(Locale.ROOT, "%,.0f", value);
      default -> String.format(Locale.ROOT, "%.4g", value);
    };
  }

  private static String right(String text) {
    return " ".repeat(Math.max(1, NUMBER_WIDTH - text.length())) + text;
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
