package org.stackel.bilevel;

import org.bytedeco.pytorch.Tensor;

/**
 * A loss that is a mean over samples.
 *
 * @param <V> how it sees the variables: a {@link Tensor}, or {@link Named} tensors
 */
@FunctionalInterface
public interface BatchLoss<V> {
  /** The mean over the minibatch b: one number, differentiable in x and y. */
  Tensor at(V x, V y, Minibatch b);
}
