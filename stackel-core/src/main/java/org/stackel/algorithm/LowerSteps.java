package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.optim.Schedule;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.Tensors;

/** Loops of stochastic gradient steps on the lower level, x held fixed. */
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

  /**
   * SNAG: {@code steps} times {@code w = y + extrapolation (y - y⁻), y⁺ = w - lr ∇y G(x, w)}, each
   * on a new sample, from {@code y⁻ = y}.
   */
  static Tensor accelerated(
      Tensor x, Tensor y, long steps, Schedule lr, double extrapolation, StochasticOracle oracle) {
    Tensor previous = y;
    Tensor moved = y;
    for (long i = 0; i < steps; i++) {
      Tensor w = Tensors.axpy(moved, extrapolation, moved.sub(previous));
      previous = moved;
      moved = Tensors.axpy(w, -lr.at(i), oracle.freshLower().gradientY(x, w));
    }
    return moved;
  }
}
