package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.optim.Schedule;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Loops of stochastic gradient steps on the lower level, x held fixed. */
final class LowerSteps {
  private LowerSteps() {}

  /**
   * {@code steps} times {@code y - lr ∇y G(x, y)}, each on a new sample, in the memory of one step.
   */
  static Tensor descend(Tensor x, Tensor y, long steps, Schedule lr, StochasticOracle oracle) {
    return StateScope.nested(
        () -> {
          Tensor moved = y;
          for (long i = 0; i < steps; i++) {
            moved = step(x, moved, lr.at(i), oracle);
          }
          return moved;
        });
  }

  private static Tensor step(Tensor x, Tensor y, double lr, StochasticOracle oracle) {
    return StateScope.nested(() -> Tensors.axpy(y, -lr, oracle.freshLower().gradientY(x, y)));
  }

  /** All steps of one size. */
  static Tensor descend(Tensor x, Tensor y, long steps, double lr, StochasticOracle oracle) {
    return descend(x, y, steps, Schedule.constant(lr), oracle);
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
