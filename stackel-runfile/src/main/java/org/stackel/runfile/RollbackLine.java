package org.stackel.runfile;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line of rollbacks.jsonl: a run that had diverged went back, and on with shorter steps.
 *
 * @param step the step it went back to, at least 0
 * @param at the step that diverged, at least 0; 0 for the initialisation
 * @param quantity what was not finite, or grew too much
 * @param value what it grew to; null if it was not finite
 * @param cause why, in words; null if that was not found
 * @param stepSizes what all step sizes are multiplied by from then on: ½ the first time, and half
 *     of it each time after that
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RollbackLine(
    long step,
    long at,
    String quantity,
    @Nullable Double value,
    @Nullable String cause,
    double stepSizes)
    implements StepLine {
  /** Name of the file. */
  public static final String NAME = "rollbacks.jsonl";

  public RollbackLine {
    Rule.amount("step", step);
    Rule.amount("at", at);
    Rule.given("quantity", quantity);
    Rule.amount("stepSizes", stepSizes);
  }

  /** In a sentence. */
  @Override
  public String toString() {
    String what =
        value == null ? "is not finite" : String.format(Locale.ROOT, "grew to %.2g", value);
    return String.format(
        Locale.ROOT,
        "diverged in step %d (%s); back to step %d, with %s times the step sizes given.",
        at,
        cause == null ? quantity + " " + what : cause,
        step,
        stepSizes);
  }
}
