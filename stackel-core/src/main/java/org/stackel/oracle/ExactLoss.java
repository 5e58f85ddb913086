package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;

/** A loss on one minibatch without noise. */
sealed interface ExactLoss extends SampledObjective permits AutogradLoss, ClosedLoss {
  /** Number of samples in the minibatch; 0 for none. */
  long size();

  /** A linearisation that answers one product, if it was not there before. */
  Linearization forOneProduct(Tensor x, Tensor y);
}
