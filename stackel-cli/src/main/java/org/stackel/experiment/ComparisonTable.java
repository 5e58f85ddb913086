package org.stackel.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.baseline.BaselineResult;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.DataCleaning;
import org.stackel.problem.Metrics;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ComparisonFile.Column;
import org.stackel.runfile.ComparisonFile.Row.Kind;
import org.stackel.runfile.ComparisonFile.Summary;
import org.stackel.runfile.MetricDirection;

/** The numbers of one section by method, metric and seed. */
final class ComparisonTable {
  private static final String SECONDS = "seconds";
  private static final String CALLS = "oracleCalls";

  private static final List<Column> CLEANING =
      List.of(
          new Column("testAccuracy", "test accuracy", MetricDirection.HIGHER, "0.000"),
          new Column("auroc", "AUROC", MetricDirection.HIGHER, "0.000"),
          new Column("f1", "F1", MetricDirection.HIGHER, "0.000"),
          new Column(SECONDS, SECONDS, null, "0.0"),
          new Column(CALLS, "oracle calls", null, "#,##0"));

  private final Comparison.Section section;
  private final boolean isCleaning;
  private final String primary;
  private final Map<String, Map<String, Map<Long, Double>>> rows = new LinkedHashMap<>();
  private final Map<String, Kind> kinds = new LinkedHashMap<>();
  private final List<String> runs = new ArrayList<>();

  ComparisonTable(Comparison.Section section) {
    this.section = section;
    Experiment first = section.experiments().get(0);
    isCleaning = first.problem() instanceof DataCleaning;
    primary = isCleaning ? "testAccuracy" : first.problem().goal().result();
  }

  /** Notes a run directory. */
  void addRun(String name) {
    runs.add(name);
  }

  /** Adds a run that completed. */
  void add(Experiment experiment, RunOutcome outcome, double after, OracleCalls calls) {
    String method = experiment.algorithmType();
    long seed = experiment.settings().seed();
    Metrics metrics = outcome.metrics();
    if (!isCleaning) {
      metrics.values().forEach((key, value) -> put(method, Kind.BILEVEL, key, seed, value));
      put(method, Kind.BILEVEL, SECONDS, seed, outcome.seconds());
      put(method, Kind.BILEVEL, CALLS, seed, (double) calls.total());
      return;
    }
    for (String row : List.of(method, method + " + trusted")) {
      boolean joined = !row.equals(method);
      put(
          row,
          Kind.BILEVEL,
          "testAccuracy",
          seed,
          metrics.get(joined ? "retrainTrustedAccuracy" : "retrainAccuracy"));
      for (String key : List.of("auroc", "f1", "weightOfClean", "weightOfWrong")) {
        if (metrics.values().containsKey(key)) {
          put(row, Kind.BILEVEL, key, seed, metrics.get(key));
        }
      }
      put(row, Kind.BILEVEL, SECONDS, seed, outcome.seconds() + after);
      put(row, Kind.BILEVEL, CALLS, seed, (double) calls.total());
      put(row, Kind.BILEVEL, "lambdaSd", seed, metrics.get("lambdaSd"));
    }
  }

  /** Adds what a method without a bilevel problem gave. */
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
    if (isCleaning) {
      return CLEANING;
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
      case CALLS -> "#,##0";
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

  /** The section's notes, and a warning where λ did not travel. */
  private List<String> notes() {
    var all = new ArrayList<>(section.notes());
    rows.forEach(
        (method, numbers) -> {
          Map<Long, Double> deviations = numbers.get("lambdaSd");
          if (deviations != null && !method.endsWith("trusted")) {
            String warning =
                ProblemDefaults.warning(method, Summary.of(deviations.values()).mean());
            if (warning != null) {
              all.add(warning);
            }
          }
        });
    return all;
  }
}
