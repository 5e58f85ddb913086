package org.stackel.clean;

import org.jspecify.annotations.Nullable;

/**
 * Columns of numbers, each scaled; perhaps their squares and products too. A cell without a number
 * counts as the column's mean.
 *
 * @param columns the columns
 * @param mean of each column
 * @param factor of each column
 * @param products whether squares and products of all pairs are columns too
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record NumberBlock(int[] columns, double[] mean, double[] factor, boolean products)
    implements DenseBlock {
  private static final double FARTHEST = 8;

  @Override
  public int width() {
    int n = columns.length;
    return products ? n + n * (n + 1) / 2 : n;
  }

  @Override
  public void write(RowView row, float[] to, int at) {
    int n = columns.length;
    for (int k = 0; k < n; k++) {
      double number = number(row.cell(columns[k]));
      to[at + k] = Double.isNaN(number) ? 0 : scaled(number, mean[k], factor[k]);
    }
    if (products) {
      int next = at + n;
      for (int k = 0; k < n; k++) {
        for (int l = 0; l <= k; l++) {
          to[next++] = to[at + k] * to[at + l];
        }
      }
    }
  }

  /** A number on the common scale; those far out count as less far out. */
  static float scaled(double number, double mean, double factor) {
    return (float) Math.max(-FARTHEST, Math.min(FARTHEST, (number - mean) * factor));
  }

  /** The number in a cell; NaN if there is none. */
  static double number(@Nullable String cell) {
    if (cell == null) {
      return Double.NaN;
    }
    String text = cell.strip();
    if (text.isEmpty() || "dDfF".indexOf(text.charAt(text.length() - 1)) >= 0) {
      return Double.NaN;
    }
    try {
      double number = Double.parseDouble(text);
      return Double.isInfinite(number) ? Double.NaN : number;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
