package org.stackel.clean;

import java.util.Arrays;

/**
 * What a classifier is trained towards: for every row a few classes, each with a mass. The masses
 * of a row sum to its weight.
 *
 * @param offsets where each row begins in the two other arrays, then their length
 * @param classes class of each entry
 * @param mass mass of each entry
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Targets(int[] offsets, int[] classes, float[] mass) {

  /** One class a row, all with weight one. */
  static Targets of(int[] labels) {
    float[] ones = new float[labels.length];
    Arrays.fill(ones, 1);
    return of(labels, ones);
  }

  /** One class a row. */
  static Targets of(int[] labels, float[] weights) {
    int[] offsets = new int[labels.length + 1];
    Arrays.setAll(offsets, i -> i);
    return new Targets(offsets, labels.clone(), weights.clone());
  }

  int rows() {
    return offsets.length - 1;
  }

  /** The weight of a row. */
  float weight(int row) {
    float sum = 0;
    for (int k = offsets[row]; k < offsets[row + 1]; k++) {
      sum += mass[k];
    }
    return sum;
  }

  /** Some rows, in this order. */
  Targets take(int[] chosen) {
    int[] starts = new int[chosen.length + 1];
    for (int i = 0; i < chosen.length; i++) {
      starts[i + 1] = starts[i] + offsets[chosen[i] + 1] - offsets[chosen[i]];
    }
    int[] some = new int[starts[chosen.length]];
    float[] masses = new float[some.length];
    for (int i = 0; i < chosen.length; i++) {
      int count = starts[i + 1] - starts[i];
      System.arraycopy(classes, offsets[chosen[i]], some, starts[i], count);
      System.arraycopy(mass, offsets[chosen[i]], masses, starts[i], count);
    }
    return new Targets(starts, some, masses);
  }

  /** These rows, then others. */
  Targets then(Targets others) {
    int[] starts = Arrays.copyOf(offsets, offsets.length + others.rows());
    for (int i = 0; i < others.rows(); i++) {
      starts[offsets.length + i] = classes.length + others.offsets[i + 1];
    }
    int[] all = Arrays.copyOf(classes, classes.length + others.classes.length);
    System.arraycopy(others.classes, 0, all, classes.length, others.classes.length);
    float[] masses = Arrays.copyOf(mass, mass.length + others.mass.length);
    System.arraycopy(others.mass, 0, masses, mass.length, others.mass.length);
    return new Targets(starts, all, masses);
  }
}
