package org.stackel.hypergradient;

import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.StateScope;

/** An estimator whose samples are all fixed: a deterministic function of (x, y). */
public interface SampledHypergradient {
  /** The estimate at a point. */
  Hypergradient at(Tensor x, Tensor y);

  /**
   * The estimator, each of whose estimates frees everything that it made on its way. Not so if the
   * step shares its samples: the rest of the step may use what was computed on them.
   */
  static SampledHypergradient of(StochasticOracle oracle, SampledHypergradient estimator) {
    return oracle.sharesSamples()
        ? estimator
        : (x, y) -> StateScope.nested(() -> estimator.at(x, y));
  }
}
