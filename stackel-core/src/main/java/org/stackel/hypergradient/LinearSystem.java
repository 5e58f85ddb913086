package org.stackel.hypergradient;

import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.Rules;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.LinearSum;
import org.stackel.tensor.Tensors;

/**
 * Stochastic gradient descent on the linear system {@code ∇²yy g · z = ∇y f}: {@code z⁺ = z - ν(Hz
 * - b)}. Fixed point {@code H⁻¹b}; stable for {@code 0 < ν < 2/λmax}.
 *
 * <p>Single-loop methods make one such {@link #step} each and keep z; as an estimator of its own it
 * makes {@code steps} of them from zero, each on its own lower sample.
 *
 * @param steps number of steps, at least 1
 * @param lr ν
 */
public record LinearSystem(int steps, double lr) implements HypergradientEstimator {
  public LinearSystem {
    var rules = new Rules("the linear system");
    rules.atLeast("steps", steps, 1);
    rules.positive("lr", lr);
  }

  /**
   * One step: {@code z - lr (hessianZ - b)}.
   *
   * @param hessianZ the product Hz on the step's sample
   */
  public static Tensor step(Tensor z, double lr, Tensor hessianZ, Tensor b) {
    return step(z, lr, LinearSum.of(hessianZ), LinearSum.of(b));
  }

  /** One step with sums that are not computed yet. */
  public static Tensor step(Tensor z, double lr, LinearSum hessianZ, LinearSum b) {
    return LinearSum.of(z).plus(-lr, hessianZ).plus(lr, b).get();
  }

  @Override
  public String title() {
    return "linear system, " + HypergradientEstimator.settings(steps, lr);
  }

  @Override
  public Formula formula() {
    return new Formula.Series(lr, steps);
  }

  @Override
  public int terms() {
    return steps;
  }

  @Override
  public double step() {
    return lr;
  }

  @Override
  public SampledHypergradient sample(StochasticOracle oracle) {
    SampledObjective upper = oracle.upper();
    SampledObjective cross = oracle.lower();
    var samples = IntStream.range(0, steps).mapToObj(i -> oracle.lower()).toList();
    return SampledHypergradient.of(
        oracle,
        (x, y) -> {
          oracle.together(x);
          Gradient f = upper.gradient(x, y);
          Tensor z = Tensors.zerosLike(y);
          for (SampledObjective sample : samples) {
            z = step(z, lr, sample.hessianVector(x, y, z), f.y());
          }
          return new Hypergradient(f.inX().minus(cross.crossPullback(x, y, z)).get(), z);
        });
  }
}
