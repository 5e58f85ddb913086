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
import org.stackel.runfile.ComparisonFile.Summary;
import org.stackel.runfile.ComparisonFile.Target.Source;
import org.stackel.runfile.MetricDirection;

/**
 * What it cost to reach a level: steps, seconds and oracle calls at the first evaluation at or
 * beyond it. A run that diverged reached nothing, whatever it passed on its way.
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
        summary(reached, MetricsRow::step),
        summary(reached, MetricsRow::seconds),
        summary(reached, row -> row.oracle().total()));
  }

  private static @Nullable Summary summary(
      List<MetricsRow> rows, ToDoubleFunction<MetricsRow> number) {
    return rows.isEmpty() ? null : Summary.of(rows.stream().mapToDouble(number).toArray());
  }
}
