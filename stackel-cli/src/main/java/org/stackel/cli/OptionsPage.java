package org.stackel.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionDoc;
import org.stackel.runfile.Document;

/**
 * Options in words.
 *
 * @param facts what else is known about their owner, its name first
 * @param options those to show
 */
record OptionsPage(Map<String, @Nullable Object> facts, List<OptionDoc> options) implements Page {
  private static final int INDENT = 2;

  @Override
  public void print(PrintWriter out) {
    out.println(facts.get("name"));
    facts.forEach(
        (key, value) -> {
          if (!key.equals("name") && !isEmpty(value)) {
            Wrapped.lines("%s: %s".formatted(words(key), words(value)), INDENT)
                .forEach(out::println);
          }
        });
    for (OptionDoc option : options) {
      out.println();
      print(out, option, INDENT);
    }
  }

  private static boolean isEmpty(@Nullable Object value) {
    return value == null || value.equals("") || value.equals(List.of());
  }

  /** Such as "oracle calls" for {@code oracleCalls}. */
  private static String words(String key) {
    return key.replaceAll("(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }

  private static String words(@Nullable Object value) {
    return value instanceof List<?> list
        ? String.join(", ", list.stream().map(String::valueOf).toList())
        : String.valueOf(value);
  }

  private static void print(PrintWriter out, OptionDoc option, int indent) {
    String kind = option.values().isEmpty() ? option.kind() : kind(option);
    Wrapped.lines("%s  (%s; %s)".formatted(option.key(), kind, fallback(option)), indent)
        .forEach(out::println);
    int inner = indent + 2 * INDENT;
    if (!option.description().isEmpty()) {
      Wrapped.lines(option.description(), inner).forEach(out::println);
    }
    for (OptionDoc.Value value : option.values()) {
      String text =
          value.description().isEmpty() ? value.word() : value.word() + ": " + value.description();
      Wrapped.lines(text, inner).forEach(out::println);
    }
    option.options().forEach(nested -> print(out, nested, inner));
  }

  private static String kind(OptionDoc option) {
    return option.kind().startsWith("list") ? "list of words" : "word";
  }

  private static String fallback(OptionDoc option) {
    if (!option.options().isEmpty()) {
      return option.isOptional() && option.fallback() == null
          ? "left out"
          : "its keys have defaults";
    }
    return option.fallback() == null
        ? option.isOptional() ? "left out" : "required"
        : "default: "
            + (option.fallback().equals("") ? "\"\"" : CataloguePage.text(option.fallback()));
  }

  @Override
  public String json() {
    var all = new LinkedHashMap<String, @Nullable Object>(facts);
    all.put("options", json(options));
    return Document.line(all);
  }

  private static List<Map<String, @Nullable Object>> json(List<OptionDoc> options) {
    var list = new ArrayList<Map<String, @Nullable Object>>();
    for (OptionDoc option : options) {
      var map = new LinkedHashMap<String, @Nullable Object>();
      map.put("key", option.key());
      map.put("kind", option.kind());
      map.put("optional", option.isOptional());
      map.put("default", option.fallback());
      map.put("description", option.description());
      if (!option.values().isEmpty()) {
        map.put(
            "values",
            option.values().stream()
                .map(value -> Map.of("word", value.word(), "description", value.description()))
                .toList());
      }
      if (!option.options().isEmpty()) {
        map.put("options", json(option.options()));
      }
      list.add(map);
    }
    return list;
  }
}
