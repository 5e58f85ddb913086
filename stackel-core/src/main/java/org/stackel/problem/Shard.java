package org.stackel.problem;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One rank's part of every batch: the elements at its places, or, where x is cut into parts, those
 * that it owns.
 *
 * @param rank this rank, from 0
 * @param count number of ranks
 * @param owned the examples that it owns; null if it takes its places
 */
public record Shard(int rank, int count, @Nullable Owned owned) {
  /** Everything: one process. */
  public static final Shard ALL = new Shard(0, 1);

  /**
   * Numbered examples in a row, whose numbers in x a rank has.
   *
   * @param first the first of them
   * @param end the one after the last
   * @param piece which of the slices of those in a batch, from 0
   * @param pieces number of slices
   */
  public record Owned(int first, int end, int piece, int pieces) {
    private int[] of(int[] batch) {
      int[] mine = Arrays.stream(batch).filter(i -> i >= first && i < end).toArray();
      return new Shard(piece, pieces).of(mine);
    }
  }

  public Shard {
    if (count < 1 || rank < 0 || rank >= count) {
      throw new IllegalArgumentException("No rank %d of %d.".formatted(rank, count));
    }
  }

  /** A rank that takes its places. */
  public Shard(int rank, int count) {
    this(rank, count, null);
  }

  /** The same rank with the examples {@code first … end-1} of every batch, wherever they are. */
  public Shard owning(int first, int end) {
    return new Shard(rank, count, new Owned(first, end, 0, 1));
  }

  /** One of {@code count} pieces of this rank's part; no later piece is larger. */
  public Shard piece(int number, int pieces) {
    return owned == null
        ? new Shard(rank + number * count, count * pieces)
        : new Shard(rank, count, new Owned(owned.first, owned.end, number, pieces));
  }

  /**
   * This rank's elements of the global batch: every {@code count}-th, from {@code rank} on, or
   * those that it owns, perhaps none.
   */
  public int[] of(int[] batch) {
    if (owned != null) {
      return owned.of(batch);
    }
    int[] part = new int[(batch.length - rank + count - 1) / count];
    for (int i = 0; i < part.length; i++) {
      part[i] = batch[rank + i * count];
    }
    return part;
  }

  /** Where the numbers of examples of this rank are in its x: the whole, or the part it owns. */
  public int[] inX(int[] examples) {
    return owned == null
        ? examples
        : Arrays.stream(examples).map(example -> example - owned.first).toArray();
  }
}
