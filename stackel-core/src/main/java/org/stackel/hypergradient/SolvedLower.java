package org.stackel.hypergradient;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The lower level of one sample, solved:
 *
 * <pre>
 *   y⁺ = argmin_y G(x, y; ζ),   ∇²yy G(x, y⁺; ζ) z⁺ = ∇y F(x, y⁺; ξ)
 *   h  = ∇x F(x, y⁺; ξ) - ∇²xy G(x, y⁺; ζ) z⁺
 * </pre>
 *
 * <p>Where y has blocks, such as the heads of many tasks, and a sample has all data of some of them
 * and none of the others, h is the exact hypergradient of the sample's own {@code F(x, y*(x))}. The
 * other blocks of y and z stay as they are: their gradients and products are 0.
 *
 * <p>y⁺ is found by Newton steps along directions of conjugate gradients, halved where they
 * overshoot, which for a convex loss converges from any start; z⁺ by conjugate gradients from the z
 * before. A Newton step asks for one lower gradient, one more for each halved step, and one Hessian
 * product for each iteration of conjugate gradients; the hypergradient for one upper gradient and
 * one cross product besides. All are counted as what they are.
 *
 * @param y y⁺, of the size of y
 * @param z z⁺, of the size of y
 * @param direction h, of the size of x
 */
public record SolvedLower(Tensor y, Tensor z, Tensor direction) {
  /** Of a solution, the share of the first gradient that may be left; of z, the same of ∇y F. */
  private static final double TOLERANCE = 1e-2;

  /** The share of the gradient that a Newton direction may leave. */
  private static final double FORCING = 0.1;

  private static final int NEWTON_STEPS = 30;
  private static final int PRODUCTS = 200;
  private static final int HALVINGS = 30;

  /** The share of the slope by which a step may overshoot the minimum along its direction. */
  private static final double SLOPE = 0.9;

  /**
   * Solves the lower level of the step's next sample, and estimates the hypergradient there.
   *
   * @param oracle draws one sample of each level
   * @param y where Newton's method starts
   * @param z where conjugate gradients start; null for 0
   */
  public static SolvedLower at(StochasticOracle oracle, Tensor x, Tensor y, @Nullable Tensor z) {
    SampledObjective lower = oracle.lower();
    SampledObjective upper = oracle.upper();
    oracle.together(x);
    Tensor solved = minimizer(lower, x, y);
    Gradient f = upper.gradient(x, solved);
    Linearization g = lower.linearize(x, solved);
    Tensor v = solution(g, f.y(), z, oracle);
    return new SolvedLower(solved, v, f.inX().minus(g.crossPullback(v)).get());
  }

  /**
   * {@code argmin_y G(x, y)} of a sample, up to a hundredth of the gradient at the start. Where the
   * Hessian is not positive a step of the directions found before; where a gradient is not finite
   * the start.
   */
  public static Tensor minimizer(SampledObjective lower, Tensor x, Tensor start) {
    // What depends on x alone stays in this scope, for the points in the scopes below.
    var at = new Point(start, lower.linearize(x, start).gradY());
    double norm = Tensors.item(Tensors.norm(at.gradient));
    double target = TOLERANCE * norm;
    for (int i = 0; i < NEWTON_STEPS && norm > target; i++) {
      Point from = at;
      Point next = StateScope.nested(() -> newtonStep(lower, x, from));
      double now = next == null ? Double.NaN : Tensors.item(Tensors.norm(next.gradient));
      if (next == null || !(now < norm)) {
        break; // no step is better: rounding rules
      }
      at = next;
      norm = now;
    }
    return at.y;
  }

  /** A point of a sample's lower loss. */
  private record Point(Tensor y, Tensor gradient) {}

  private static @Nullable Point newtonStep(SampledObjective lower, Tensor x, Point from) {
    Linearization at = lower.linearize(x, from.y);
    var directions = new ConjugateGradient(PRODUCTS, FORCING, 0);
    Tensor direction = directions.solve(at::hessianVector, from.gradient.neg()).v();
    double slope = Tensors.item(from.gradient.dot(direction));
    double length = 1;
    for (int i = 0; i < HALVINGS; i++) {
      Tensor y = Tensors.axpy(from.y, length, direction);
      Tensor gradient = lower.gradientY(x, y);
      if (Tensors.item(gradient.dot(direction)) <= -SLOPE * slope) {
        return new Point(y, gradient);
      }
      length /= 2;
    }
    return null;
  }

  /**
   * The solution of {@code ∇²yy G z = b} by conjugate gradients, up to a hundredth of b.
   *
   * @param start where they start; null for 0
   * @param oracle told if the Hessian is indefinite
   */
  static Tensor solution(
      Linearization lower, Tensor b, @Nullable Tensor start, StochasticOracle oracle) {
    if (start == null) {
      return new ConjugateGradient(PRODUCTS, TOLERANCE, 0)
          .solve(lower::hessianVector, b)
          .toldTo(oracle);
    }
    Tensor rest = b.sub(lower.hessianVector(start));
    double share = Tensors.item(Tensors.norm(b)) / Tensors.item(Tensors.norm(rest));
    // A start that is worse than none, as the solution of another x may be, costs no accuracy.
    double tolerance = Double.isFinite(share) ? Math.min(1, TOLERANCE * share) : 1;
    Tensor correction =
        new ConjugateGradient(PRODUCTS, tolerance, 0)
            .solve(lower::hessianVector, rest)
            .toldTo(oracle);
    return start.add(correction);
  }

  /** The same at a fixed y, as an estimator: for algorithms that move y by themselves. */
  public static HypergradientEstimator estimator() {
    return new ConjugateGradient(PRODUCTS, TOLERANCE, 0);
  }
}
