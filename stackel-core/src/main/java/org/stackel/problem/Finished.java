package org.stackel.problem;

/**
 * What was made of the solution of a completed run.
 *
 * @param metrics of the result
 * @param seconds that belong to the method's cost, such as those of a training with the weights
 *     found
 */
public record Finished(Metrics metrics, double seconds) {
  /** Nothing was made of it. */
  public static final Finished NOTHING = new Finished(Metrics.NONE, 0);
}
