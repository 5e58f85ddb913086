package org.stackel.hypergradient;

import org.stackel.oracle.StochasticOracle;

/**
 * How to estimate {@code ∇Φ(x) = ∇x f - ∇²xy g [∇²yy g]⁻¹ ∇y f} from samples. Sign: v estimates
 * plus the inverse Hessian times the gradient, and the cross product is subtracted.
 */
public sealed interface HypergradientEstimator
    permits Neumann, LinearSystem, ConjugateGradient, NormalEquation, SpectralInverse, Unrolled {
  /** Draws every sample that an estimate needs; evaluates nothing. */
  SampledHypergradient sample(StochasticOracle oracle);
}
