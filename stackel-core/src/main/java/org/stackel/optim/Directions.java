package org.stackel.optim;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.tensor.Layout;
import org.stackel.tensor.LinearSum;
import org.stackel.tensor.Plain;
import org.stackel.tensor.Tensors;

/** Building blocks of update rules: normalised steps, projections, moving averages. */
public final class Directions {
  private Directions() {}

  /**
   * {@code x - lr · m / |m|} with the norm of the whole vector; x itself where {@code m = 0}. The
   * step is exactly lr long. No scalar leaves the device.
   */
  public static Tensor normalizedStep(Tensor x, Tensor m, double lr) {
    if (Plain.are(x, m) && x.is_same_size(m)) {
      return Plain.like(x, normalizedStep(Plain.read(x), Plain.read(m), lr));
    }
    double norm = m.is_cpu() && !m.requires_grad() ? Tensors.item(Tensors.norm(m)) : 0;
    return Tensors.isSafeNorm(norm)
        ? Tensors.axpy(x, -lr / norm, m)
        : Tensors.axpy(x, -lr, direction(m));
  }

  /** As {@link #direction}, in one pass. */
  private static double[] normalizedStep(double[] x, double[] m, double lr) {
    double largest = 0;
    for (double number : m) {
      largest = Math.max(largest, Math.abs(number));
    }
    double unit = largest == 0 ? 1 : largest;
    double squares = 0;
    for (double number : m) {
      squares += (number / unit) * (number / unit);
    }
    double norm = Math.max(1, Math.sqrt(squares));
    for (int i = 0; i < x.length; i++) {
      x[i] -= lr * (m[i] / unit / norm);
    }
    return x;
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

  /**
   * {@code x - lr · m / (|m| + epsilon)}, as published scripts have it.
   *
   * @param norm {@code |m|}, a scalar
   */
  public static Tensor normalizedStep(Tensor x, Tensor m, Tensor norm, double lr, double epsilon) {
    return Tensors.axpy(x, -lr, m.div(norm.add(new Scalar(epsilon))));
  }

  /**
   * {@code x - lr · m / norm}: a part of a normalised step, whose norm is that of the whole vector;
   * x itself where it is 0.
   */
  public static Tensor partOfStep(Tensor x, Tensor m, double norm, double lr) {
    if (Tensors.isSafeNorm(norm)) {
      return Tensors.axpy(x, -lr / norm, m);
    }
    Scalar root = Tensors.scalar(norm == 0 ? 1 : Math.sqrt(norm), m); // float32 has no 1/1e-45
    return Tensors.axpy(x, -lr, m.div(root).div(root));
  }

  /** {@code keep · m + (1 - keep) · h}: exponential moving average. */
  public static Tensor average(double keep, Tensor m, Tensor h) {
    return average(keep, m, LinearSum.of(h));
  }

  /** The same with a sum that is not computed yet. */
  public static Tensor average(double keep, Tensor m, LinearSum h) {
    return LinearSum.of(keep, m).plus(1 - keep, h).get();
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
