package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.hypergradient.SolvedLower;
import org.stackel.optim.Schedule;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Loops of stochastic gradient steps on the lower level, x held fixed, of any length. */
public final class LowerSteps {
  private LowerSteps() {}

  /** What was given for the warm start, or else the step size with which the loop begins. */
  public static Schedule warmStart(@Nullable Schedule given, Schedule lowerLr) {
    return given == null ? Schedule.constant(lowerLr.at(0)) : given;
  }

  /** {@code steps} times {@code y - lr ∇y G(x, y)}, each on a new sample. */
  public static Tensor descend(
      Tensor x, Tensor y, long steps, Schedule lr, StochasticOracle oracle) {
    return StateScope.repeat(
        steps, y, (i, at) -> Tensors.axpy(at, -lr.at(i), oracle.freshLower().gradientY(x, at)));
  }

  /**
   * The minimisers of every block of the lower level, one after the other: all data once.
   *
   * @param oracle of a finite sum; of another problem its next sample is the only one
   */
  static Tensor solved(Tensor x, Tensor y, StochasticOracle oracle) {
    if (!oracle.isFiniteSum()) {
      return SolvedLower.minimizer(oracle.lower(), x, y);
    }
    return StateScope.repeat(
        oracle.lowerBlocks().count(),
        y,
        (i, at) -> SolvedLower.minimizer(oracle.lowerBlock(Math.toIntExact(i)).loss(), x, at));
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
    return StateScope.repeat(
            steps,
            new Pair(y, y),
            (i, at) -> {
              Tensor w = Tensors.axpy(at.y, extrapolation, at.y.sub(at.previous));
              Tensor next = Tensors.axpy(w, -lr.at(i), oracle.freshLower().gradientY(x, w));
              return new Pair(next, at.y);
            })
        .y();
  }

  /** Two iterates. */
  private record Pair(Tensor y, Tensor previous) {}
}
