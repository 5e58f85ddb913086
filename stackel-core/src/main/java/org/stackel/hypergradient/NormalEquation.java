package org.stackel.hypergradient;

import java.util.ArrayList;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.Rules;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.Tensors;

/**
 * Gradient descent on {@code ½ |Hv - b|²} with {@code H = ∇²yy g} and {@code b = ∇y f}: {@code v⁺ =
 * v - lr H(Hv - b)}. From zero it tends to {@code H⁺b}, the least-squares solution of least norm,
 * also where H is singular or indefinite. Stable for {@code 0 < lr < 2/λ²}, λ the largest absolute
 * eigenvalue; where H is regular it needs about the square of the steps of {@link LinearSystem}.
 *
 * <p>A step is two Hessian products, each on its own lower sample unless the step shares samples.
 *
 * @param steps number of steps, at least 1
 * @param lr ρ
 */
public record NormalEquation(int steps, double lr) implements HypergradientEstimator {
  public NormalEquation {
    var rules = new Rules("the normal equation");
    rules.atLeast("steps", steps, 1);
    rules.positive("lr", lr);
  }

  @Override
  public String title() {
    return "normal equation, " + HypergradientEstimator.settings(steps, lr);
  }

  @Override
  public Formula formula() {
    return new Formula.NormalDescent(lr, steps);
  }

  @Override
  public SampledHypergradient sample(StochasticOracle oracle) {
    SampledObjective upper = oracle.upper();
    SampledObjective cross = oracle.lower();
    var samples = new ArrayList<SampledObjective>();
    for (int i = 0; i < 2 * steps; i++) {
      samples.add(oracle.lower());
    }
    return SampledHypergradient.of(
        oracle,
        (x, y) -> {
          oracle.together(x);
          Gradient f = upper.gradient(x, y);
          Tensor v = Tensors.zerosLike(y);
          for (int i = 0; i < 2 * steps; i += 2) {
            v = step(x, y, v, lr, samples.get(i), samples.get(i + 1), f.y());
          }
          return new Hypergradient(f.inX().minus(cross.crossPullback(x, y, v)).get(), v);
        });
  }

  /**
   * One step at (x, y): {@code v - lr H₂(H₁v - b)}.
   *
   * @param inner with H₁
   * @param outer with H₂, the same or on a sample of its own
   */
  public static Tensor step(
      Tensor x,
      Tensor y,
      Tensor v,
      double lr,
      SampledObjective inner,
      SampledObjective outer,
      Tensor b) {
    Tensor residual = inner.hessianVector(x, y, v).sub(b);
    return Tensors.axpy(v, -lr, outer.hessianVector(x, y, residual));
  }
}
