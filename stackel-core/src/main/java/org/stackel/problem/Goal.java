package org.stackel.problem;

/**
 * The metrics by which runs on a problem are judged.
 *
 * @param objective metric for tuning step sizes: the upper objective on validation data, never a
 *     metric on test data; lower is better
 * @param progress metric of every evaluation that measures progress
 * @param result metric of a completed run
 */
public record Goal(String objective, String progress, String result) {
  /** The upper loss in every role. */
  public static final Goal UPPER_LOSS = new Goal("upperLoss", "upperLoss", "upperLoss");

  /** With closed forms: tuned by {@code Φ(x) = f(x, y*(x))}, judged by {@code |∇Φ(x)|}. */
  public static final Goal CLOSED_FORM =
      new Goal("valueFunction", "hypergradientNorm", "hypergradientNorm");
}
