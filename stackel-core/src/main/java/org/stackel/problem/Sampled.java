package org.stackel.problem;

import org.stackel.tensor.Seed;

/**
 * A problem whose levels are finite sums of numbered samples.
 *
 * @param <B> a minibatch
 */
public interface Sampled<B> extends FiniteSum<B> {
  /** The samples of f. */
  Minibatches<B> upperSamples();

  /** The samples of g. */
  Minibatches<B> lowerSamples();

  @Override
  default B upperBatch(Seed draw, Shard shard) {
    return upperSamples().draw(draw, shard);
  }

  @Override
  default B lowerBatch(Seed draw, Shard shard) {
    return lowerSamples().draw(draw, shard);
  }

  @Override
  default Blocks upperBlocks() {
    return upperSamples().blocks();
  }

  @Override
  default Blocks lowerBlocks() {
    return lowerSamples().blocks();
  }

  @Override
  default B upperBlock(int block, Shard shard) {
    return upperSamples().block(block, shard);
  }

  @Override
  default B lowerBlock(int block, Shard shard) {
    return lowerSamples().block(block, shard);
  }

  @Override
  default long stepsPerEpoch() {
    return lowerBlocks().count();
  }
}
