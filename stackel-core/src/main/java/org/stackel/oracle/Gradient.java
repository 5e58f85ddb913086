package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;

/**
 * Both partial gradients of one loss at one point on one sample.
 *
 * @param inX gradient in x
 * @param y gradient in y
 */
public record Gradient(Pullback inX, Tensor y) {
  /** Both are known. */
  public Gradient(Tensor x, Tensor y) {
    this(Pullback.of(x), y);
  }

  /** Gradient in x. */
  public Tensor x() {
    return inX.get();
  }
}
