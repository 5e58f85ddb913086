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

  /** The gradient with that of the penalty added. */
  public Tensor addGradientTo(Tensor gradient, Tensor y) {
    return Tensors.axpy(gradient, regularization, penalty.gradient(y));
  }

  /** A Hessian–vector product with that of the penalty added. */
  public Tensor addHessianTo(Tensor product, Tensor y, Tensor v) {
    return Tensors.axpy(product, regularization, penalty.hessianVector(y, v));
  }
}
