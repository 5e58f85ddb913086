package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;

/**
 * Both second-order products of the lower loss with one vector v of the size of y.
 *
 * @param hessian {@code ∇²yy g · v}, of the size of y
 * @param cross {@code ∇²xy g · v}, of the size of x
 */
public record Products(Tensor hessian, Tensor cross) {}
