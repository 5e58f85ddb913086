package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;

/** A loss whose sample is fixed: a deterministic function of (x, y), to be asked at any points. */
public interface SampledObjective {
  /** The loss, with its graph: for methods that differentiate through steps. */
  Tensor value(Tensor x, Tensor y);

  /** Both partial gradients. */
  Gradient gradient(Tensor x, Tensor y);

  /** The gradient in y; nothing that depends on x alone is differentiated. */
  Tensor gradientY(Tensor x, Tensor y);

  /** One graph, many products. Asked again at the same tensors it gives the same answer object. */
  Linearization linearize(Tensor x, Tensor y);
}
