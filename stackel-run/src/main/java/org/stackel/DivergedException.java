package org.stackel;

import org.stackel.experiment.Experiment;
import org.stackel.run.RunOutcome;

/** A number of the state, or a loss in an evaluation, is not finite. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Result result;

  DivergedException(Experiment experiment, RunOutcome.Diverged diverged, Result result) {
    super(
        """
        %s on %s diverged in %s: %s is not finite. The state before is in %s.
        Maybe smaller step sizes help."""
            .formatted(
                experiment.algorithmType(),
                experiment.problemType(),
                diverged.at() == 0 ? "its initialisation" : "step " + diverged.at(),
                diverged.quantity(),
                result.directory()));
    this.result = result;
  }

  /** The run until then: its last finite state and its metrics. */
  public Result result() {
    return result;
  }
}
