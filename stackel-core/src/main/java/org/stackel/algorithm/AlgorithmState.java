package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;

/** Everything of an algorithm that survives a step. A record of tensors. */
public interface AlgorithmState {
  /** The upper variable. */
  Tensor x();

  /** The lower variable. */
  Tensor y();
}
