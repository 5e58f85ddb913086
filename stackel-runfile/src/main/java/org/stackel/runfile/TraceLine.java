package org.stackel.runfile;

import java.util.List;

/**
 * A line of trace.jsonl: the iterates after a step.
 *
 * @param step steps done, at least 0
 * @param x the upper variable
 * @param y the lower variable
 */
public record TraceLine(long step, List<Double> x, List<Double> y) implements StepLine {
  /** Name of the file. */
  public static final String NAME = "trace.jsonl";

  public TraceLine {
    Rule.amount("step", step);
    x = Rule.list("x", x);
    y = Rule.list("y", y);
  }
}
