package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.optim.Schedule;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.Tensors;

/** Loops of plain stochastic gradient steps on the lower level, x held fixed. */
final class LowerSteps {
  private LowerSteps() {}

  /** {@code steps} times {@code y - lr ∇y G(x, y)}, each on a new sample. */
  static Tensor descend(Tensor x, Tensor y, long steps, Schedule lr, StochasticOracle oracle) {
    Tensor moved = y;
    for (long i = 0; i < steps; i++) {
      moved = Tensors.axpy(moved, -lr.at(i), oracle.freshLower().gradientY(x, moved));
    }
    return moved;
  }

  /** All steps of one size. */
  static Tensor descend(Tensor x, Tensor y, long steps, double lr, StochasticOracle oracle) {
    return descend(x, y, steps, Schedule.constant(lr), oracle);
  }
}
