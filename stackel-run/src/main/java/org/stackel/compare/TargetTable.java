package org.stackel.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunOutcome;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ComparisonFile.Cost;
import org.stackel.runfile.ComparisonFile.Median;
import org.stackel.runfile.ComparisonFile.Summary;
import org.stackel.runfile.ComparisonFile.Target.Source;
import org.stackel.runfile.MetricDirection;

/**
 * What it cost to reach a level: steps, seconds, oracle calls and samples at the first evaluation
 * at or beyond it. A run that diverged reached nothing, whatever it passed on its way.
 *
 * <p>A run that did not reach the level is censored: all that is known of its cost is that it is
 * larger. So the median over all runs is reported, with such a run dearer than all that arrived,
 * and no mean unless all arrived.
 */
final class TargetTable {
  private final Map<String, List<Ran>> runs = new LinkedHashMap<>();

  private record Ran(List<MetricsRow> rows, RunOutcome outcome) {
    boolean isComplete() {
      return outcome instanceof RunOutcome.Completed;
    }
  }

  void add(String method, List<MetricsRow> rows, RunOutcome outcome) {
    runs.computeIfAbsent(method, m -> new ArrayList<>()).add(new Ran(rows, outcome));
  }

  /**
   * As comparison.json has it; null where there is no level that can be asked for.
   *
   * @param given the level, or null for the one that every method reached at its end, in the mean
   *     over the seeds with which it did not diverge
   * @param metric the one for that
   */
  ComparisonFile.@Nullable Target toFile(@Nullable Target given, String metric) {
    String key = given == null ? metric : given.metric();
    MetricDirection direction = MetricDirection.of(key);
    if (direction == null) {
      return null;
    }
    double level = given == null ? reachedByAll(key, direction) : given.value();
    if (!Double.isFinite(level)) {
      return null;
    }
    var rows = new ArrayList<Cost>();
    runs.forEach((method, all) -> rows.add(row(method, all, key, direction, level)));
    return new ComparisonFile.Target(
        key,
        ComparisonTable.label(key),
        direction,
        level,
        given == null ? Source.REACHED_BY_ALL : Source.GIVEN,
        rows);
  }

  private double reachedByAll(String key, MetricDirection direction) {
    double level = Double.NaN;
    for (List<Ran> all : runs.values()) {
      double mean =
          Summary.of(all.stream().filter(Ran::isComplete).map(run -> last(run, key)).toList())
              .mean();
      if (Double.isFinite(mean) && (Double.isNaN(level) || direction.prefers(level, mean))) {
        level = mean;
      }
    }
    return level;
  }

  private static double last(Ran run, String key) {
    return run.rows().get(run.rows().size() - 1).metrics().values().getOrDefault(key, Double.NaN);
  }

  private static Cost row(
      String method, List<Ran> all, String key, MetricDirection direction, double level) {
    var reached = new ArrayList<MetricsRow>();
    for (Ran run : all.stream().filter(Ran::isComplete).toList()) {
      run.rows().stream()
          .filter(
              row -> {
                Double value = row.metrics().values().get(key);
                return value != null && !Double.isNaN(value) && !direction.prefers(level, value);
              })
          .findFirst()
          .ifPresent(reached::add);
    }
    long diverged = all.stream().filter(run -> !run.isComplete()).count();
    return new Cost(
        method,
        reached.size(),
        all.size(),
        diverged == 0 ? null : (Long) diverged,
        summary(reached, all.size(), MetricsRow::step),
        summary(reached, all.size(), MetricsRow::seconds),
        summary(reached, all.size(), row -> row.oracle().total()),
        summary(reached, all.size(), row -> row.oracle().samples()),
        median(reached, all.size()));
  }

  private static @Nullable Summary summary(
      List<MetricsRow> reached, int runs, ToDoubleFunction<MetricsRow> number) {
    return reached.size() < runs
        ? null
        : Summary.of(reached.stream().mapToDouble(number).toArray());
  }

  /** Null if the run in the middle did not reach the level. */
  private static @Nullable Median median(List<MetricsRow> reached, int runs) {
    if (reached.size() <= runs / 2) {
      return null;
    }
    return new Median(
        median(reached, runs, MetricsRow::step),
        median(reached, runs, MetricsRow::seconds),
        median(reached, runs, row -> row.oracle().total()),
        median(reached, runs, row -> row.oracle().samples()));
  }

  /** Of an odd number of runs the one in the middle, else half the sum of both. */
  private static double median(
      List<MetricsRow> reached, int runs, ToDoubleFunction<MetricsRow> number) {
    double[] sorted = reached.stream().mapToDouble(number).sorted().toArray();
    return (sorted[(runs - 1) / 2] + sorted[runs / 2]) / 2;
  }
}
