package org.stackel.hypergradient;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Rules;
import org.stackel.oracle.Breakdown;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Conjugate gradients on {@code (∇²yy g + damping · I) v = ∇y f}, all products from one
 * linearisation on one lower sample.
 *
 * <p>One iteration is one Hessian product and two scalars read from the device. Iterations stop
 * when {@code |r| ≤ tolerance · |b|}, when {@code |r| ≤ 1e-15 |b|}, where rounding rules and more
 * would only follow noise, when {@code steps} are done, or when a direction has curvature {@code
 * pᵀHp ≤ 0}, where the method has no meaning: the iterate before it is returned. Where that is more
 * than rounding, {@link Solution#breakdown} says so.
 *
 * @param steps maximum number of iterations, at least 1
 * @param tolerance relative residual at which to stop; 0 for the limit of rounding
 * @param damping added to the diagonal, at least 0
 */
public record ConjugateGradient(int steps, double tolerance, double damping)
    implements HypergradientEstimator {
  private static final double ROUNDING = 1e-15;

  /** The share of the largest curvature below which a negative one may be a singular Hessian's. */
  private static final double SINGULAR = 1e-5;

  /**
   * What the iterations gave.
   *
   * @param v the solution
   * @param iterations Hessian products made
   * @param residual {@code |b - Hv| / |b|}, by its recursion; 0 if b is 0
   * @param breakdown the direction of negative curvature that stopped it; null if none did
   */
  public record Solution(Tensor v, int iterations, double residual, @Nullable Breakdown breakdown) {
    /** The solution; what is wrong with it is told to the oracle. */
    Tensor toldTo(StochasticOracle oracle) {
      if (breakdown != null) {
        oracle.broke(breakdown);
      }
      return v;
    }
  }

  public ConjugateGradient {
    var rules = new Rules("conjugate gradients");
    rules.atLeast("steps", steps, 1);
    rules.notNegative("tolerance", tolerance);
    rules.notNegative("damping", damping);
  }

  @Override
  public String title() {
    return "conjugate gradients, %d steps".formatted(steps);
  }

  @Override
  public SampledHypergradient sample(StochasticOracle oracle) {
    SampledObjective upper = oracle.upper();
    SampledObjective lower = oracle.lower();
    return SampledHypergradient.of(
        oracle,
        (x, y) -> {
          oracle.together(x);
          Gradient f = upper.gradient(x, y);
          Linearization g = lower.linearize(x, y);
          Tensor v = solve(g::hessianVector, f.y()).toldTo(oracle);
          return new Hypergradient(f.inX().minus(g.crossPullback(v)).get(), v);
        });
  }

  /**
   * Solves {@code Hv + damping · v = b} from {@code v = 0}.
   *
   * @param hessian the product with a symmetric matrix
   */
  public Solution solve(UnaryOperator<Tensor> hessian, Tensor b) {
    Tensor v = Tensors.zerosLike(b);
    Tensor r = b.clone();
    Tensor p = b.clone();
    double rr = Tensors.item(r.dot(r));
    double bb = rr;
    double largest = 0;
    double least = Math.max(tolerance, ROUNDING);
    for (int i = 0; i < steps; i++) {
      if (Math.sqrt(rr) <= least * Math.sqrt(bb)) {
        return new Solution(v, i, relative(rr, bb), null);
      }
      try (var scope = StateScope.open()) {
        Tensor product = hessian.apply(p);
        Tensor hp = damping == 0 ? product : Tensors.axpy(product, damping, p);
        double curvature = Tensors.item(p.dot(hp));
        if (curvature <= 0) {
          return new Solution(v, i + 1, relative(rr, bb), negative(p, hp, curvature, largest));
        }
        largest = Math.max(largest, curvature / rr);
        double alpha = rr / curvature;
        v.add_(p, Tensors.scalar(alpha, v));
        r.add_(hp, Tensors.scalar(-alpha, r));
        double next = Tensors.item(r.dot(r));
        p.copy_(Tensors.axpy(r, next / rr, p));
        rr = next;
      }
    }
    return new Solution(v, steps, relative(rr, bb), null);
  }

  /**
   * A direction of negative curvature.
   *
   * @param largest a bound of the curvatures before; 0 if there were none
   */
  private static @Nullable Breakdown negative(Tensor p, Tensor hp, double product, double largest) {
    double square = Tensors.item(p.dot(p));
    double curvature = product / square;
    double scale = largest > 0 ? largest : Math.sqrt(Tensors.item(hp.dot(hp)) / square);
    return curvature < -SINGULAR * scale
        ? new Breakdown(Breakdown.Kind.INDEFINITE, curvature, curvature)
        : null;
  }

  private static double relative(double rr, double bb) {
    return bb == 0 ? 0 : Math.sqrt(rr / bb);
  }
}
