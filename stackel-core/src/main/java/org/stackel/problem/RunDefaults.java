package org.stackel.problem;

import org.stackel.tensor.Device;

/**
 * Default settings of a run.
 *
 * @param steps number of upper-level steps
 * @param evaluateEvery steps between evaluations
 * @param checkpointEvery steps between checkpoints
 * @param precision of all numbers
 */
public record RunDefaults(
    long steps, long evaluateEvery, long checkpointEvery, Device.Precision precision) {
  /** A number of steps that no run reaches, for runs that another budget ends. */
  public static final long NO_LIMIT = 1_000_000_000;

  /** A short run in float64, for problems with closed forms and exact solutions. */
  public static final RunDefaults EXACT = new RunDefaults(100, 10, 100, Device.Precision.FLOAT64);
}
