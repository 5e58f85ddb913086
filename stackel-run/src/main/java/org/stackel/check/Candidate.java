package org.stackel.check;

import org.jspecify.annotations.Nullable;
import org.stackel.hypergradient.Formula;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.oracle.StochasticOracle;

/**
 * An estimator of the hypergradient that is to be checked.
 *
 * @param name what tables call it
 * @param sampler draws every sample that one estimate needs
 * @param expected its expectation; null if unknown, then there is no verdict
 */
public record Candidate(String name, Sampler sampler, @Nullable Formula expected) {
  /** Draws, and returns a function of the point. */
  @FunctionalInterface
  public interface Sampler {
    /** Everything drawn for one estimate. */
    SampledHypergradient sample(StochasticOracle oracle);
  }
}
