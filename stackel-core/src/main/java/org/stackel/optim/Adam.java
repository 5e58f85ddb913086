package org.stackel.optim;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Tensors;

/**
 * Adam's step: {@code x - lr · m̂ / (√v̂ + epsilon)} with {@code m̂ = m / (1 - beta1^t)} and {@code
 * v̂ = v / (1 - beta2^t)}.
 *
 * @param beta1 share of the old first moment
 * @param beta2 share of the old second moment
 * @param epsilon added to the root, greater than 0
 */
public record Adam(double beta1, double beta2, double epsilon) {
  /** The usual constants. */
  public static final Adam DEFAULT = new Adam(0.9, 0.999, 1e-8);

  /**
   * Both moments, as moving averages that start at zero.
   *
   * @param first of gradients
   * @param second of squared gradients, elementwise
   */
  public record Moments(Tensor first, Tensor second) {
    /** Zeros in the shape of a variable. */
    public static Moments zero(Tensor like) {
      return new Moments(Tensors.zerosLike(like), Tensors.zerosLike(like));
    }
  }

  /** The moments after one more gradient. */
  public Moments update(Moments moments, Tensor gradient) {
    return new Moments(
        Directions.average(beta1, moments.first(), gradient),
        Tensors.scale(beta2, moments.second()).addcmul(gradient, gradient, new Scalar(1 - beta2)));
  }

  /** The variable after step number {@code count}, from 1 on. */
  public Tensor step(Tensor x, Moments moments, long count, double lr) {
    double correct1 = 1 - Math.pow(beta1, (double) count);
    double correct2 = 1 - Math.pow(beta2, (double) count);
    Tensor root = moments.second().div(new Scalar(correct2)).sqrt().add(new Scalar(epsilon));
    return x.addcdiv(moments.first(), root, Tensors.scalar(-lr / correct1, x));
  }
}
