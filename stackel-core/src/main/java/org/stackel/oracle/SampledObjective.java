package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;

/**
 * A loss whose sample is fixed: a deterministic function of (x, y), for evaluation at any points.
 */
public interface SampledObjective {
  /**
   * Number of samples that every answer is computed on; 1, the default, where the loss is no mean
   * over samples.
   */
  default long samples() {
    return 1;
  }

  /** The loss, with its graph: for methods that differentiate through steps. */
  Tensor value(Tensor x, Tensor y);

  /** Both partial gradients. */
  Gradient gradient(Tensor x, Tensor y);

  /** The gradient in y; nothing that depends on x alone is differentiated. */
  Tensor gradientY(Tensor x, Tensor y);

  /** One graph for many products. Calls with the same tensors return the same object. */
  Linearization linearize(Tensor x, Tensor y);

  /**
   * {@code ∇²yy · v}, one product: as from {@link #linearize}, whose graph need not outlive it; v
   * has the size of y.
   */
  default Tensor hessianVector(Tensor x, Tensor y, Tensor v) {
    return linearize(x, y).hessianVector(v);
  }

  /**
   * {@code ∇²xy · v}, one product: as from {@link #linearize}, whose graph need not outlive it; v
   * has the size of y.
   */
  default Tensor crossVector(Tensor x, Tensor y, Tensor v) {
    return linearize(x, y).crossVector(v);
  }

  /** {@link #crossVector}, pulled back when it is asked for. Counts as that. */
  default Pullback crossPullback(Tensor x, Tensor y, Tensor v) {
    return Pullback.of(crossVector(x, y, v));
  }

  /**
   * The whole Hessian in (x, y) times a vector, one backward pass through a new graph: {@code (∇²xx
   * v.x + ∇²xy v.y, ∇²yx v.x + ∇²yy v.y)}. For methods whose steps move both variables.
   */
  Gradient hessianVector(Tensor x, Tensor y, Gradient v);

  /**
   * The same loss on the same sample, drawn again: for a scope that outlives the tensors of the
   * first one. It remembers nothing. By default this object, which then must not keep tensors
   * between its answers.
   */
  default SampledObjective again() {
    return this;
  }
}
