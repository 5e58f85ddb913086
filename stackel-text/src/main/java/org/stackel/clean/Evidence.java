package org.stackel.clean;

/**
 * The scores of rows with labels, one row after the other, a number a detector.
 *
 * @param rows number of rows
 * @param scores {@code [row][detector]}
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Evidence(int rows, float[] scores) {
  static final int WIDTH = Detector.values().length;
  private static final float FLOOR = 1e-6f;

  static Evidence of(int rows) {
    return new Evidence(rows, new float[rows * WIDTH]);
  }

  float get(int row, Detector detector) {
    return scores[row * WIDTH + detector.place()];
  }

  void set(int row, Detector detector, double score) {
    scores[row * WIDTH + detector.place()] = (float) score;
  }

  /** All rows get no score by a detector. */
  void clear(Detector detector) {
    for (int row = 0; row < rows; row++) {
      set(row, detector, 0);
    }
  }

  /** Minus the log of a probability. */
  static double surprise(float probability) {
    return -Math.log(Math.max(FLOOR, probability));
  }

  /** The log probability of the best other class less that of the label. */
  static double margin(float[] p, int at, int classes, int label) {
    float best = 0;
    for (int k = 0; k < classes; k++) {
      if (k != label) {
        best = Math.max(best, p[at + k]);
      }
    }
    return surprise(p[at + label]) - surprise(best);
  }

  /** Log odds that the label is wrong. */
  static double odds(float right) {
    double p = Math.min(1 - FLOOR, Math.max(FLOOR, right));
    return Math.log((1 - p) / p);
  }
}
