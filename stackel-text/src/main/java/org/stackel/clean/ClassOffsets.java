package org.stackel.clean;

/**
 * What is added to the logits of each class so that classes are predicted as often as they occur
 * among rows whose classes are known. What is learned from labels that may be wrong tends to
 * predict frequent classes too often.
 */
final class ClassOffsets {
  /** Penalty on the squares of the offsets: as much as so many rows. */
  private static final double STRENGTH = 10;

  private static final int ROUNDS = 15;

  private ClassOffsets() {}

  /**
   * The offsets under which the labels are likeliest, drawn to zero where there are few rows.
   *
   * @param temperature by which logits are divided once the offsets are added
   */
  static float[] of(float[] logits, int[] labels, int classes, double temperature) {
    double[] offsets = new double[classes];
    float[] shifted = new float[logits.length];
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < logits.length; i++) {
        shifted[i] = (float) (logits[i] / temperature + offsets[i % classes]);
      }
      float[] p = Softmax.softmax(shifted, classes, 1);
      double[] gradient = new double[classes];
      double[] curvature = new double[classes];
      for (int i = 0; i < labels.length; i++) {
        gradient[labels[i]]++;
        for (int k = 0; k < classes; k++) {
          double own = p[i * classes + k];
          gradient[k] -= own;
          curvature[k] += own * (1 - own);
        }
      }
      for (int k = 0; k < classes; k++) {
        double step = (gradient[k] - STRENGTH * offsets[k]) / (2 * curvature[k] + STRENGTH);
        offsets[k] += Math.max(-1, Math.min(1, step)); // at most two classes' logits change at once
      }
    }
    float[] scaled = new float[classes];
    for (int k = 0; k < classes; k++) {
      scaled[k] = (float) (offsets[k] * temperature);
    }
    return scaled;
  }

  /** Adds offsets to the logits of all rows. */
  static void add(float[] offsets, float[] logits) {
    for (int i = 0; i < logits.length; i++) {
      logits[i] += offsets[i % offsets.length];
    }
  }
}
