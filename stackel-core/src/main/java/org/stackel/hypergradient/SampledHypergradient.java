package org.stackel.hypergradient;

import org.bytedeco.pytorch.Tensor;

/** An estimator whose samples are all fixed: a deterministic function of (x, y). */
public interface SampledHypergradient {
  /** The estimate at a point. */
  Hypergradient at(Tensor x, Tensor y);
}
