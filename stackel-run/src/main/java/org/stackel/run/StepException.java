package org.stackel.run;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Experiment;
import org.stackel.plugin.Origin;
import org.stackel.plugin.Plugins;

/** A step failed for a reason that is not the user's: which algorithm, which step, on what. */
public final class StepException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String step;
  private final transient Experiment experiment;

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
    this.experiment = experiment;
  }

  /**
   * The plug-in that took part in the run: its algorithm, else its problem.
   *
   * @return null if both are Stackel's own
   */
  public @Nullable Origin plugin() {
    return Stream.of(experiment.algorithm().getClass(), experiment.problem().getClass())
        .filter(Plugins::isPlugin)
        .findFirst()
        .map(Origin::of)
        .orElse(null);
  }

  /** The part of the run that failed, such as "in step 3". */
  public String place() {
    return "in " + step;
  }
}
