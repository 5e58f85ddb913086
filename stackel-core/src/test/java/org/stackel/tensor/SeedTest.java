package org.stackel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeedTest {
  /** A change of these numbers changes every published run. */
  @Test
  void derivesTheSameSeedsForever() {
    assertThat(new Seed(0).child("step").value()).isEqualTo(STEP);
    assertThat(new Seed(42).child("step").child(17).child("lower").child(3).value())
        .isEqualTo(DRAW);
    assertThat(new Seed(1).generator().nextLong()).isEqualTo(FIRST);
    assertThat(new Seed(5).permutation(7)).containsExactly(PERMUTATION);
    assertThat(new Seed(5).sample(100, 5)).containsExactly(SAMPLE);
  }

  private static final long STEP = 0x8bca9a2f140c7cbeL;
  private static final long DRAW = 0x9e5da378a0f30cdaL;
  private static final long FIRST = 0xbfef8030ddc2d772L;
  private static final int[] PERMUTATION = {0, 2, 1, 4, 5, 6, 3};
  private static final int[] SAMPLE = {30, 83, 3, 5, 24};

  @Test
  void givesDifferentSeedsToDifferentRolesAndNumbers() {
    var seen = new HashSet<Long>();
    int count = 0;
    for (long run = -2; run < 8; run++) {
      var seed = new Seed(run);
      for (String role : new String[] {"", "a", "b", "ab", "ba", "start", "data", "step"}) {
        seen.add(seed.child(role).value());
        count++;
      }
      for (long i = -3; i < 2000; i++) {
        seen.add(seed.child(i).value());
        seen.add(seed.child("step").child(i).value());
        count += 2;
      }
    }
    assertThat(seen).hasSize(count);
  }

  @Test
  void changesHalfOfTheBitsFromOneNumberToTheNext() {
    double flipped =
        IntStream.range(0, 1000)
            .map(i -> Long.bitCount(child(i) ^ child(i + 1)))
            .average()
            .orElseThrow();
    assertThat(flipped).isCloseTo(32, within(0.7)); // five standard errors: 5 · 4 / √1000
  }

  private static long child(long i) {
    return new Seed(0).child(i).value();
  }

  @Test
  void permutesEveryNumberOnce() {
    for (int n : new int[] {0, 1, 2, 101}) {
      assertThat(Arrays.stream(new Seed(n).permutation(n)).sorted())
          .containsExactlyElementsOf(IntStream.range(0, n).boxed().toList());
    }
  }

  @Test
  void putsEveryNumberEverywhereEquallyOften() {
    int n = 5;
    int runs = 20_000;
    int[][] counts = new int[n][n];
    for (int run = 0; run < runs; run++) {
      int[] order = new Seed(run).permutation(n);
      for (int i = 0; i < n; i++) {
        counts[i][order[i]]++;
      }
    }
    assertEqualShares(counts, runs / (double) n);
  }

  @ParameterizedTest
  @CsvSource({"7,0", "7,1", "7,6", "7,7", "7,9", "1000,17"})
  void samplesDifferentNumbers(int n, int k) {
    int[] sample = new Seed(3).sample(n, k);
    assertThat(sample).hasSize(Math.min(n, k)).doesNotHaveDuplicates();
    assertThat(Arrays.stream(sample).allMatch(i -> i >= 0 && i < n)).isTrue();
    assertThat(new Seed(3).sample(n, k)).isEqualTo(sample);
  }

  @Test
  void samplesEveryNumberAtEveryPlaceEquallyOften() {
    int n = 7;
    int k = 3;
    int runs = 20_000;
    int[][] counts = new int[k][n];
    for (int run = 0; run < runs; run++) {
      int[] sample = new Seed(run).sample(n, k);
      for (int i = 0; i < k; i++) {
        counts[i][sample[i]]++;
      }
    }
    assertEqualShares(counts, runs / (double) n);
  }

  /** Five standard deviations of a count. */
  private static void assertEqualShares(int[][] counts, double expected) {
    for (int[] row : counts) {
      for (int count : row) {
        assertThat((double) count).isCloseTo(expected, within(5 * Math.sqrt(expected)));
      }
    }
  }

  @Test
  void drawsNormalNumbersFromTheSeedAlone() {
    try (var scope = StateScope.open()) {
      double[] numbers = Tensors.toArray(Tensors.randn(new Seed(9), Device.CPU64, 40_000));
      Tensors.randn(new Seed(10), Device.CPU64, 3); // leaves no trace
      assertThat(Tensors.toArray(Tensors.randn(new Seed(9), Device.CPU64, 40_000)))
          .isEqualTo(numbers);
      double mean = Arrays.stream(numbers).average().orElseThrow();
      double square = Arrays.stream(numbers).map(a -> a * a).average().orElseThrow();
      assertThat(mean).isCloseTo(0, within(0.025)); // five standard errors
      assertThat(square).isCloseTo(1, within(0.036));
      assertThat(Tensors.toArray(Tensors.randn(new Seed(11), Device.CPU64, 40_000)))
          .isNotEqualTo(numbers);
      float rounded = (float) numbers[0];
      assertThat(Tensors.item(Tensors.randn(new Seed(9), Device.CPU, 40_000).narrow(0, 0, 1)))
          .isEqualTo(rounded);
    }
  }

  @Test
  void drawsUniformNumbersWithinTheBound() {
    try (var scope = StateScope.open()) {
      double[] numbers = Tensors.toArray(Tensors.uniform(new Seed(9), 0.3, Device.CPU64, 10_000));
      assertThat(Arrays.stream(numbers).min().orElseThrow()).isBetween(-0.3, -0.299);
      assertThat(Arrays.stream(numbers).max().orElseThrow()).isBetween(0.299, 0.3);
      double mean = Arrays.stream(numbers).average().orElseThrow();
      assertThat(mean).isCloseTo(0, within(5 * 0.3 / Math.sqrt(3 * 10_000.0)));
    }
  }
}
