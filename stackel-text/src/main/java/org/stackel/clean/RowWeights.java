package org.stackel.clean;

import org.jspecify.annotations.Nullable;

/**
 * What weighing says about some rows.
 *
 * @param records their numbers
 * @param lambda λ of each row; its weight is σ(λ)
 * @param isSuspected whether λ fell
 * @param suggested of suspected rows the class that the model prefers; null where that is the given
 *     one
 * @param probability what the model makes of that class
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record RowWeights(
    long[] records,
    double[] lambda,
    boolean[] isSuspected,
    @Nullable String[] suggested,
    double[] probability) {
  /** Nothing is said yet. */
  RowWeights(long[] records, double[] lambda) {
    this(
        records,
        lambda,
        new boolean[lambda.length],
        new @Nullable String[lambda.length],
        new double[lambda.length]);
  }

  /** σ(λ) of a row. */
  public double weight(int row) {
    return 1 / (1 + Math.exp(-lambda[row]));
  }
}
