package org.stackel.clean;

import java.util.Arrays;

/**
 * How columns are brought to one scale, such that a row has a norm of about one.
 *
 * @param mean of each column
 * @param factor of each column: one over its deviation and the root of the number of columns
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Scaling(double[] mean, double[] factor) {
  private static final double LEAST = 1e-9;

  /** The scaling of columns, row by row. */
  static Scaling of(float[] numbers, int width) {
    int rows = width == 0 ? 0 : numbers.length / width;
    double[] mean = new double[width];
    double[] squares = new double[width];
    for (int i = 0; i < numbers.length; i++) {
      mean[i % width] += numbers[i] / (double) rows;
    }
    for (int i = 0; i < numbers.length; i++) {
      double difference = numbers[i] - mean[i % width];
      squares[i % width] += difference * difference / rows;
    }
    double[] factor = new double[width];
    for (int k = 0; k < width; k++) {
      double deviation = Math.sqrt(squares[k]);
      boolean isConstant = deviation <= LEAST * Math.max(1, Math.abs(mean[k]));
      factor[k] = isConstant ? 0 : 1 / (deviation * Math.sqrt(width));
    }
    return new Scaling(mean, factor);
  }

  static double[] ones(int width) {
    double[] ones = new double[width];
    Arrays.fill(ones, 1);
    return ones;
  }
}
