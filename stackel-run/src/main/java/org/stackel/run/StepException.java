package org.stackel.run;

import org.stackel.experiment.Experiment;

/** A step failed for a reason that is not the user's: which algorithm, which step, on what. */
public final class StepException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String step;

  StepException(Experiment experiment, String step, RuntimeException cause) {
    super(
        "%s on %s failed in %s: %s"
            .formatted(
                experiment.algorithmType(),
                experiment.problemType(),
                step,
                cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage()),
        cause);
    this.step = step;
  }

  /** The part of the run that failed, such as "in step 3". */
  public String place() {
    return "in " + step;
  }
}
