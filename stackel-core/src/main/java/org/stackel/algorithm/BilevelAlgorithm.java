package org.stackel.algorithm;

import org.jspecify.annotations.Nullable;
import org.stackel.hypergradient.HypergradientEstimator;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;
import org.stackel.theory.Analysis;
import org.stackel.theory.TheoryPlan;

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

  /** The solution of the linear system that the state carries; null if it carries none. */
  default @Nullable Carried<S> carried() {
    return null;
  }

  /** The estimator of the hypergradient in step t, from 0 on; null if it is none by itself. */
  default @Nullable HypergradientEstimator estimator(long t) {
    return null;
  }

  /**
   * Whether its momenta are recursive: a step corrects them with estimates at the new and at an
   * earlier point on the same samples. A check then looks at the samples of a step.
   */
  default boolean reusesSamples() {
    return false;
  }

  /**
   * The hyperparameters that the algorithm's analysis asks for; null if there is no such schedule.
   *
   * @param analysis the problem's constants, the accuracy to be reached, and what follows from them
   */
  default @Nullable TheoryPlan theory(Analysis analysis) {
    return null;
  }
}
