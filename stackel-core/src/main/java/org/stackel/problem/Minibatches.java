package org.stackel.problem;

import java.util.function.Function;
import org.stackel.tensor.Seed;

/**
 * Minibatches of one level: drawn without replacement, in equal shares.
 *
 * @param samples how many there are
 * @param batch how many make a minibatch; 0 for all
 * @param whole all of them, made once
 * @param take those of some numbers
 */
record Minibatches<B>(int samples, int batch, B whole, Function<int[], B> take) {
  /** Samples of a minibatch. */
  int size() {
    return batch == 0 ? samples : Math.min(batch, samples);
  }

  /** Steps in which as many samples are drawn as there are. */
  long perEpoch() {
    return (samples + size() - 1L) / size();
  }

  /** This shard's part of the minibatch that the seed draws. */
  B draw(Seed draw, Shard shard) {
    return size() == samples && shard.count() == 1
        ? whole
        : take.apply(shard.of(draw.sample(samples, size())));
  }
}
