package org.stackel.reference;

import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;

/**
 * The minimiser {@code y*(x)} of a reference by Newton's method, where y is small.
 *
 * @param y the minimiser; null if it was not found
 * @param why why it was not
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record LowerSolution(double @Nullable [] y, String why) {
  private static final int ITERATIONS = 50;
  private static final int HALVINGS = 30;
  private static final double EPSILON = Math.ulp(1.0);
  private static final double GOOD = 1e4;

  /** Looks for the minimiser from a start. */
  public static LowerSolution find(
      Reference<?> reference, Device device, double[] x, double[] start) {
    if (start.length > LowerSystem.DENSE) {
      return new LowerSolution(
          null,
          "y* is computed only up to dimension %d of y; here it is %,d"
              .formatted(LowerSystem.DENSE, start.length));
    }
    double[] y = start;
    for (int i = 0; i < ITERATIONS; i++) {
      try (var scope = StateScope.open()) {
        var at = new ExactPoint(reference, device, x, y);
        double gradient = Vectors.norm(at.lowerY());
        var newton = step(at);
        LowerSystem.Curvature curvature = newton.curvature();
        double rounding = EPSILON * (1 + Vectors.norm(y)) * Math.abs(curvature.largest());
        if (!newton.isHypergradient()) {
          return new LowerSolution(
              null,
              "g is not strongly convex on the way to y*: its smallest curvature is %.3g"
                  .formatted(curvature.smallest()));
        }
        if (gradient <= rounding) {
          return new LowerSolution(y, "");
        }
        double[] next = decreased(reference, device, x, y, newton.v(), gradient);
        if (next.length == 0) {
          return gradient <= GOOD * rounding
              ? new LowerSolution(y, "")
              : new LowerSolution(null, "Newton's method finds no y*");
        }
        y = next;
      }
    }
    return new LowerSolution(null, "Newton's method finds no y* in %d steps".formatted(ITERATIONS));
  }

  /** The system with the lower gradient on its right. */
  private static LowerSystem.Solution step(ExactPoint at) {
    return LowerSystem.dense(at, at.lowerY());
  }

  /** A point on the way of a Newton step where the gradient is smaller; empty if there is none. */
  private static double[] decreased(
      Reference<?> reference,
      Device device,
      double[] x,
      double[] y,
      double[] step,
      double gradient) {
    double length = 1;
    for (int i = 0; i < HALVINGS; i++) {
      double[] next = Vectors.plus(y, -length, step);
      try (var scope = StateScope.open()) {
        if (Vectors.norm(new ExactPoint(reference, device, x, next).lowerY()) < gradient) {
          return next;
        }
      }
      length /= 2;
    }
    return new double[0];
  }
}
