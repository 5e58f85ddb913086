package org.stackel.problem;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.stackel.optim.Lanczos;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * What the value function {@code Φ(x) = f(x, y*(x))} looks like where x starts. Plain steps of x
 * follow from it, and not from the curvatures of f and g, which may be many times larger: where a
 * small change of x hardly moves y*, Φ is flat, however curved the losses are.
 *
 * @param slope {@code |∇Φ(x)|}; NaN if unknown
 * @param curvature largest absolute curvature of Φ; NaN if unknown
 */
public record UpperScale(double slope, double curvature) {
  /** Nothing is known. */
  public static final UpperScale UNKNOWN = new UpperScale(Double.NaN, Double.NaN);

  private static final int PRODUCTS = 6;

  /**
   * Measured at a point, from a few differences of the hypergradient: {@code 1 + 12} of them.
   *
   * @param gradient {@code ∇Φ}
   * @param x the point, of shape [n]
   */
  public static UpperScale at(UnaryOperator<Tensor> gradient, Tensor x) {
    try (var scope = StateScope.open()) {
      double[] here = Tensors.toArray(x);
      double[] slope = Tensors.toArray(gradient.apply(x));
      double norm = norm(slope);
      if (!Double.isFinite(norm)) {
        return UNKNOWN;
      }
      double[] begin = norm > 0 ? slope : ones(x.numel());
      double width = Math.cbrt(Math.ulp(isDouble(x) ? 1.0 : 1.0f)) * (1 + norm(here));
      var lanczos = new Lanczos(PRODUCTS);
      try {
        Lanczos.Spectrum spectrum =
            lanczos.spectrum(v -> difference(gradient, x, here, v, width), begin);
        return new UpperScale(
            norm, Math.max(Math.abs(spectrum.smallest()), Math.abs(spectrum.largest())));
      } catch (ArithmeticException e) { // ∇Φ does not exist nearby
        return new UpperScale(norm, Double.NaN);
      }
    }
  }

  /** The same with a curvature that is larger by a factor, as on a minibatch. */
  public UpperScale curvedBy(double factor) {
    return new UpperScale(slope, factor * curvature);
  }

  /** {@code (∇Φ(x + r v) - ∇Φ(x - r v)) / 2r}. */
  private static double[] difference(
      UnaryOperator<Tensor> gradient, Tensor like, double[] x, double[] v, double r) {
    double[] ahead = gradient(gradient, like, x, v, r);
    double[] behind = gradient(gradient, like, x, v, -r);
    double[] product = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      product[i] = (ahead[i] - behind[i]) / (2 * r);
    }
    if (!Double.isFinite(norm(product))) {
      throw new ArithmeticException("a hypergradient is not finite");
    }
    return product;
  }

  private static double[] gradient(
      UnaryOperator<Tensor> gradient, Tensor like, double[] x, double[] v, double r) {
    try (var scope = StateScope.open()) {
      double[] moved = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        moved[i] = x[i] + r * v[i];
      }
      Tensor there = Tensors.of(Device.CPU64, moved, x.length).to(like);
      return Tensors.toArray(gradient.apply(there));
    }
  }

  private static double[] ones(long size) {
    double[] ones = new double[(int) size];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static boolean isDouble(Tensor x) {
    return x.element_size() == Double.BYTES;
  }

  private static double norm(double[] a) {
    return Math.sqrt(Arrays.stream(a).map(v -> v * v).sum());
  }
}
