package org.stackel.run;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.stackel.distributed.RankLostException;
import org.stackel.problem.Metrics;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RunStatus;

/** How a run ended. */
public sealed interface RunOutcome {
  /** The last step whose state and losses are finite, and not many orders above their start. */
  long step();

  /** Seconds in steps; evaluation and checkpoints do not count. */
  double seconds();

  /** The last evaluation. */
  Metrics metrics();

  /** How it ended, in a word. */
  RunStatus status();

  /**
   * Fails if it ended by the loss of a rank.
   *
   * @throws RankLostException with what is known of it
   */
  default void checkRanks() {
    if (this instanceof Stopped stopped && stopped.lost != null) {
      throw new RankLostException(stopped.lost);
    }
  }

  /** As outcome.json has it. */
  default OutcomeFile toFile() {
    Diverged diverged = this instanceof Diverged d ? d : null;
    double after = this instanceof Completed completed ? completed.after : 0;
    var file =
        new OutcomeFile(
            status(),
            step(),
            seconds(),
            metrics().values(),
            diverged == null ? null : (Long) diverged.at,
            diverged == null ? null : diverged.quantity,
            diverged == null ? null : diverged.value,
            diverged == null ? null : diverged.why,
            diverged == null ? null : diverged.maybe);
    return after > 0 ? file.withAfter(after) : file;
  }

  /**
   * What a file says.
   *
   * @throws IllegalArgumentException for a run that was stopped: whether it can go on is not in the
   *     file
   */
  static RunOutcome of(OutcomeFile file) {
    var metrics = new Metrics(file.metrics());
    return switch (file.status()) {
      case COMPLETED ->
          new Completed(
              file.step(),
              file.seconds(),
              metrics,
              file.after() == null ? 0 : file.after().seconds());
      case DIVERGED ->
          new Diverged(
              file.step(),
              file.seconds(),
              metrics,
              file.at() == null ? file.step() : file.at(),
              String.valueOf(file.quantity()),
              file.value(),
              file.cause(),
              file.maybe());
      case STOPPED -> throw new IllegalArgumentException("The run was stopped.");
    };
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
   * A number of the state, or a loss in an evaluation, is not finite; or a loss, or the norm of x
   * or y, in an evaluation is more than a million times 1 + s, where s is the largest of them at
   * the start; or the terms of a Neumann series grew a million times in the step before an
   * evaluation; or conjugate gradients met a direction of negative curvature.
   *
   * @param at the step that made it so; 0 for the initialisation
   * @param quantity the component of the state, such as {@code z}, or the metric, such as {@code
   *     upperLoss}
   * @param value what the quantity grew to; null if it is not finite
   * @param why the cause, a sentence without its full stop; null if it was not found
   * @param maybe what may help against the cause, a sentence without its first word "Maybe"
   */
  record Diverged(
      long step,
      double seconds,
      Metrics metrics,
      long at,
      String quantity,
      @Nullable Double value,
      @Nullable String why,
      @Nullable String maybe)
      implements RunOutcome {
    /** What conjugate gradients met. */
    static final String CURVATURE = "the curvature of the lower loss";

    /** The growth of its terms. */
    static final String SERIES = "the Neumann series";

    /** A number that is not finite. */
    public Diverged(long step, double seconds, Metrics metrics, long at, String quantity) {
      this(step, seconds, metrics, at, quantity, null, null, null);
    }

    /** What happened, such as "x is no longer finite", and why, if that was found. */
    public String cause() {
      if (why == null) {
        return what();
      }
      boolean hasNumber = quantity.equals(CURVATURE) || quantity.equals(SERIES);
      return hasNumber ? why : what() + "; " + why;
    }

    private String what() {
      return value == null
          ? quantity + (at == 0 ? " is not finite" : " is no longer finite")
          : String.format(
              Locale.ROOT, "%s grew to %.2g, more than a million times its start", quantity, value);
    }

    @Override
    public RunStatus status() {
      return RunStatus.DIVERGED;
    }
  }

  /**
   * Asked to stop, or left alone by a rank that is gone; it can go on.
   *
   * @param isSaved whether there is a state to go on from; false within the initialisation
   * @param lost why a rank was lost; null if none was
   */
  record Stopped(long step, double seconds, Metrics metrics, boolean isSaved, @Nullable String lost)
      implements RunOutcome {
    /** Asked to stop. */
    public Stopped(long step, double seconds, Metrics metrics, boolean isSaved) {
      this(step, seconds, metrics, isSaved, null);
    }

    @Override
    public RunStatus status() {
      return RunStatus.STOPPED;
    }
  }
}
