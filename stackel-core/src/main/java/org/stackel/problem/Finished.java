package org.stackel.problem;

/**
 * The result of a completed run after its solution was used, for example for training.
 *
 * @param metrics of the result
 * @param seconds that belong to the method's cost, such as those of a training with the weights
 *     found
 */
public record Finished(Metrics metrics, double seconds) {
  /** The solution is not used further. */
  public static final Finished NOTHING = new Finished(Metrics.NONE, 0);
}
