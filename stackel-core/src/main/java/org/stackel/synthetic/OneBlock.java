package org.stackel.synthetic;

import org.stackel.problem.Blocks;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Shard;
import org.stackel.tensor.Seed;

/**
 * Losses without samples, in one block. The batch is the seed of the noise that the oracle adds.
 */
interface OneBlock extends FiniteSum<Seed> {
  @Override
  default Seed upperBatch(Seed draw, Shard shard) {
    return draw;
  }

  @Override
  default Seed lowerBatch(Seed draw, Shard shard) {
    return draw;
  }

  @Override
  default Blocks upperBlocks() {
    return Blocks.ONE;
  }

  @Override
  default Blocks lowerBlocks() {
    return Blocks.ONE;
  }

  @Override
  default Seed upperBlock(int block, Shard shard) {
    return new Seed(block);
  }

  @Override
  default Seed lowerBlock(int block, Shard shard) {
    return new Seed(block);
  }
}
