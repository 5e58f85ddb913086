package org.stackel.check;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.reference.ExactPoint;
import org.stackel.reference.Finding;
import org.stackel.reference.LowerSystem;
import org.stackel.reference.Reference;
import org.stackel.reference.Vectors;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The solution z of {@code Hz = b} that an algorithm carries along, with {@code H = ∇²yy g} and
 * {@code b = ∇y f}: does it solve the system, or {@code Hz = -b}?
 *
 * <p>The measure is {@code |Hz - b| / |Hz + b|}: 0 at the solution, 1 at zero, where every
 * algorithm starts, and infinite at the negative solution. Up to ⅓ z is right. From 3 on it is
 * wrong, if neither noise nor the last step explains it. Between them z is on its way, and there is
 * no verdict.
 *
 * @param sampling of the algorithm
 * @param samples from which the noise is estimated; 8 where they are fewer
 */
record CarriedCheck(Reference<?> reference, Sampling sampling, int samples, Seed seed) {
  private static final double FAR = 3;
  private static final double STANDARD_DEVIATIONS = 3;
  private static final int MIN_SAMPLES = 8;

  /**
   * Judges a solution.
   *
   * @param step of its improvement; NaN if unknown
   * @param exact the exact solution at the point
   * @param before the point before the last step, which z may be the solution at; null if there is
   *     none
   * @return null where there is no exact solution
   */
  @Nullable Finding compare(
      String name,
      double[] z,
      double step,
      ExactPoint at,
      LowerSystem.Solution exact,
      Supplier<@Nullable ExactPoint> before) {
    if (!exact.isHypergradient()) {
      return null;
    }
    double[] hz = at.hessian(z);
    double value = ratio(hz, at.upperY());
    String what = name + ", against the exact solution";
    if (value <= 1 / FAR) {
      return new Finding(what, value, 1 / FAR);
    }
    boolean isWrong =
        value > FAR
            && !(step * exact.curvature().largest() >= 2)
            && Vectors.norm(at.upperY()) > noise(at, z, step * exact.curvature().largest())
            && isWrongToo(z, before.get());
    return new Finding(what, value, isWrong ? (Double) FAR : null);
  }

  private static boolean isWrongToo(double[] z, @Nullable ExactPoint before) {
    return before == null || ratio(before.hessian(z), before.upperY()) > FAR;
  }

  private static double ratio(double[] hz, double[] b) {
    double near = Vectors.distance(hz, b);
    double far = Vectors.norm(Vectors.plus(hz, 1, b));
    return near == far ? 1 : near / far;
  }

  /**
   * How far noise may move Hz: in descent with step ν its variance is at most {@code ν λ/2} times
   * that of one sample's residual.
   *
   * @param rate ν λ, with the largest curvature λ; NaN if unknown
   */
  private double noise(ExactPoint at, double[] z, double rate) {
    double[] mean = Vectors.minus(at.hessian(z), at.upperY());
    double squares = 0;
    int draws = Math.max(MIN_SAMPLES, samples);
    for (int i = 0; i < draws; i++) {
      try (var scope = StateScope.open()) {
        StochasticOracle oracle = reference.draws(seed.child(i), sampling);
        double[] b = Tensors.toArray(oracle.upper().gradient(at.x(), at.y()).y());
        double[] hz =
            Tensors.toArray(
                oracle.lower().hessianVector(at.x(), at.y(), Tensors.of(at.device(), z)));
        double distance = Vectors.distance(Vectors.minus(hz, b), mean);
        squares += distance * distance;
      }
    }
    double share = Double.isNaN(rate) ? 1 : Math.min(1, rate / 2);
    return STANDARD_DEVIATIONS * Math.sqrt(share * squares / draws);
  }
}
