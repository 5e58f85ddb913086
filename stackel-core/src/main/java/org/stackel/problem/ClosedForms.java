package org.stackel.problem;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Derivatives of a problem's losses in closed form. The oracle asks here first, and computes by
 * autograd what is answered with null, the default of every method. Oracle calls are counted the
 * same either way.
 *
 * <p>Both variables and all answers are flat vectors, in the order of the problem's layouts. The
 * answers are means over the batch, as the losses are, and carry no graph; a tensor that the
 * problem keeps while it is open may be one. What is made on the way to an answer is freed with it.
 *
 * <p>The methods of one answer each are the simple way. {@link #lowerAt} is the fast one: it shares
 * work between the answers at one point, such as a matrix product that the gradient and every
 * Hessian–vector product need. Whoever overrides it need not override the other methods of the
 * lower level.
 *
 * @param <B> a minibatch
 */
public interface ClosedForms<B> {
  /** Both partial gradients of the upper loss, {@code (∇x F, ∇y F)}; null if by autograd. */
  default @Nullable Partials upperGradient(Tensor x, Tensor y, B batch) {
    return null;
  }

  /** {@code ∇y G(x, y; batch)}, of the size of y; null if by autograd. */
  default @Nullable Tensor lowerGradientY(Tensor x, Tensor y, B batch) {
    return null;
  }

  /** {@code ∇x G(x, y; batch)}, of the size of x; null if by autograd. */
  default @Nullable Tensor lowerGradientX(Tensor x, Tensor y, B batch) {
    return null;
  }

  /** {@code ∇²yy G(x, y; batch) · v}; v and the answer have the size of y. Null if by autograd. */
  default @Nullable Tensor hessianVector(Tensor x, Tensor y, Tensor v, B batch) {
    return null;
  }

  /**
   * {@code ∇²xy G(x, y; batch) · v = ∇x⟨∇y G, v⟩}; v has the size of y, the answer that of x. Null
   * if by autograd.
   */
  default @Nullable Tensor crossVector(Tensor x, Tensor y, Tensor v, B batch) {
    return null;
  }

  /**
   * The lower loss at one point on one batch. The oracle asks for this once, then for any number of
   * answers. By default each of them is one of the methods above.
   */
  default Lower lowerAt(Tensor x, Tensor y, B batch) {
    return new Lower() {
      @Override
      public @Nullable Tensor gradientY() {
        return lowerGradientY(x, y, batch);
      }

      @Override
      public @Nullable Tensor gradientX() {
        return lowerGradientX(x, y, batch);
      }

      @Override
      public @Nullable Tensor hessianVector(Tensor v) {
        return ClosedForms.this.hessianVector(x, y, v, batch);
      }

      @Override
      public @Nullable Tensor crossVector(Tensor v) {
        return ClosedForms.this.crossVector(x, y, v, batch);
      }
    };
  }

  /**
   * Derivatives of the lower loss at one point on one batch; null where autograd computes them.
   *
   * <p>Tensors that several answers need must be made in {@link #lowerAt}, not in the first answer:
   * what an answer makes is freed with it.
   */
  interface Lower {
    /** {@code ∇y G}. */
    default @Nullable Tensor gradientY() {
      return null;
    }

    /** {@code ∇x G}. */
    default @Nullable Tensor gradientX() {
      return null;
    }

    /** {@code ∇²yy G · v}. */
    default @Nullable Tensor hessianVector(Tensor v) {
      return null;
    }

    /** {@code ∇²xy G · v}. */
    default @Nullable Tensor crossVector(Tensor v) {
      return null;
    }

    /**
     * The gradient in y and both products with v at once: one pass through the data can serve all
     * three. The oracle asks for this where both products are wanted and the gradient is not there
     * yet, as in steps on a shared sample, and else for one by one, as it does where this is null.
     */
    default @Nullable Derivatives derivatives(Tensor v) {
      return null;
    }
  }

  /**
   * Both partial gradients of one loss.
   *
   * @param x gradient in x
   * @param y gradient in y
   */
  record Partials(Tensor x, Tensor y) {}

  /**
   * What a step on a shared sample needs of the lower loss.
   *
   * @param gradientY {@code ∇y G}, of the size of y
   * @param hessianVector {@code ∇²yy G · v}, of the size of y
   * @param crossVector {@code ∇²xy G · v}, of the size of x
   */
  record Derivatives(Tensor gradientY, Tensor hessianVector, Tensor crossVector) {}
}
