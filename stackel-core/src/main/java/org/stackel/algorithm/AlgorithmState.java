package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;

/**
 * Everything of an algorithm that survives a step: a record of tensors, lists of tensors, and
 * records of these. Checkpoints hold nothing else, so a state with another component is refused.
 */
public interface AlgorithmState {
  /** The upper variable. */
  Tensor x();

  /** The lower variable. */
  Tensor y();
}
