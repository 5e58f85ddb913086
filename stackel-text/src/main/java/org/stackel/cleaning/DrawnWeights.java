package org.stackel.cleaning;

import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The weights {@code w = σ(λ)} of a lower minibatch.
 *
 * @param x λ of all examples
 * @param numbers of the examples drawn, int64
 * @param values their weights
 */
record DrawnWeights(Tensor x, Tensor numbers, Tensor values) {
  static DrawnWeights of(Tensor x, DataCleaning.Batch batch) {
    Tensor numbers = Objects.requireNonNull(batch.examples());
    return new DrawnWeights(x, numbers, x.index_select(0, numbers).sigmoid());
  }

  /**
   * The gradient in all λ.
   *
   * @param inWeights a number for each weight drawn
   * @param scale factor of the numbers
   */
  Tensor inExamples(Tensor inWeights, double scale) {
    Tensor all = torch.zeros_like(x);
    all.index_add_(0, numbers, torch.sigmoid_backward(inWeights, values), new Scalar(scale));
    return all;
  }
}
