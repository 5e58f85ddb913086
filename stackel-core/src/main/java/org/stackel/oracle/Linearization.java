package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;

/**
 * The gradient map of a loss at one point on one sample, its graph kept: any number of products at
 * the price of a backward pass each.
 */
public interface Linearization {
  /** {@code ∇y}. */
  Tensor gradY();

  /** {@code ∇²yy · v}; v has the size of y. */
  Tensor hessianVector(Tensor v);

  /** {@code ∇²xy · v = ∇x⟨∇y, v⟩}, of the size of x; v has the size of y. */
  Tensor crossVector(Tensor v);

  /** Both products with the same v, in one backward pass where the implementation can. */
  default Products products(Tensor v) {
    return new Products(hessianVector(v), crossVector(v));
  }
}
