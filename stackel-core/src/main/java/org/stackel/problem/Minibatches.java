package org.stackel.problem;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Seed;

/**
 * The samples of one level and their minibatches.
 *
 * @param samples number of samples
 * @param batch samples per minibatch; 0 for all
 * @param whole all samples in one minibatch, created once; null if they are too large to hold
 * @param take the samples of the given indices
 */
public record Minibatches<B>(int samples, int batch, @Nullable B whole, Function<int[], B> take) {
  /** Samples that are never held all at once. */
  public static <B> Minibatches<B> of(int samples, int batch, Function<int[], B> take) {
    return new Minibatches<>(samples, batch, null, take);
  }

  /** Samples per minibatch: all if there are no more. */
  public int size() {
    return batch == 0 ? samples : Math.min(batch, samples);
  }

  private @Nullable B wholeOf(Shard shard) {
    return size() == samples && shard.count() == 1 ? whole : null;
  }

  /** This shard's part of the minibatch that the seed draws, without replacement. */
  public B draw(Seed draw, Shard shard) {
    B all = wholeOf(shard);
    return all == null ? take.apply(shard.of(draw.sample(samples, size()))) : all;
  }

  /** How the samples are cut. */
  public Blocks blocks() {
    return Blocks.ofSize(samples, size());
  }

  /** This shard's part of a block. */
  public B block(int block, Shard shard) {
    B all = wholeOf(shard);
    return all == null ? take.apply(shard.of(blocks().examplesOf(block))) : all;
  }
}
