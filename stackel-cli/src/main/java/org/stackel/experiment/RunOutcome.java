package org.stackel.experiment;

import org.stackel.problem.Metrics;

/** How a run ended. */
public sealed interface RunOutcome {
  /** The last step whose state is finite. */
  long step();

  /** Seconds in steps; evaluation and checkpoints do not count. */
  double seconds();

  /** The last evaluation. */
  Metrics metrics();

  /** What outcome.json calls it. */
  String status();

  /** All steps are done. */
  record Completed(long step, double seconds, Metrics metrics) implements RunOutcome {
    @Override
    public String status() {
      return "completed";
    }
  }

  /**
   * A number of the state is no longer finite.
   *
   * @param at the step that made it so
   * @param quantity the component of the state, such as {@code z}
   */
  record Diverged(long step, double seconds, Metrics metrics, long at, String quantity)
      implements RunOutcome {
    @Override
    public String status() {
      return "diverged";
    }
  }

  /** Asked to stop; it can go on. */
  record Stopped(long step, double seconds, Metrics metrics) implements RunOutcome {
    @Override
    public String status() {
      return "stopped";
    }
  }
}
