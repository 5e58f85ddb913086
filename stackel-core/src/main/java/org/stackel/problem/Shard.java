package org.stackel.problem;

/**
 * One rank's part of every batch.
 *
 * @param rank this rank, from 0
 * @param count number of ranks
 */
public record Shard(int rank, int count) {
  /** Everything: one process. */
  public static final Shard ALL = new Shard(0, 1);

  public Shard {
    if (count < 1 || rank < 0 || rank >= count) {
      throw new IllegalArgumentException("No rank %d of %d.".formatted(rank, count));
    }
  }

  /** One of {@code count} pieces of this rank's part; no later piece is larger. */
  public Shard piece(int number, int pieces) {
    return new Shard(rank + number * count, count * pieces);
  }

  /** This rank's elements of the global batch: every {@code count}-th, from {@code rank} on. */
  public int[] of(int[] batch) {
    int[] part = new int[(batch.length - rank + count - 1) / count];
    for (int i = 0; i < part.length; i++) {
      part[i] = batch[rank + i * count];
    }
    return part;
  }
}
