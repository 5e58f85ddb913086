package org.stackel.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Section.Column;
import org.stackel.report.Section.Row;
import org.stackel.report.Section.Value;

/**
 * What a {@code comparison.json} and the runs that it names say.
 *
 * @param name of its directory
 */
record Comparison(String name, String title, List<String> notes, List<Section> sections) {
  static final String FILE = "comparison.json";

  static Comparison read(Path directory) throws IOException {
    Json json = Json.read(directory.resolve(FILE));
    var sections = new ArrayList<Section>();
    json.member("sections");
    for (Json section : json.items("sections")) {
      sections.add(section(section, directory));
    }
    String name = String.valueOf(directory.toAbsolutePath().normalize().getFileName());
    return new Comparison(name, json.member("title").text(), json.texts("notes"), sections);
  }

  private static Section section(Json json, Path directory) throws IOException {
    List<Column> columns = json.items("columns").stream().map(Comparison::column).toList();
    var runs = new ArrayList<Run>();
    for (Json entry : json.items("runs")) {
      Path run = directory.resolve(entry.text());
      if (!Files.isDirectory(run)) {
        throw entry.wrong(
            "names no directory: '%s' does not exist".formatted(run),
            "the runs were moved or deleted after they were compared.");
      }
      runs.add(Run.read(run));
    }
    var rows = new ArrayList<Row>();
    json.items("rows").forEach(row -> rows.add(row(row, runs)));
    rows.addAll(withoutNumbers(rows, runs));
    return new Section(
        json.member("title").text(),
        json.texts("notes"),
        columns,
        rows,
        Group.of(runs),
        Fairness.of(json, columns));
  }

  private static Column column(Json json) {
    String key = json.member("key").text();
    Column named = Column.named(key);
    Json label = json.find("label");
    Json format = json.find("format");
    if (format != null) {
      try {
        Numbers.format(format.text(), 0);
      } catch (IllegalArgumentException e) {
        throw format.wrong("must be a pattern such as 0.000 or 0.0%", "a letter slipped in.");
      }
    }
    return new Column(
        key,
        label == null ? named.label() : label.text(),
        oneOf(json.find("better"), Set.of("higher", "lower"), null),
        format == null ? null : format.text());
  }

  private static Row row(Json json, List<Run> runs) {
    String method = json.member("method").text();
    String kind = oneOf(json.find("kind"), Set.of("bilevel", "baseline", "reference"), "bilevel");
    var values = new LinkedHashMap<String, Value>();
    Json given = json.find("values");
    if (given != null) {
      given
          .members()
          .forEach(
              (key, value) -> {
                if (!value.node().isNull()) {
                  values.put(key, value(value));
                }
              });
    }
    List<Run> own = runs.stream().filter(run -> isOf(method, run.algorithm())).toList();
    String remark = Words.completion(own);
    var seeds = new LinkedHashMap<String, Map<String, Double>>();
    Json each = json.find("seeds");
    if (each != null) {
      each.members().forEach((key, numbers) -> seeds.put(key, Run.numbers(numbers)));
    }
    return new Row(
        method, kind == null ? "bilevel" : kind, remark, remark.isEmpty(), values, seeds);
  }

  /** Rows of the algorithms of which no run completed. */
  private static List<Row> withoutNumbers(List<Row> rows, List<Run> runs) {
    return runs.stream()
        .map(Run::algorithm)
        .distinct()
        .filter(name -> rows.stream().noneMatch(row -> isOf(row.method(), name)))
        .map(
            name ->
                new Row(
                    name,
                    "bilevel",
                    Words.completion(
                        runs.stream().filter(run -> run.algorithm().equals(name)).toList()),
                    false,
                    Map.of(),
                    Map.of()))
        .toList();
  }

  private static boolean isOf(String method, String algorithm) {
    return (method + " ").startsWith(algorithm + " ");
  }

  /**
   * A plain number stands for a mean without a spread. A file without standard errors has standard
   * deviations.
   */
  private static Value value(Json json) {
    if (!json.node().isObject()) {
      return new Value(json.number(), Double.NaN, 1);
    }
    Json se = json.find("se");
    Json sd = json.find("sd");
    Json n = json.find("n");
    long count = n == null ? 1 : n.count();
    return new Value(
        json.member("mean").number(),
        se != null
            ? se.number()
            : sd != null ? sd.number() / Math.sqrt((double) count) : Double.NaN,
        count);
  }

  private static @Nullable String oneOf(
      @Nullable Json json, Set<String> words, @Nullable String fallback) {
    if (json == null) {
      return fallback;
    }
    if (!words.contains(json.text())) {
      throw json.wrong(
          "must be one of " + String.join(", ", words.stream().sorted().toList()),
          "it is misspelled.");
    }
    return json.text();
  }
}
