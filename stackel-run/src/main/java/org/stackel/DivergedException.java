package org.stackel;

import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Experiment;
import org.stackel.run.RunOutcome;

/** A number of the state, or a loss in an evaluation, is not finite or has exploded. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable Result result;

  DivergedException(Experiment experiment, RunOutcome.Diverged diverged, @Nullable Result result) {
    super(
        """
        %s on %s diverged in %s: %s.%s
        Maybe %s"""
            .formatted(
                experiment.algorithmType(),
                experiment.problemType(),
                diverged.at() == 0 ? "its initialisation" : "step " + diverged.at(),
                diverged.cause(),
                diverged.at() == 0 || result == null
                    ? ""
                    : " The state before is in %s.".formatted(result.directory()),
                diverged.maybe() == null ? "smaller step sizes help." : diverged.maybe()));
    this.result = result;
  }

  /** The run until then: its last finite state and its metrics; null for one without files. */
  public @Nullable Result result() {
    return result;
  }
}
