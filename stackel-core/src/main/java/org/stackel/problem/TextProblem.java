package org.stackel.problem;

import org.bytedeco.pytorch.Tensor;

/** A problem whose solution is a model that other texts can be given to. */
public interface TextProblem {
  /** The model of a state. Its tensors belong to the scope around the call, or to the problem. */
  TextModel model(Tensor x, Tensor y);
}
