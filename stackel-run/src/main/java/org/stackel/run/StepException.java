package org.stackel.run;

import org.stackel.experiment.Experiment;

/** A step failed for a reason that is not the user's: which algorithm, which step, on what. */
public final class StepException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StepException(Experiment experiment, String step, RuntimeException cause) {
    super(
        "%s on %s failed in %s: %s"
            .formatted(
                experiment.algorithmType(), experiment.problemType(), step, cause.getMessage()),
        cause);
  }
}
