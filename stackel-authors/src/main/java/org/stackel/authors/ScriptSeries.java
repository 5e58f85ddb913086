package org.stackel.authors;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.hypergradient.Hypergradient;
import org.stackel.hypergradient.HypergradientEstimator;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.Tensors;

/**
 * What scripts compute for a truncated Neumann series of the inverse Hessian. None of the forms is
 * an estimator of {@code H⁻¹ b}. With {@code A = I - ηH}, {@code b = ∇y f} and sums over q = 1 … Q:
 *
 * <ul>
 *   <li>LAST_TWICE (AdamBO's): {@code η (A^Q b + Σ A^q b)}, whose limit is {@code A H⁻¹ b}.
 *   <li>UNSCALED (StocBiO's own, and SLIP's comparison): {@code η A^Q b + Σ A^q b}, whose limit is
 *       {@code A H⁻¹ b / η}.
 *   <li>SHIFTED (AccBO's comparison): {@code η Σ A^q b}, whose limit is {@code A H⁻¹ b}.
 *   <li>RANDOM_LENGTH (TTSA in AdamBO's comparison): LAST_TWICE of q terms, q uniform in 1 … Q.
 *   <li>RANDOM (AccBO's): {@code η A^q b} with q uniform in 1 … Q, whose mean goes to 0.
 * </ul>
 *
 * <p>The scripts take all factors on one minibatch: shared sampling.
 *
 * @param form which sum
 * @param terms Q, at least 1
 * @param step η
 */
public record ScriptSeries(Form form, int terms, double step) implements HypergradientEstimator {
  /** Which sum. */
  public enum Form {
    /** The first term missing, the last counted twice. */
    LAST_TWICE,
    /** The same, of random length. */
    RANDOM_LENGTH,
    /** The first term missing, the last counted twice, and the sum not scaled. */
    UNSCALED,
    /** The first term missing. */
    SHIFTED,
    /** One term of random length, not scaled up. */
    RANDOM
  }

  @Override
  public String title() {
    return "own estimator, " + HypergradientEstimator.settings(terms, step);
  }

  @Override
  public SampledHypergradient sample(StochasticOracle oracle) {
    SampledObjective upper = oracle.upper();
    SampledObjective cross = oracle.lower();
    boolean isRandom = form == Form.RANDOM || form == Form.RANDOM_LENGTH;
    int length = isRandom ? 1 + oracle.uniform(terms) : terms;
    var factors = new ArrayList<SampledObjective>();
    for (int i = 0; i < length; i++) {
      factors.add(oracle.lower());
    }
    return SampledHypergradient.of(
        oracle,
        (x, y) -> {
          Gradient f = upper.gradient(x, y);
          Tensor v = solution(factors, x, y, f.y());
          return new Hypergradient(f.x().sub(cross.crossVector(x, y, v)), v);
        });
  }

  private Tensor solution(List<SampledObjective> factors, Tensor x, Tensor y, Tensor b) {
    Tensor power = b;
    Tensor sum = Tensors.zerosLike(b);
    for (SampledObjective sample : factors) {
      power = Tensors.axpy(power, -step, sample.hessianVector(x, y, power));
      sum = sum.add(power);
    }
    return switch (form) {
      case LAST_TWICE, RANDOM_LENGTH -> Tensors.combine(step, sum, step, power);
      case UNSCALED -> Tensors.combine(1, sum, step, power);
      case SHIFTED -> Tensors.combine(step, sum, 0, power);
      case RANDOM -> Tensors.scale(step, power);
    };
  }
}
