package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

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

  /** {@link #crossVector}, pulled back when it is asked for. Counts as that. */
  default Pullback crossPullback(Tensor v) {
    return Pullback.of(crossVector(v));
  }

  /** Both products with the same v, in one backward pass where the implementation can. */
  default Products products(Tensor v) {
    return new Products(hessianVector(v), crossVector(v));
  }

  /**
   * Hessian and cross derivative as matrices, column by column: one {@link #products} for each
   * number of y, unless the implementation knows them in closed form. Counts as that many products
   * of either kind.
   */
  default SecondDerivatives dense() {
    Tensor gradY = gradY();
    int size = Math.toIntExact(gradY.numel());
    Tensor unit = torch.eye(size).to(gradY);
    var hessian = new Tensor[size];
    var cross = new Tensor[size];
    for (int i = 0; i < size; i++) {
      Products column = products(unit.select(0, i));
      hessian[i] = column.hessian();
      cross[i] = column.cross();
    }
    return new SecondDerivatives(
        torch.stack(new TensorVector(hessian), 1), torch.stack(new TensorVector(cross), 1));
  }
}
