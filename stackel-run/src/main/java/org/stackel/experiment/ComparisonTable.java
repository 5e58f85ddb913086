package org.stackel.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Direction;
import org.stackel.problem.Metrics;
import org.stackel.problem.Presentation;
import org.stackel.problem.ProblemOptions;

/** The numbers of one section by method, metric and seed. */
final class ComparisonTable {
  private static final String SECONDS = "seconds";
  private static final String CALLS = "oracleCalls";

  /** A number of a table; without a format it is shown with four digits. */
  private record Column(
      String key, String label, @Nullable String better, @Nullable String format) {}

  private final Comparison.Section section;
  private final Presentation presentation;
  private final String primary;
  private final Map<String, Map<String, Map<Long, Double>>> rows = new LinkedHashMap<>();
  private final Map<String, String> kinds = new LinkedHashMap<>();
  private final List<String> runs = new ArrayList<>();

  ComparisonTable(Comparison.Section section) {
    this.section = section;
    ProblemOptions problem = section.experiments().get(0).problem();
    presentation = problem.presentation();
    primary =
        presentation.columns().isEmpty()
            ? problem.goal().result()
            : presentation.columns().get(0).key();
  }

  /** Notes a run directory. */
  void addRun(String name) {
    runs.add(name);
  }

  /** Adds a run that completed. */
  void add(Experiment experiment, RunOutcome.Completed outcome, OracleCalls calls) {
    String method = experiment.algorithmType();
    long seed = experiment.settings().seed();
    Map<String, Double> values = outcome.metrics().values();
    for (Presentation.Row row : presentation.rows()) {
      String name = method + row.suffix();
      if (row.metrics().isEmpty()) {
        values.forEach((key, value) -> put(name, "bilevel", key, seed, value));
      }
      row.metrics()
          .forEach(
              (key, metric) -> {
                Double value = values.get(metric);
                if (value != null) {
                  put(name, "bilevel", key, seed, value);
                }
              });
      put(name, "bilevel", SECONDS, seed, outcome.seconds() + outcome.after());
      put(name, "bilevel", CALLS, seed, (double) calls.total());
    }
  }

  /** Adds what a method without a bilevel problem gave. */
  void add(BaselineResult result, long seed) {
    String kind = result.method().startsWith("oracle") ? "reference" : "baseline";
    result.metrics().values().forEach((key, value) -> put(result.method(), kind, key, seed, value));
    put(result.method(), kind, SECONDS, seed, result.seconds());
  }

  private void put(String method, String kind, String key, long seed, double value) {
    kinds.put(method, kind);
    rows.computeIfAbsent(method, m -> new LinkedHashMap<>())
        .computeIfAbsent(key, k -> new LinkedHashMap<>())
        .put(seed, value);
  }

  /** The metric by which methods are judged comes first, what they cost last. */
  private List<Column> columns() {
    if (!presentation.columns().isEmpty()) {
      var columns = new ArrayList<Column>();
      presentation
          .columns()
          .forEach(c -> columns.add(new Column(c.key(), c.label(), better(c.key()), c.format())));
      columns.add(new Column(SECONDS, SECONDS, null, format(SECONDS)));
      columns.add(new Column(CALLS, label(CALLS), null, format(CALLS)));
      return columns;
    }
    return rows.values().stream()
        .flatMap(row -> row.keySet().stream())
        .distinct()
        .sorted(Comparator.comparing(key -> !key.equals(primary)))
        .map(key -> new Column(key, label(key), better(key), format(key)))
        .toList();
  }

  private static @Nullable String better(String key) {
    Direction direction = Direction.of(key);
    return direction == null ? null : Options.kebab(direction);
  }

  static String label(String key) {
    String words = key.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
    return words.replaceAll("\\bauc\\b", "AUC");
  }

  private static @Nullable String format(String key) {
    return switch (key) {
      case SECONDS -> "0.0";
      case CALLS -> "#,##0";
      default -> null;
    };
  }

  /** As comparison.json has it. */
  Map<String, Object> toMap() {
    var map = new LinkedHashMap<String, Object>();
    map.put("title", section.title());
    map.put("notes", notes());
    var columns = new ArrayList<Object>();
    for (Column column : columns()) {
      var c = new LinkedHashMap<String, @Nullable Object>();
      c.put("key", column.key());
      c.put("label", column.label());
      c.put("better", column.better());
      c.put("format", column.format());
      columns.add(c);
    }
    map.put("columns", columns);
    var list = new ArrayList<Object>();
    rows.forEach(
        (method, numbers) -> {
          var values = new LinkedHashMap<String, Object>();
          numbers.forEach((key, all) -> values.put(key, Summary.of(all.values()).toMap()));
          var row = new LinkedHashMap<String, Object>();
          row.put("method", method);
          row.put("kind", String.valueOf(kinds.get(method)));
          row.put("values", values);
          row.put("seeds", bySeed(numbers));
          list.add(row);
        });
    map.put("rows", list);
    map.put("runs", runs);
    map.put("primary", primary);
    Map<String, Object> tests = tests();
    if (tests != null) {
      map.put("tests", tests);
    }
    return map;
  }

  private static Map<String, Map<String, Double>> bySeed(Map<String, Map<Long, Double>> numbers) {
    var named = new LinkedHashMap<String, Map<String, Double>>();
    numbers.forEach(
        (key, all) -> {
          var seeds = new LinkedHashMap<String, Double>();
          all.forEach((seed, value) -> seeds.put(Long.toString(seed), value));
          named.put(key, seeds);
        });
    return named;
  }

  /** Every method against the best bilevel method; null where there is nothing to test. */
  private @Nullable Map<String, Object> tests() {
    String reference = best();
    if (reference == null) {
      return null;
    }
    var list = new ArrayList<Object>();
    for (String method : rows.keySet()) {
      PairedTest test =
          method.equals(reference) ? null : PairedTest.of(values(method), values(reference));
      if (test != null) {
        list.add(test.toMap(method));
      }
    }
    if (list.isEmpty()) {
      return null;
    }
    var map = new LinkedHashMap<String, Object>();
    map.put("metric", primary);
    map.put("reference", reference);
    map.put("test", "paired t-test, two-sided, of method minus reference over seeds");
    map.put("rows", list);
    return map;
  }

  private Map<Long, Double> values(String method) {
    return rows.getOrDefault(method, Map.of()).getOrDefault(primary, Map.of());
  }

  /** The bilevel method of the best mean among those that lost no seed; null without one. */
  private @Nullable String best() {
    Direction direction = Direction.of(primary);
    String best = null;
    double least = Double.NaN;
    for (String method : rows.keySet()) {
      double mean = Summary.of(values(method).values()).mean();
      boolean competes =
          "bilevel".equals(kinds.get(method)) && values(method).size() == section.seeds().size();
      if (direction != null
          && competes
          && Double.isFinite(mean)
          && (best == null || direction.prefers(mean, least))) {
        best = method;
        least = mean;
      }
    }
    return best;
  }

  /** The section's notes, and what the problem has to say about the mean metrics of a method. */
  private List<String> notes() {
    var all = new ArrayList<>(section.notes());
    for (Experiment experiment : section.experiments()) {
      Map<String, Map<Long, Double>> numbers = rows.get(experiment.algorithmType());
      if (numbers != null) {
        Metrics means = Metrics.NONE;
        for (Map.Entry<String, Map<Long, Double>> metric : numbers.entrySet()) {
          means = means.with(metric.getKey(), Summary.of(metric.getValue().values()).mean());
        }
        all.addAll(experiment.problem().notes(experiment.algorithmType(), means));
      }
    }
    return all;
  }
}
