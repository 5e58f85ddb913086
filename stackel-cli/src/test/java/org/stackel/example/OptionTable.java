package org.stackel.example;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionDoc;
import org.stackel.config.OptionDocs;
import org.stackel.runfile.Document;

/** Options as a table in Markdown. */
final class OptionTable {
  private OptionTable() {}

  /** A row for each option, with those inside objects behind them. */
  static List<String> lines(OptionDocs docs) {
    var lines = new ArrayList<String>();
    if (docs.options().isEmpty()) {
      lines.add("No options.");
      return lines;
    }
    lines.add("| option | default | type | description |");
    lines.add("|---|---|---|---|");
    docs.options().forEach(option -> add(lines, option));
    return lines;
  }

  private static void add(List<String> lines, OptionDoc option) {
    String kind = option.values().isEmpty() ? option.kind() : kind(option);
    lines.add(
        "| `%s` | %s | %s | %s |"
            .formatted(option.key(), fallback(option), kind, cell(description(option))));
    option.options().forEach(nested -> add(lines, nested));
  }

  private static String kind(OptionDoc option) {
    return option.kind().startsWith("list") ? "list of words" : "word";
  }

  private static String fallback(OptionDoc option) {
    if (!option.options().isEmpty()) {
      return option.fallback() == null ? "left out" : "see below";
    }
    return option.fallback() == null
        ? option.isOptional() ? "left out" : "required"
        : "`%s`".formatted(text(option.fallback()));
  }

  private static String description(OptionDoc option) {
    String values =
        option.values().stream()
            .map(
                value ->
                    value.description().isEmpty()
                        ? "`%s`".formatted(value.word())
                        : "`%s`: %s".formatted(value.word(), value.description()))
            .collect(Collectors.joining("<br>"));
    return option.description()
        + (option.description().isEmpty() || values.isEmpty() ? "" : "<br>")
        + values;
  }

  /** A text that may stand in a table. */
  static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }

  /** A value as JSON has it, a word without quotes. */
  static String text(@Nullable Object value) {
    return value instanceof String text && !text.isEmpty() ? text : Document.line(value);
  }
}
