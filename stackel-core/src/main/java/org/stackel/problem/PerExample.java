package org.stackel.problem;

/**
 * A problem whose x has one number for each example of the lower level, in the order of the
 * examples, so that several processes can each have a part of x: the numbers of the examples that
 * it owns ({@code docs/scaling.md}). The losses then see a part of x, and minibatches of these
 * examples. An algorithm with a memory for every minibatch needs one vector like x for all ({@link
 * org.stackel.algorithm.Saba}). The problem says by this interface that
 *
 * <ul>
 *   <li>the {@link #upperLayout()} is one vector, whose size is the number of lower examples;
 *   <li>g is a mean over examples, and of a minibatch depends on the numbers of its examples and on
 *       no others; f does not depend on x;
 *   <li>{@link #lowerBatch}, and {@link FiniteSum#lowerBlock} where there are blocks, take {@link
 *       Shard#of} of all drawn examples, and look for their numbers in x at {@link Shard#inX};
 *   <li>{@link #projectX} treats every number alike and by itself.
 * </ul>
 *
 * <p>{@link #evaluate} and {@link #finish} get all of x.
 *
 * @param <B> a minibatch
 */
public interface PerExample<B> extends BilevelProblem<B> {
  /**
   * Whether this is so of what is answered about a problem: noise on answers falls on every number
   * of x.
   */
  static boolean isHeldBy(BilevelProblem<?> problem) {
    return problem instanceof PerExample && problem.noise().equals(Noise.NONE);
  }

  /** Number of examples in every lower minibatch, before it is shared. */
  long lowerBatchSize();
}
