package org.stackel.oracle;

/**
 * What shows an estimator that its estimate of the hypergradient has no meaning. It tells the
 * oracle, {@link StochasticOracle#broke}; whether a run ends is the run's to judge.
 *
 * @param kind what happened
 * @param value the size of it, as the kind says
 * @param curvature {@code pᵀHp / pᵀp} of the lower Hessian H along the direction p that showed it
 */
public record Breakdown(Kind kind, double value, double curvature) {
  /** What happened. */
  public enum Kind {
    /**
     * Conjugate gradients met a direction of negative curvature, which is the value: the solution
     * is the iterate before it.
     */
    INDEFINITE,
    /**
     * The last term of a Neumann series is longer than the first, by the factor that is the value.
     * With a curvature above 0 its step is too long; with one below 0 no step is short enough.
     */
    SERIES
  }

  /** Whether this one says more than another one found in the same step. */
  public boolean isWorseThan(Breakdown other) {
    return kind == other.kind
        ? Math.abs(value) > Math.abs(other.value)
        : kind == Kind.INDEFINITE; // a fact, whatever its size
  }
}
