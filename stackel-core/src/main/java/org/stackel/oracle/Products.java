package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;

/**
 * Both second-order products of the lower loss with one vector v of the size of y.
 *
 * @param hessian {@code ∇²yy g · v}, of the size of y
 * @param inX {@code ∇²xy g · v}, of the size of x
 */
public record Products(Tensor hessian, Pullback inX) {
  /** Both are known. */
  public Products(Tensor hessian, Tensor cross) {
    this(hessian, Pullback.of(cross));
  }

  /** {@code ∇²xy g · v}, of the size of x. */
  public Tensor cross() {
    return inX.get();
  }
}
