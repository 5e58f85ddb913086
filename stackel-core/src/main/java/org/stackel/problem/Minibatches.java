package org.stackel.problem;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Seed;

/**
 * The samples of one level and the minibatches that are made of them.
 *
 * @param samples how many there are
 * @param batch how many make a minibatch; 0 for all
 * @param whole all of them, made once; null if that is too much to hold
 * @param take those of some numbers
 */
public record Minibatches<B>(int samples, int batch, @Nullable B whole, Function<int[], B> take) {
  /** Of samples that are never held all at once. */
  static <B> Minibatches<B> of(int samples, int batch, Function<int[], B> take) {
    return new Minibatches<>(samples, batch, null, take);
  }

  private int size() {
    return batch == 0 ? samples : Math.min(batch, samples);
  }

  private @Nullable B wholeOf(Shard shard) {
    return size() == samples && shard.count() == 1 ? whole : null;
  }

  /** This shard's part of the minibatch that the seed draws, without replacement. */
  B draw(Seed draw, Shard shard) {
    B all = wholeOf(shard);
    return all == null ? take.apply(shard.of(draw.sample(samples, size()))) : all;
  }

  /** How the samples are cut. */
  Blocks blocks() {
    return Blocks.ofSize(samples, size());
  }

  /** This shard's part of a block. */
  B block(int block, Shard shard) {
    B all = wholeOf(shard);
    return all == null ? take.apply(shard.of(blocks().examplesOf(block))) : all;
  }
}
