package org.stackel.problem;

/**
 * By which metrics the runs on a problem are judged.
 *
 * @param objective what step sizes are tuned by: the upper objective on validation data, never a
 *     metric of test data; lower is better
 * @param progress the metric of every evaluation that says how far a run is
 * @param result the metric of a completed run
 */
public record Goal(String objective, String progress, String result) {
  /** The upper loss in every role. */
  public static final Goal UPPER_LOSS = new Goal("upperLoss", "upperLoss", "upperLoss");

  /** With closed forms: tuned by {@code Φ(x) = f(x, y*(x))}, judged by {@code |∇Φ(x)|}. */
  public static final Goal CLOSED_FORM =
      new Goal("valueFunction", "hypergradientNorm", "hypergradientNorm");
}
