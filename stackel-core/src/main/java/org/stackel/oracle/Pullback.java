package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.LinearSum;

/**
 * A derivative in x that may still be one in the features, from which it is pulled back when it is
 * asked for: so that two derivatives in features of one forward pass need one backward pass.
 */
public interface Pullback {
  /** One that is known. */
  static Pullback of(Tensor value) {
    return new Known(value);
  }

  /**
   * One that was pulled back at once.
   *
   * @param get the derivative, of the size of x
   */
  record Known(Tensor get) implements Pullback {}

  /** The derivative, of the size of x. */
  Tensor get();

  /**
   * This less another one, in one backward pass where both are of {@linkplain
   * StochasticOracle#together one forward pass}.
   */
  default LinearSum minus(Pullback other) {
    return LinearSum.of(get()).minus(other.get());
  }
}
