package org.stackel.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.Alias;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.tensor.Tensors;

/**
 * What a lower loss adds to keep parameters small: c P(y).
 *
 * @param regularization factor of the penalty (c), at least 0
 * @param penalty form of the penalty (P)
 */
@OptionRecord
public record PenaltyTerm(double regularization, @Alias("regularizer") Penalty penalty)
    implements PenaltyTermBuilder.With {
  public PenaltyTerm {
    new Rules().notNegative("regularization", regularization);
  }

  /** The loss with the penalty of y added. */
  public Tensor addTo(Tensor loss, Tensor y) {
    return loss.add(penalty.of(y), new Scalar(regularization));
  }

  /** The gradient with that of the penalty added, in place. */
  public Tensor addGradientTo(Tensor gradient, Tensor y) {
    return penalty == Penalty.SQUARED
        ? gradient.add_(y, Tensors.scalar(2 * regularization, y))
        : gradient.add_(penalty.gradient(y), Tensors.scalar(regularization, y));
  }

  /** A Hessian–vector product with that of the penalty added, in place. */
  public Tensor addHessianTo(Tensor product, Tensor y, Tensor v) {
    return penalty == Penalty.SQUARED
        ? product.add_(v, Tensors.scalar(2 * regularization, v))
        : product.add_(penalty.hessianVector(y, v), Tensors.scalar(regularization, v));
  }
}
