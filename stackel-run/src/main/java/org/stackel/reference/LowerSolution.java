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
  private static final double RELATIVE = 1e-8;
  private static final double FORCING = 1e-3;
  private static final int CONJUGATE_STEPS = 1_000;
  private static final long MAX_PRODUCTS = 40_000;

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

  /**
   * Looks for the minimiser in any dimension. A large one is found to a relative gradient of 1e-8,
   * by Newton steps from conjugate gradients. Numbers of y that no minibatch depends on stay as
   * they are.
   */
  public static LowerSolution search(
      Reference<?> reference, Device device, double[] x, double[] start) {
    if (start.length <= LowerSystem.DENSE) {
      return find(reference, device, x, start);
    }
    double[] y = start;
    double first = Double.NaN;
    long products = 0;
    for (int i = 0; i < ITERATIONS; i++) {
      try (var scope = StateScope.open()) {
        var at = new ExactPoint(reference, device, x, y);
        double[] right = at.lowerY();
        double gradient = Vectors.norm(right);
        first = i == 0 ? gradient : first;
        if (gradient <= RELATIVE * first) {
          return new LowerSolution(y, "");
        }
        int[] calls = new int[1];
        var newton =
            LowerSystem.conjugateGradient(
                v -> {
                  calls[0]++;
                  return at.hessian(v);
                },
                right,
                new double[y.length],
                CONJUGATE_STEPS,
                FORCING * gradient);
        products += (long) calls[0] * reference.size();
        if (!(newton.leastCurvature() > 0)) {
          return new LowerSolution(
              null,
              "g is not strongly convex on the way to y*: a curvature is %.3g"
                  .formatted(newton.leastCurvature()));
        }
        if (products > MAX_PRODUCTS) {
          return new LowerSolution(
              null, "y* takes more than %,d Hessian products".formatted(MAX_PRODUCTS));
        }
        double rounding = EPSILON * (1 + Vectors.norm(y)) * newton.greatestCurvature();
        if (gradient <= GOOD * rounding) {
          return new LowerSolution(y, "");
        }
        double[] next = decreased(reference, device, x, y, newton.v(), gradient);
        if (next.length == 0) {
          return new LowerSolution(null, "Newton's method finds no y*");
        }
        y = next;
      }
    }
    return new LowerSolution(null, "Newton's method finds no y* in %d steps".formatted(ITERATIONS));
  }
}
