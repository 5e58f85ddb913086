package org.stackel.algorithm;

import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;

/**
 * A bilevel algorithm. Implementations are records: their components are the hyperparameters. They
 * know no files, clocks, loggers or devices.
 *
 * @param <S> everything that survives a step
 */
public interface BilevelAlgorithm<S extends Record & AlgorithmState> {
  /** The state before the first step; warm starts and refinements happen here. */
  S init(Start start, StochasticOracle oracle);

  /**
   * The state after step {@code t}, from 0 on. A function of its arguments: same arguments, same
   * result.
   */
  S step(long t, S state, StochasticOracle oracle);

  /** Whether a step's products share one sample of each level. */
  Sampling sampling();

  /**
   * The same algorithm with hyperparameters that suit a problem: what it has where nobody gives
   * others. By default those of the usual names ({@link Scales.Usual}), for an algorithm that moves
   * x by a plain step.
   */
  @SuppressWarnings("unchecked") // implementations are records
  default BilevelAlgorithm<S> suitedTo(Scales scales) {
    return (BilevelAlgorithm<S>) Suited.to(scales, UpperStep.PLAIN, (Record) this);
  }
}
