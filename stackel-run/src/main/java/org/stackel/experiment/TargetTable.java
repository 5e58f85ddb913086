package org.stackel.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.Direction;

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
  @Nullable Map<String, Object> toMap(@Nullable Target given, String metric) {
    String key = given == null ? metric : given.metric();
    Direction direction = Direction.of(key);
    if (direction == null) {
      return null;
    }
    double level = given == null ? reachedByAll(key, direction) : given.value();
    if (!Double.isFinite(level)) {
      return null;
    }
    var rows = new ArrayList<Object>();
    runs.forEach((method, all) -> rows.add(row(method, all, key, direction, level)));
    var map = new LinkedHashMap<String, Object>();
    map.put("metric", key);
    map.put("label", ComparisonTable.label(key));
    map.put("better", direction == Direction.HIGHER ? "higher" : "lower");
    map.put("value", level);
    map.put("source", given == null ? "reached by all" : "given");
    map.put("rows", rows);
    return map;
  }

  private double reachedByAll(String key, Direction direction) {
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

  private static Map<String, Object> row(
      String method, List<Ran> all, String key, Direction direction, double level) {
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
    var map = new LinkedHashMap<String, Object>();
    map.put("method", method);
    map.put("reached", reached.size());
    map.put("runs", all.size());
    long diverged = all.stream().filter(run -> !run.isComplete()).count();
    if (diverged > 0) {
      map.put("diverged", diverged);
    }
    if (!reached.isEmpty()) {
      map.put("steps", mean(reached, MetricsRow::step));
      map.put("seconds", mean(reached, MetricsRow::seconds));
      map.put("oracleCalls", mean(reached, row -> row.oracle().total()));
    }
    return map;
  }

  private static Map<String, @Nullable Object> mean(
      List<MetricsRow> rows, ToDoubleFunction<MetricsRow> number) {
    return Summary.of(rows.stream().mapToDouble(number).toArray()).toMap();
  }
}
