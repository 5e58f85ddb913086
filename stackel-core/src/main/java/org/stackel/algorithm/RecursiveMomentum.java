package org.stackel.algorithm;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Tensors;

/** STORM: a momentum without the lag behind a moving point. */
final class RecursiveMomentum {
  private RecursiveMomentum() {}

  /**
   * The rate with which {@code min(1, rate · s²)}, the weight of the new estimate, is 1 in all
   * steps: no momentum.
   *
   * @param smallest s of the last step
   */
  static double rateOfNone(double smallest) {
    return Math.ceil(1 / (smallest * smallest));
  }

  /**
   * {@code now + keep (m - before)}; {@code now} where nothing is kept, and then the estimate at
   * the old point is not computed.
   *
   * @param m the momentum so far
   * @param now the estimate at the new point
   * @param before computes the estimate at the old point on the same sample
   */
  static Tensor update(double keep, Tensor m, Tensor now, Supplier<Tensor> before) {
    return keep == 0 ? now : Tensors.axpy(now, keep, m.sub(before.get()));
  }
}
