package org.stackel.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Experiment;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Metrics;
import org.stackel.problem.Presentation;
import org.stackel.problem.ProblemOptions;
import org.stackel.run.RunOutcome;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ComparisonFile.Column;
import org.stackel.runfile.ComparisonFile.Row.Kind;
import org.stackel.runfile.ComparisonFile.Summary;
import org.stackel.runfile.MetricDirection;

/** The numbers of one section by method, metric and seed. */
final class ComparisonTable {
  private static final String SECONDS = "seconds";
  private static final String CALLS = "oracleCalls";
  private static final String SAMPLES = "samples";

  private final Comparison.Section section;
  private final SameRuns same;
  private final Presentation presentation;
  private final String primary;
  private final Map<String, Map<String, Map<Long, Double>>> rows = new LinkedHashMap<>();
  private final Map<String, Kind> kinds = new LinkedHashMap<>();
  private final List<String> runs = new ArrayList<>();

  ComparisonTable(Comparison.Section section, SameRuns same) {
    this.section = section;
    this.same = same;
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
        values.forEach((key, value) -> put(name, Kind.BILEVEL, key, seed, value));
      }
      row.metrics()
          .forEach(
              (key, metric) -> {
                Double value = values.get(metric);
                if (value != null) {
                  put(name, Kind.BILEVEL, key, seed, value);
                }
              });
      put(name, Kind.BILEVEL, SECONDS, seed, outcome.seconds() + outcome.after());
      put(name, Kind.BILEVEL, CALLS, seed, (double) calls.total());
      put(name, Kind.BILEVEL, SAMPLES, seed, (double) calls.samples());
    }
  }

  /** Adds the result of a method without a bilevel problem. */
  void add(BaselineResult result, long seed) {
    Kind kind = result.method().startsWith("oracle") ? Kind.REFERENCE : Kind.BASELINE;
    result.metrics().values().forEach((key, value) -> put(result.method(), kind, key, seed, value));
    put(result.method(), kind, SECONDS, seed, result.seconds());
  }

  private void put(String method, Kind kind, String key, long seed, double value) {
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
          .forEach(
              c ->
                  columns.add(
                      new Column(c.key(), c.label(), MetricDirection.of(c.key()), c.format())));
      columns.add(new Column(SECONDS, SECONDS, null, format(SECONDS)));
      columns.add(new Column(CALLS, label(CALLS), null, format(CALLS)));
      columns.add(new Column(SAMPLES, SAMPLES, null, format(SAMPLES)));
      return columns;
    }
    return rows.values().stream()
        .flatMap(row -> row.keySet().stream())
        .distinct()
        .sorted(Comparator.comparing(key -> !key.equals(primary)))
        .map(key -> new Column(key, label(key), MetricDirection.of(key), format(key)))
        .toList();
  }

  static String label(String key) {
    String words = key.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
    return words.replaceAll("\\bauc\\b", "AUC");
  }

  private static @Nullable String format(String key) {
    return switch (key) {
      case SECONDS -> "0.0";
      case CALLS, SAMPLES -> "#,##0";
      default -> null;
    };
  }

  /** As comparison.json has it. */
  ComparisonFile.Section toFile(
      ComparisonFile.Budget budget,
      ComparisonFile.@Nullable Target target,
      ComparisonFile.@Nullable Tuning tuning) {
    return new ComparisonFile.Section(
        section.title(),
        notes(),
        columns(),
        rows.keySet().stream().map(this::row).toList(),
        runs,
        primary,
        tests(),
        budget,
        target,
        tuning);
  }

  private ComparisonFile.Row row(String method) {
    var values = new LinkedHashMap<String, Summary>();
    var seeds = new LinkedHashMap<String, Map<String, Double>>();
    numbers(method)
        .forEach(
            (key, all) -> {
              values.put(key, Summary.of(all.values()));
              var named = new LinkedHashMap<String, Double>();
              all.forEach((seed, value) -> named.put(Long.toString(seed), value));
              seeds.put(key, named);
            });
    Kind kind = Objects.requireNonNull(kinds.get(method));
    return new ComparisonFile.Row(method, kind, values, seeds);
  }

  /** Every method against the best bilevel method; null where there is nothing to test. */
  private ComparisonFile.@Nullable Tests tests() {
    String reference = best();
    if (reference == null) {
      return null;
    }
    var differences = new ArrayList<ComparisonFile.Difference>();
    for (String method : rows.keySet()) {
      ComparisonFile.Difference difference =
          method.equals(reference)
              ? null
              : PairedTest.of(method, values(method), values(reference));
      if (difference != null) {
        differences.add(difference);
      }
    }
    return differences.isEmpty()
        ? null
        : new ComparisonFile.Tests(primary, reference, PairedTest.NAME, differences);
  }

  private Map<String, Map<Long, Double>> numbers(String method) {
    return rows.getOrDefault(method, Map.of());
  }

  private Map<Long, Double> values(String method) {
    return numbers(method).getOrDefault(primary, Map.of());
  }

  /** The bilevel method of the best mean among those that lost no seed; null without one. */
  private @Nullable String best() {
    MetricDirection direction = MetricDirection.of(primary);
    String best = null;
    double least = Double.NaN;
    for (String method : rows.keySet()) {
      double mean = Summary.of(values(method).values()).mean();
      boolean competes =
          kinds.get(method) == Kind.BILEVEL && values(method).size() == section.seeds().size();
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
        String alike = same.note(experiment.algorithmType());
        if (alike != null) {
          all.add(alike);
        }
      }
    }
    return all;
  }
}
