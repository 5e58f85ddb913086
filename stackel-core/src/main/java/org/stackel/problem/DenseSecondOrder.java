package org.stackel.problem;

import org.bytedeco.pytorch.Tensor;

/**
 * A problem that knows the second derivatives of its lower loss in closed form. For other problems
 * they take as many products as y has components.
 *
 * @param <B> a minibatch
 */
public interface DenseSecondOrder<B> extends BilevelProblem<B> {
  /** {@code ∇²yy G(x, y; batch)}, of shape [size of y, size of y]. */
  Tensor lowerHessian(Tensor x, Tensor y, B batch);

  /** {@code ∇²xy G(x, y; batch)}, of shape [size of x, size of y]. */
  Tensor lowerCross(Tensor x, Tensor y, B batch);
}
