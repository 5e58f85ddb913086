package org.stackel.optim;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Tensors;

/** Building blocks of update rules: normalised steps, projections, moving averages. */
public final class Directions {
  private Directions() {}

  /**
   * {@code x - lr · m / |m|} with the norm of the whole vector; x itself where {@code m = 0}. The
   * step is exactly lr long. No scalar leaves the device.
   */
  public static Tensor normalizedStep(Tensor x, Tensor m, double lr) {
    return Tensors.axpy(x, -lr, direction(m));
  }

  /**
   * {@code x - lr · m / |m|} in every part of the layout by itself, as published scripts have it:
   * the step is lr √(number of parts) long. A part with {@code m = 0} stays where it is.
   */
  public static Tensor normalizedStep(Tensor x, Tensor m, double lr, Layout layout) {
    Tensor[] parts =
        layout.split(m).stream().map(part -> direction(part.flatten())).toArray(Tensor[]::new);
    return Tensors.axpy(x, -lr, torch.cat(new TensorVector(parts)));
  }

  /** {@code m / |m|}; zeros where {@code m = 0}. */
  private static Tensor direction(Tensor m) {
    // The largest number comes out first: in single precision the square of 1e20 is infinite, and x
    // would stand still. Where it is zero, divide by one.
    Tensor largest = Tensors.maxNorm(m);
    Tensor scaled = m.div(largest.add(largest.eq(new Scalar(0.0))));
    // One of its numbers is 1 now, unless all are 0.
    return scaled.div(Tensors.norm(scaled).clamp_min(new Scalar(1.0)));
  }

  /** {@code x - lr · m / (|m| + epsilon)}, as published scripts have it. */
  public static Tensor normalizedStep(Tensor x, Tensor m, double lr, double epsilon) {
    return Tensors.axpy(x, -lr, m.div(Tensors.norm(m).add(new Scalar(epsilon))));
  }

  /** {@code keep · m + (1 - keep) · h}: exponential moving average. */
  public static Tensor average(double keep, Tensor m, Tensor h) {
    return Tensors.combine(keep, m, 1 - keep, h);
  }

  /** The nearest point to y in the ball around the center. */
  public static Tensor projectBall(Tensor y, Tensor center, double radius) {
    Tensor offset = y.sub(center);
    Tensor norm = Tensors.norm(offset);
    Tensor inside = norm.le(new Scalar(radius));
    Tensor factor =
        torch.where(inside, torch.ones_like(norm), norm.reciprocal().mul(new Scalar(radius)));
    // Not center + 1·offset where y is inside: that would change its last bits.
    return torch.where(inside, y, center.add(offset.mul(factor)));
  }
}
