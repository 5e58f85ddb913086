package org.stackel.problem;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A problem whose losses see x only through features of the sample: an encoder's outputs, or the
 * weights of the examples. The oracle computes the features once per x and sample; every product
 * afterwards touches what lies behind them only.
 *
 * @param <B> a minibatch
 */
public interface FeatureProblem<B> extends BilevelProblem<B> {
  /** Everything that x says about this sample: one differentiable tensor. */
  Tensor features(Tensor x, B batch);

  /**
   * The same features, for gradients.
   *
   * @param parts where parts of them with gradients by hand are added; by default none
   */
  default Tensor features(Tensor x, B batch, HandWritten parts) {
    return features(x, batch);
  }

  /**
   * Features of a sample of either level, in one pass: for problems whose levels share an encoder.
   *
   * @param parts where parts of them with gradients by hand are added
   * @return those of the upper sample and those of the lower one, which share what was computed;
   *     empty, the default, where one pass is no better than two
   */
  default List<Tensor> featuresOfBoth(Tensor x, B upper, B lower, HandWritten parts) {
    return List.of();
  }

  /** {@code F} in terms of the features. */
  Tensor upperLossOf(Tensor features, Tensor y, B batch);

  /** {@code G} in terms of the features. */
  Tensor lowerLossOf(Tensor features, Tensor y, B batch);

  @Override
  default Tensor upperLoss(Tensor x, Tensor y, B batch) {
    return upperLossOf(features(x, batch), y, batch);
  }

  @Override
  default Tensor lowerLoss(Tensor x, Tensor y, B batch) {
    return lowerLossOf(features(x, batch), y, batch);
  }
}
