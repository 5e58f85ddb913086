package org.stackel.cleaning;

import java.util.SplittableRandom;
import org.stackel.config.Rules;
import org.stackel.tensor.Seed;

/** How labels are made wrong on purpose, to see whether a method finds out. */
public enum LabelNoise {
  /** Labels stay. */
  NONE,
  /** A wrong label is any other class, each as likely. */
  UNIFORM,
  /** A wrong label is the class after the right one, in sorted order; after the last the first. */
  PAIR;

  /**
   * Labels of which each is made wrong with the given probability. What happens to label i depends
   * on the seed and i alone, and the same labels are hit whatever the kind.
   *
   * @param labels classes 0 … classes-1; not changed
   * @param rate probability in [0, 1] of a wrong label
   * @return the new labels; a wrong one always differs from the right one
   */
  public int[] apply(int[] labels, int classes, double rate, Seed seed) {
    var rules = new Rules("label noise");
    if (!(rate >= 0 && rate <= 1)) {
      throw rules.broken(
          "rate", rate, "must be at least 0 and at most 1", "a share such as 0.4 was meant.");
    }
    int[] noisy = labels.clone();
    if (this == NONE) {
      return noisy;
    }
    rules.atLeast("classes", classes, 2);
    for (int i = 0; i < labels.length; i++) {
      SplittableRandom draw = seed.child(i).generator();
      if (draw.nextDouble() < rate) {
        int shift = this == PAIR ? 1 : 1 + draw.nextInt(classes - 1);
        noisy[i] = (labels[i] + shift) % classes;
      }
    }
    return noisy;
  }
}
