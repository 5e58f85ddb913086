package org.stackel.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.runfile.Document;

/**
 * Whole catalogues.
 *
 * @param topics which ones
 */
record CataloguePage(List<String> topics) implements Page {
  private static final String COMBINATIONS = "combinations";

  /** All of them. */
  static final List<String> TOPICS = List.of("algorithms", "problems", "presets", COMBINATIONS);

  @Override
  public void print(PrintWriter out) {
    entries()
        .forEach(
            (name, entries) -> {
              if (name.equals(COMBINATIONS)) {
                table(out, name, entries);
              } else {
                print(out, name, entries);
              }
            });
  }

  @Override
  public String json() {
    return Document.line(entries());
  }

  private Map<String, List<Map<String, @Nullable Object>>> entries() {
    var all = new LinkedHashMap<String, List<Map<String, @Nullable Object>>>();
    for (String topic : topics) {
      all.put(
          topic,
          switch (topic) {
            case "algorithms" -> Catalogue.algorithms();
            case "problems" -> Catalogue.problems();
            case "presets" -> Catalogue.presets();
            default -> Catalogue.combinations();
          });
    }
    return all;
  }

  private static void table(
      PrintWriter out, String title, List<Map<String, @Nullable Object>> rows) {
    out.println(title);
    var header = new LinkedHashMap<String, @Nullable Object>();
    rows.get(0).keySet().forEach(key -> header.put(key, key));
    int longest = rows.stream().mapToInt(row -> first(row).length()).max().orElse(1);
    row(out, header, longest);
    rows.forEach(row -> row(out, row, longest));
  }

  private static String first(Map<String, @Nullable Object> cells) {
    return String.valueOf(cells.values().iterator().next());
  }

  private static void row(PrintWriter out, Map<String, @Nullable Object> cells, int longest) {
    var line = new StringBuilder("  %%-%ds".formatted(longest).formatted(first(cells)));
    cells.values().stream().skip(1).forEach(cell -> line.append(" %-14s".formatted(cell)));
    out.println(line.toString().stripTrailing());
  }

  private static void print(
      PrintWriter out, String title, List<Map<String, @Nullable Object>> entries) {
    out.println(title);
    for (Map<String, @Nullable Object> entry : entries) {
      out.println("  " + entry.get("name"));
      entry.forEach(
          (key, value) -> {
            if (value instanceof Map<?, ?> map) {
              out.println("    " + key);
              map.forEach(
                  (name, fallback) -> out.println("      %s: %s".formatted(name, text(fallback))));
            } else if (!key.equals("name")) {
              out.println("    %s: %s".formatted(key, text(value)));
            }
          });
    }
  }

  /** A value as JSON has it, a word without quotes. */
  static String text(@Nullable Object value) {
    return value == null
        ? "(left out)"
        : value instanceof String text ? text : Document.line(value);
  }
}
