package org.stackel.problem;

/**
 * A problem whose losses are finite sums: the examples of each level are cut into numbered blocks,
 * once, and each loss is the mean of its blocks' losses, weighted with the blocks' sizes.
 * Algorithms with a memory for every minibatch require this. A loss without samples is one block.
 *
 * @param <B> a minibatch
 */
public interface FiniteSum<B> extends BilevelProblem<B> {
  /** How the upper examples are cut. */
  Blocks upperBlocks();

  /** How the lower examples are cut. */
  Blocks lowerBlocks();

  /** This shard's part of a block of the upper level. */
  B upperBlock(int block, Shard shard);

  /** This shard's part of a block of the lower level. */
  B lowerBlock(int block, Shard shard);
}
