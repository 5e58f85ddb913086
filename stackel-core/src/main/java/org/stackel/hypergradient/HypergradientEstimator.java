package org.stackel.hypergradient;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.stackel.oracle.StochasticOracle;

/**
 * How to estimate {@code ∇Φ(x) = ∇x f - ∇²xy g [∇²yy g]⁻¹ ∇y f} from samples. Sign: v estimates
 * plus the inverse Hessian times the gradient, and the cross product is subtracted.
 */
public interface HypergradientEstimator {
  /** Draws every sample that an estimate needs; evaluates nothing. */
  SampledHypergradient sample(StochasticOracle oracle);

  /** Its name in tables, with its settings. */
  String title();

  /** The expectation of v; null if there is no formula for it. */
  default @Nullable Formula formula() {
    return null;
  }

  /** Number of terms of the series, or of steps; 0 if it has none. */
  default int terms() {
    return 0;
  }

  /** Step size; NaN if it has none. */
  default double step() {
    return Double.NaN;
  }

  /** Settings in words: {@code 10 × 0.5}. */
  static String settings(int terms, double step) {
    return String.format(Locale.ROOT, "%d × %.3g", terms, step);
  }
}
