package org.stackel.reference;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * {@code Φ(x) = f(x, y*(x))} of a reference, where y* can be found: how far y is from y*, what that
 * does to the hypergradient, and whether the hypergradient at y* is the slope of Φ.
 */
public record ValueFunction(Reference<?> reference, Device device, Seed seed) {
  private static final int DIRECTIONS = 3;
  private static final long MAX_PRODUCTS = 4_000;
  private static final double RELATIVE = 1e-6;
  private static final double ROUNDINGS = 1e3;

  /**
   * What y ≠ y* costs.
   *
   * @param distance {@code |y - y*|}; NaN if y* was not found
   * @param error {@code |∇f - ∇²xy g v|} at y minus at y*; NaN if y* was not found
   * @param norm {@code |∇Φ(x)|}; NaN if y* was not found
   * @param slope the hypergradient at y* against differences of Φ; null if that was skipped
   * @param skipped what was skipped, and why; empty if nothing was
   */
  public record LowerError(
      double distance, double error, double norm, @Nullable Finding slope, String skipped) {}

  /** Looks at a point whose surrogate hypergradient is known. */
  public LowerError at(double[] x, double[] y, double[] surrogate) {
    LowerSolution minimiser = LowerSolution.find(reference, device, x, y);
    double[] star = minimiser.y();
    if (star == null) {
      return new LowerError(Double.NaN, Double.NaN, Double.NaN, null, minimiser.why());
    }
    Slope gradient = gradient(x, star);
    long products = (long) star.length * reference.size();
    boolean isCheap = products <= MAX_PRODUCTS / (4 * DIRECTIONS);
    return new LowerError(
        Vectors.distance(y, star),
        Vectors.distance(surrogate, gradient.all()),
        Vectors.norm(gradient.all()),
        isCheap ? slope(x, star, gradient) : null,
        isCheap
            ? ""
            : "differences of Φ, which would need %d more y* of dimension %,d"
                .formatted(4 * DIRECTIONS, star.length));
  }

  /** The hypergradient in its two parts, {@code ∇x f} minus {@code ∇²xy g v}. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  private record Slope(double[] direct, double[] implicit) {
    double[] all() {
      return Vectors.minus(direct, implicit);
    }

    /** Along a direction, as large as it would be if the parts did not cancel. */
    double size(double[] w) {
      return Math.abs(Vectors.dot(direct, w)) + Math.abs(Vectors.dot(implicit, w));
    }
  }

  private Slope gradient(double[] x, double[] y) {
    try (var scope = StateScope.open()) {
      var at = new ExactPoint(reference, device, x, y);
      return new Slope(at.upperX(), at.cross(LowerSystem.solve(at, seed, null).v()));
    }
  }

  private Finding slope(double[] x, double[] star, Slope gradient) {
    List<double[]> directions = new ArrayList<>();
    for (int i = 0; i < DIRECTIONS; i++) {
      try (var scope = StateScope.open()) {
        double[] random =
            Tensors.toArray(Tensors.randn(seed.child("slope").child(i), Device.CPU64, x.length));
        directions.add(Vectors.scaled(1 / Vectors.norm(random), random));
      }
    }
    double r = Derivatives.width(Vectors.norm(x));
    double error = 0;
    double allowed = 0;
    double scale = 0;
    for (double[] w : directions) {
      double narrow = (phi(x, r, w, star) - phi(x, -r, w, star)) / (2 * r);
      double wide = (phi(x, 2 * r, w, star) - phi(x, -2 * r, w, star)) / (4 * r);
      double exact = Vectors.dot(gradient.all(), w);
      double size =
          Math.abs(phi(x, 0, w, star)) + Vectors.norm(gradient.all()) * (1 + Vectors.norm(x));
      error = Math.hypot(error, narrow - exact);
      allowed = Math.hypot(allowed, Math.abs(wide - narrow) + ROUNDINGS * Math.ulp(1.0) * size / r);
      scale = Math.hypot(scale, Math.max(gradient.size(w), Math.abs(narrow)));
    }
    String what = "hypergradient at y*, against differences of Φ";
    return scale == 0
        ? new Finding(what, 0, RELATIVE)
        : new Finding(what, error / scale, RELATIVE + allowed / scale);
  }

  private double phi(double[] x, double step, double[] along, double[] near) {
    double[] moved = Vectors.plus(x, step, along);
    double[] star = LowerSolution.find(reference, device, moved, near).y();
    if (star == null) {
      return Double.NaN;
    }
    try (var scope = StateScope.open()) {
      return new ExactPoint(reference, device, moved, star).upperValue();
    }
  }
}
