package org.stackel.data;

/** NumPy's {@code RandomState(seed)}: the Mersenne Twister, and the polar method of normals. */
final class NumpyRandom {
  private static final int SIZE = 624;
  private static final int SHIFT = 397;

  private final int[] words = new int[SIZE];
  private int next = SIZE;
  private double spare = Double.NaN;

  NumpyRandom(int seed) {
    words[0] = seed;
    for (int i = 1; i < SIZE; i++) {
      words[i] = 1812433253 * (words[i - 1] ^ (words[i - 1] >>> 30)) + i;
    }
  }

  private int word() {
    if (next == SIZE) {
      renew();
      next = 0;
    }
    int w = words[next++];
    w ^= w >>> 11;
    w ^= (w << 7) & 0x9d2c5680;
    w ^= (w << 15) & 0xefc60000;
    return w ^ (w >>> 18);
  }

  private void renew() {
    for (int i = 0; i < SIZE; i++) {
      int w = (words[i] & 0x80000000) | (words[(i + 1) % SIZE] & 0x7fffffff);
      words[i] = words[(i + SHIFT) % SIZE] ^ (w >>> 1) ^ ((w & 1) * 0x9908b0df);
    }
  }

  private double uniform() {
    return ((word() >>> 5) * 67108864.0 + (word() >>> 6)) / 9007199254740992.0;
  }

  private double normal() {
    if (!Double.isNaN(spare)) {
      double kept = spare;
      spare = Double.NaN;
      return kept;
    }
    double a;
    double b;
    double square;
    do {
      a = 2 * uniform() - 1;
      b = 2 * uniform() - 1;
      square = a * a + b * b;
    } while (square >= 1 || square == 0);
    double factor = Math.sqrt(-2 * Math.log(square) / square);
    spare = factor * a;
    return factor * b;
  }

  /** {@code randn(n)}. */
  double[] normal(int n) {
    var values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = normal();
    }
    return values;
  }

  /** {@code permutation(n)}. */
  int[] permutation(int n) {
    var order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int mask = (Integer.highestOneBit(i) << 1) - 1;
      int j;
      do {
        j = word() & mask;
      } while (j > i);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
