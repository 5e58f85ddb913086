package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;

/**
 * The second derivatives of the lower loss that bilevel methods need, dense.
 *
 * @param hessian {@code ∇²yy g}, of shape [size of y, size of y]
 * @param cross {@code ∇²xy g}, of shape [size of x, size of y]
 */
public record SecondDerivatives(Tensor hessian, Tensor cross) {}
