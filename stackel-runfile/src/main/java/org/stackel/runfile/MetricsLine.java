package org.stackel.runfile;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of metrics.jsonl: one evaluation.
 *
 * @param step steps done, at least 0
 * @param epoch passes through the training set; null without one
 * @param seconds in initialisation and steps, at least 0
 * @param oracle calls so far
 * @param samples samples that the calls were computed on so far, at least 0; null in files of older
 *     versions
 * @param metrics by name, in the order in which they are shown; NaN and infinities are legal
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MetricsLine(
    long step,
    @Nullable Double epoch,
    double seconds,
    Calls oracle,
    @Nullable Long samples,
    Map<String, Double> metrics)
    implements StepLine {
  /** Name of the file. */
  public static final String NAME = "metrics.jsonl";

  /**
   * Oracle calls, each on one minibatch; all at least 0.
   *
   * @param gradientF gradients of the upper loss
   * @param gradientG gradients of the lower loss
   * @param hessianVector products with the lower Hessian
   * @param crossVector products with the lower cross derivative
   */
  public record Calls(long gradientF, long gradientG, long hessianVector, long crossVector) {
    public Calls {
      Rule.amount("gradientF", gradientF);
      Rule.amount("gradientG", gradientG);
      Rule.amount("hessianVector", hessianVector);
      Rule.amount("crossVector", crossVector);
    }

    /** Calls of all kinds. */
    public long total() {
      return gradientF + gradientG + hessianVector + crossVector;
    }
  }

  public MetricsLine {
    Rule.amount("step", step);
    Rule.amount("seconds", seconds);
    Rule.given("oracle", oracle);
    if (samples != null) {
      Rule.amount("samples", samples);
    }
    Rule.given("metrics", metrics);
    metrics = Rule.map(metrics);
  }
}
