package org.stackel.tensor;

import java.util.SplittableRandom;

/**
 * A seed from which others are derived by role or number. Randomness in Stackel is a pure function
 * of such a path: run seed, {@code "step"}, step number, draw number. Nothing keeps a generator.
 *
 * @param value 64 bits, mixed before use, so that 0, 1, 2 … are as good as any
 */
public record Seed(long value) {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  /** The seed of a role, such as {@code "data"}. */
  public Seed child(String role) {
    long hash = 0xCBF29CE484222325L; // FNV-1a over UTF-16 units: the same on every platform
    for (int i = 0; i < role.length(); i++) {
      hash = (hash ^ role.charAt(i)) * 0x100000001B3L;
    }
    return new Seed(mix(mix(value + GAMMA) ^ hash));
  }

  /** The seed of a number, such as a step. */
  public Seed child(long index) {
    return new Seed(mix(mix(value + GAMMA) + GAMMA * (2 * index + 1)));
  }

  /** A new generator, at its initial state. */
  public SplittableRandom generator() {
    return new SplittableRandom(mix(value));
  }

  /** The numbers 0 … n-1 in random order. */
  public int[] permutation(int n) {
    var generator = generator();
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = generator.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** k different numbers out of 0 … n-1, in random order; all of them if k is at least n. */
  public int[] sample(int n, int k) {
    if (k >= n) {
      return permutation(n);
    }
    if (k == 0) {
      return new int[0];
    }
    // Floyd's method: k draws, whatever n is; then an order of its own.
    var generator = generator();
    int[] sample = new int[k];
    int[] chosen = new int[(int) Math.min(1L << 30, 4L * Integer.highestOneBit(k))]; // 0: free
    for (int i = 0; i < k; i++) {
      int j = n - k + i;
      int candidate = generator.nextInt(j + 1);
      if (add(chosen, candidate)) {
        sample[i] = candidate;
      } else {
        sample[i] = j;
        add(chosen, j);
      }
    }
    for (int i = k - 1; i > 0; i--) {
      int j = generator.nextInt(i + 1);
      int swap = sample[i];
      sample[i] = sample[j];
      sample[j] = swap;
    }
    return sample;
  }

  /** Adds a number to a table that it does not fill; false if it was there before. */
  private static boolean add(int[] table, int number) {
    int mask = table.length - 1;
    int at = (number * 0x9E3779B9) >>> 7 & mask;
    while (table[at] != 0) {
      if (table[at] == number + 1) {
        return false;
      }
      at = (at + 1) & mask;
    }
    table[at] = number + 1;
    return true;
  }

  private static long mix(long z) { // finaliser of SplitMix64
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
