package org.stackel.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Metrics;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunOutcome;

/**
 * Which methods made the same runs: the same metrics and oracle calls at every evaluation with
 * every seed, to the last bit. With the hyperparameters that they had they are one algorithm, such
 * as a method with a loop of one step and the method without a loop, and get one row.
 */
final class SameRuns {
  private final Map<String, List<Trajectory>> methods = new LinkedHashMap<>();
  private final Map<String, String> stands = new LinkedHashMap<>();

  /**
   * What a run computed; its time is not part of it.
   *
   * @param seed of the run
   * @param evaluations in order
   * @param end metrics at the end
   */
  private record Trajectory(long seed, List<Evaluation> evaluations, Metrics end) {}

  private record Evaluation(long step, OracleCalls calls, Metrics metrics) {}

  /** Notes a run. One that diverged is like no other. */
  void add(String method, long seed, List<MetricsRow> rows, RunOutcome outcome) {
    List<Evaluation> evaluations =
        rows.stream().map(row -> new Evaluation(row.step(), row.oracle(), row.metrics())).toList();
    methods
        .computeIfAbsent(method, m -> new ArrayList<>())
        .add(
            outcome instanceof RunOutcome.Completed
                ? new Trajectory(seed, evaluations, outcome.metrics())
                : new Trajectory(seed, List.of(), Metrics.NONE.with(method, (double) seed)));
  }

  /** The first method that made the same runs; the method itself if none did before it. */
  String standsFor(String method) {
    String known = stands.get(method);
    if (known == null) {
      List<Trajectory> runs = methods.getOrDefault(method, List.of());
      known =
          methods.entrySet().stream()
              .filter(entry -> entry.getValue().equals(runs))
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse(method);
      stands.put(method, known);
    }
    return known;
  }

  /** A note on the methods that a method's row stands for besides; null if there are none. */
  @Nullable String note(String method) {
    List<String> others =
        methods.keySet().stream()
            .filter(other -> !other.equals(method) && standsFor(other).equals(method))
            .toList();
    return others.isEmpty()
        ? null
        : "%s is also %s: with these hyperparameters they are one algorithm, with the same numbers on every seed, and have one row."
            .formatted(method, String.join(" and ", others));
  }
}
