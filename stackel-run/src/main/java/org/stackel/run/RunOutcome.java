package org.stackel.run;

import org.stackel.problem.Metrics;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RunStatus;

/** How a run ended. */
public sealed interface RunOutcome {
  /** The last step whose state and losses are finite. */
  long step();

  /** Seconds in steps; evaluation and checkpoints do not count. */
  double seconds();

  /** The last evaluation. */
  Metrics metrics();

  /** How it ended, in a word. */
  RunStatus status();

  /** As outcome.json has it. */
  default OutcomeFile toFile() {
    Diverged diverged = this instanceof Diverged d ? d : null;
    return new OutcomeFile(
        status(),
        step(),
        seconds(),
        metrics().values(),
        diverged == null ? null : (Long) diverged.at,
        diverged == null ? null : diverged.quantity);
  }

  /**
   * All steps are done.
   *
   * @param after seconds of what was done with the solution that belong to the method's cost
   */
  record Completed(long step, double seconds, Metrics metrics, double after) implements RunOutcome {
    @Override
    public RunStatus status() {
      return RunStatus.COMPLETED;
    }
  }

  /**
   * A number of the state, or a loss in an evaluation, is not finite.
   *
   * @param at the step that made it so; 0 for the initialisation
   * @param quantity the component of the state, such as {@code z}, or the metric, such as {@code
   *     upperLoss}
   */
  record Diverged(long step, double seconds, Metrics metrics, long at, String quantity)
      implements RunOutcome {
    @Override
    public RunStatus status() {
      return RunStatus.DIVERGED;
    }
  }

  /**
   * Asked to stop; it can go on.
   *
   * @param isSaved whether there is a state to go on from; false within the initialisation
   */
  record Stopped(long step, double seconds, Metrics metrics, boolean isSaved)
      implements RunOutcome {
    @Override
    public RunStatus status() {
      return RunStatus.STOPPED;
    }
  }
}
