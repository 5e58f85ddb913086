package org.stackel.problem;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A problem that states facts about its losses which no derivative shows: the share of a class, the
 * solution of the lower level, the value of a loss. A check compares each with the same number from
 * another source, and so finds a coefficient that is wrong in the loss and all its derivatives
 * alike.
 */
public interface StatedFacts {
  /**
   * Facts at a point.
   *
   * @param x upper variable, shape [dimension of x], float64
   * @param y lower variable, shape [dimension of y], float64
   */
  List<Fact> facts(Tensor x, Tensor y);

  /**
   * One number from two sources that share no code.
   *
   * @param what name of the number, with both sources
   * @param stated the number by its definition, from the data
   * @param found the number that the losses have
   */
  record Fact(String what, double stated, double found) {
    /** {@code |found - stated|}, divided by {@code |stated|} where that is more than 1. */
    public double error() {
      return Math.abs(found - stated) / Math.max(1, Math.abs(stated));
    }
  }
}
