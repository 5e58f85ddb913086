package org.stackel.linear;

import org.bytedeco.pytorch.Tensor;
import org.stackel.optim.Lanczos;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** How curved the mean of {@code ½ (aᵀy)²} over a minibatch of examples is. */
final class FeatureCurvature {
  private static final int PRODUCTS = 12;

  private FeatureCurvature() {}

  /**
   * A bound for most minibatches: the largest eigenvalue λ of {@code AᵀA / n}, on b of n examples
   * larger by the factor {@code (1 + √(r/b))²} with the effective rank {@code r = trace / λ}; but
   * no larger than the square of the longest example, which bounds every minibatch.
   *
   * @param a features, shape [examples, features]
   * @param batch size of a minibatch; 0 for all examples
   */
  static double of(Tensor a, int batch) {
    try (var scope = StateScope.open()) {
      Tensor squares = a.mul(a).sum(1);
      double longest = Tensors.item(squares.max());
      double trace = Tensors.item(squares.mean());
      if (!(trace > 0) || !Double.isFinite(trace)) {
        return 0;
      }
      double largest = Math.max(largest(a), trace / a.size(1));
      boolean isWhole = batch == 0 || batch >= a.size(0);
      double root = isWhole ? 1 : 1 + Math.sqrt(trace / largest / batch);
      return Math.min(longest, largest * root * root);
    }
  }

  private static double largest(Tensor a) {
    double[] start =
        Tensors.toArray(Tensors.randn(new Seed(0).child("curvature"), Device.CPU64, a.size(1)));
    return new Lanczos(PRODUCTS).spectrum(v -> product(a, v), start).largest();
  }

  /** {@code AᵀA v / n}. */
  private static double[] product(Tensor a, double[] v) {
    try (var scope = StateScope.open()) {
      Tensor at = Tensors.of(Device.CPU64, v, v.length).to(a);
      return Tensors.toArray(Tensors.scale(1.0 / a.size(0), a.t().mv(a.mv(at))));
    }
  }
}
