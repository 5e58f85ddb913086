package org.stackel.experiment;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Metrics;

/**
 * One evaluation.
 *
 * @param step steps done; 0 is the state after initialisation
 * @param epoch passes through the training set so far; null without one
 * @param seconds in initialisation and steps
 * @param oracle calls so far
 * @param metrics what the problem says about the state
 */
public record MetricsRow(
    long step, @Nullable Double epoch, double seconds, OracleCalls oracle, Metrics metrics) {
  /** As a line of metrics.jsonl has it. */
  Map<String, Object> toMap() {
    var map = new LinkedHashMap<String, Object>();
    map.put("step", step);
    if (epoch != null) {
      map.put("epoch", epoch);
    }
    map.put("seconds", seconds);
    map.put("oracle", Options.toMap(oracle));
    map.put("metrics", metrics.values());
    return map;
  }
}
