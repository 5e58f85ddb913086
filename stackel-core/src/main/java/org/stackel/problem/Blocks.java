package org.stackel.problem;

import org.stackel.config.Rules;
import org.stackel.tensor.Seed;

/**
 * A fixed partition of the examples 0 … n-1 into numbered minibatches: block i has the examples i,
 * i + count, i + 2 count, … So sizes differ by one at most, and a sorted file leaves no block with
 * one class.
 *
 * @param examples n, at least 1
 * @param count number of blocks, from 1 to n
 */
public record Blocks(int examples, int count) {
  /** Everything in one block. */
  public static final Blocks ONE = new Blocks(1, 1);

  public Blocks {
    var rules = new Rules("the blocks");
    rules.atLeast("count", count, 1);
    rules.atLeast("examples", examples, count);
  }

  /** As few blocks as have no more than {@code size} examples each. */
  public static Blocks ofSize(int examples, int size) {
    return new Blocks(examples, (int) ((examples + (long) size - 1) / size));
  }

  /** The examples of a block. */
  public int[] examplesOf(int block) {
    int[] numbers = new int[sizeOf(block)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = block + i * count;
    }
    return numbers;
  }

  /** The block's share of the examples. */
  public double weight(int block) {
    return (double) sizeOf(block) / examples;
  }

  /** Number of the block's examples. */
  public int sizeOf(int block) {
    return (examples - block + count - 1) / count;
  }

  /** A block, drawn with its weight as probability. */
  public int draw(Seed seed) {
    return seed.generator().nextInt(examples) % count;
  }
}
