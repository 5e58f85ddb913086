package org.stackel.bilevel;

import org.bytedeco.pytorch.Tensor;

/**
 * A loss without samples.
 *
 * @param <V> how it sees the variables: a {@link Tensor}, or {@link Named} tensors
 */
@FunctionalInterface
public interface Loss<V> {
  /** One number, differentiable in x and y. */
  Tensor at(V x, V y);
}
