package org.stackel.run;

import org.jspecify.annotations.Nullable;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Metrics;
import org.stackel.runfile.MetricsLine;

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
  /** What a line of metrics.jsonl says. */
  public static MetricsRow of(MetricsLine line) {
    MetricsLine.Calls calls = line.oracle();
    var oracle =
        new OracleCalls(
            calls.gradientF(),
            calls.gradientG(),
            calls.hessianVector(),
            calls.crossVector(),
            line.samples() == null ? 0 : line.samples());
    return new MetricsRow(
        line.step(), line.epoch(), line.seconds(), oracle, new Metrics(line.metrics()));
  }

  /** As metrics.jsonl has it. */
  MetricsLine toLine() {
    return new MetricsLine(
        step,
        epoch,
        seconds,
        new MetricsLine.Calls(
            oracle.gradientF(), oracle.gradientG(), oracle.hessianVector(), oracle.crossVector()),
        oracle.samples(),
        metrics.values());
  }
}
