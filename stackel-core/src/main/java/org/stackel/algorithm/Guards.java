package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.optim.Directions;
import org.stackel.tensor.Tensors;

/** Bounds that the papers' recursions do not have. */
final class Guards {
  private Guards() {}

  /** The nearest point of norm at most {@code radius}; z itself without a radius. */
  static Tensor ball(Tensor z, @Nullable Double radius) {
    return radius == null ? z : Directions.projectBall(z, Tensors.zerosLike(z), radius);
  }
}
