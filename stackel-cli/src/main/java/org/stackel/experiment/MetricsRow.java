package org.stackel.experiment;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stackel.config.Options;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Metrics;

/**
 * One evaluation.
 *
 * @param step steps done; 0 is the state after initialisation
 * @param seconds in initialisation and steps
 * @param oracle calls so far
 * @param metrics what the problem says about the state
 */
public record MetricsRow(long step, double seconds, OracleCalls oracle, Metrics metrics) {
  /** As a line of metrics.jsonl has it. */
  Map<String, Object> toMap() {
    var map = new LinkedHashMap<String, Object>();
    map.put("step", step);
    map.put("seconds", seconds);
    map.put("oracle", Options.toMap(oracle));
    map.put("metrics", metrics.values());
    return map;
  }
}
