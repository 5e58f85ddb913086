package org.stackel.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.tensor.Tensors;

/** What a lower loss adds to keep parameters small. */
@OptionRecord
public enum Penalty {
  /** {@code |y|²}. */
  SQUARED,
  /**
   * {@code |y|}, as published scripts have it. Rounded off at 0, {@code √(|y|² + 1e-12)}, where its
   * second derivatives would be infinite.
   */
  NORM;

  private static final double ROUNDING = 1e-12;

  /** Of a vector: a scalar. */
  public Tensor of(Tensor y) {
    return ofSquare(y.dot(y));
  }

  /** The gradient at a vector. */
  public Tensor gradient(Tensor y) {
    return this == SQUARED ? Tensors.scale(2, y) : y.div(of(y));
  }

  /** The Hessian at y times v. */
  public Tensor hessianVector(Tensor y, Tensor v) {
    if (this == SQUARED) {
      return Tensors.scale(2, v);
    }
    Tensor norm = of(y);
    return v.sub(y.mul(y.dot(v)).div(norm.mul(norm))).div(norm);
  }

  /** Of each row of a matrix, shape [rows]. */
  public Tensor ofRows(Tensor rows) {
    return ofSquare(rows.mul(rows).sum(1));
  }

  private Tensor ofSquare(Tensor square) {
    return this == SQUARED ? square : square.add(new Scalar(ROUNDING)).sqrt();
  }
}
