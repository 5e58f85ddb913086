package org.stackel.algorithm;

import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.oracle.StochasticOracle;

/** An algorithm that estimates the hypergradient anew in every step, and shows how. */
public interface Estimating {
  /** The estimate of a step: draws every sample that it needs, and evaluates nothing. */
  SampledHypergradient estimate(StochasticOracle oracle);
}
