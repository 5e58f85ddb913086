package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Tensors;

/** STORM: a momentum without the lag behind a moving point. */
final class RecursiveMomentum {
  private RecursiveMomentum() {}

  /**
   * {@code now + keep (m - before)}.
   *
   * @param m the momentum so far
   * @param now the estimate at the new point
   * @param before the estimate at the old point on the same sample
   */
  static Tensor update(double keep, Tensor m, Tensor now, Tensor before) {
    return Tensors.axpy(now, keep, m.sub(before));
  }
}
