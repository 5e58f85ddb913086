package org.stackel.runfile;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * outcome.json: how a run ended. Written last.
 *
 * @param status how it ended
 * @param step the last step whose state and losses are finite, at least 0
 * @param seconds in initialisation and steps, at least 0
 * @param metrics the last evaluation
 * @param at the step that diverged, 0 for the initialisation; null if none did
 * @param quantity what was not finite, or grew too much: a component of the state or a metric; null
 *     if nothing
 * @param value what the quantity grew to; null if it was not finite
 * @param cause why it diverged, in words; null if that was not found
 * @param maybe what may help against the cause, in words
 * @param after what was done with the solution after the run and belongs to the method's cost; null
 *     if nothing
 * @param oracleCalls of all kinds at the last evaluation, at least 0; null if not known, as in
 *     files of older versions
 * @param samples samples that these calls were computed on, at least 0; null if not known
 * @param stepSizes what the step sizes given were multiplied by at the end, after rollbacks; null
 *     for 1
 * @param descent with {@code --check full}: whether the step after the last one would descend; null
 *     without
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OutcomeFile(
    RunStatus status,
    long step,
    double seconds,
    Map<String, Double> metrics,
    @Nullable Long at,
    @Nullable String quantity,
    @Nullable Double value,
    @Nullable String cause,
    @Nullable String maybe,
    @Nullable After after,
    @Nullable Long oracleCalls,
    @Nullable Long samples,
    @Nullable Double stepSizes,
    @Nullable Descent descent)
    implements WholeFile {
  /** Name of the file. */
  public static final String NAME = "outcome.json";

  /**
   * What was done after the run.
   *
   * @param seconds that it took, at least 0
   */
  public record After(double seconds) {
    public After {
      Rule.amount("seconds", seconds);
    }
  }

  public OutcomeFile {
    Rule.given("status", status);
    Rule.amount("step", step);
    Rule.amount("seconds", seconds);
    metrics = Rule.map(metrics);
    if (oracleCalls != null) {
      Rule.amount("oracleCalls", oracleCalls);
    }
    if (samples != null) {
      Rule.amount("samples", samples);
    }
  }

  /** An outcome without cost and verdict. */
  public OutcomeFile(
      RunStatus status,
      long step,
      double seconds,
      Map<String, Double> metrics,
      @Nullable Long at,
      @Nullable String quantity) {
    this(status, step, seconds, metrics, at, quantity, null, null, null);
  }

  /** An outcome without cost and verdict, of a run in which something grew. */
  public OutcomeFile(
      RunStatus status,
      long step,
      double seconds,
      Map<String, Double> metrics,
      @Nullable Long at,
      @Nullable String quantity,
      @Nullable Double value,
      @Nullable String cause,
      @Nullable String maybe) {
    this(
        status, step, seconds, metrics, at, quantity, value, cause, maybe, null, null, null, null,
        null);
  }

  /** The same with seconds after the run. */
  public OutcomeFile withAfter(double more) {
    return new OutcomeFile(
        status,
        step,
        seconds,
        metrics,
        at,
        quantity,
        value,
        cause,
        maybe,
        new After(more),
        oracleCalls,
        samples,
        stepSizes,
        descent);
  }

  /**
   * The same with what is known at the end of the run.
   *
   * @param calls oracle calls at the last evaluation; null if not known
   * @param computed samples that they were computed on; null if not known
   * @param factor of the step sizes; 1 if they are those given
   * @param verdict on the next step
   */
  public OutcomeFile ending(
      @Nullable Long calls, @Nullable Long computed, double factor, @Nullable Descent verdict) {
    return new OutcomeFile(
        status,
        step,
        seconds,
        metrics,
        at,
        quantity,
        value,
        cause,
        maybe,
        after,
        calls,
        computed,
        factor == 1 ? null : (Double) factor,
        verdict);
  }
}
