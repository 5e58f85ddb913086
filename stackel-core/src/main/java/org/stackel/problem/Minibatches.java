package org.stackel.problem;

import java.util.function.Function;
import org.stackel.tensor.Seed;

/**
 * The samples of one level and the minibatches that are made of them.
 *
 * @param samples how many there are
 * @param batch how many make a minibatch; 0 for all
 * @param whole all of them, made once
 * @param take those of some numbers
 */
record Minibatches<B>(int samples, int batch, B whole, Function<int[], B> take) {
  private int size() {
    return batch == 0 ? samples : Math.min(batch, samples);
  }

  private boolean isWhole(Shard shard) {
    return size() == samples && shard.count() == 1;
  }

  /** This shard's part of the minibatch that the seed draws, without replacement. */
  B draw(Seed draw, Shard shard) {
    return isWhole(shard) ? whole : take.apply(shard.of(draw.sample(samples, size())));
  }

  /** How the samples are cut. */
  Blocks blocks() {
    return Blocks.ofSize(samples, size());
  }

  /** This shard's part of a block. */
  B block(int block, Shard shard) {
    return isWhole(shard) ? whole : take.apply(shard.of(blocks().examplesOf(block)));
  }
}
