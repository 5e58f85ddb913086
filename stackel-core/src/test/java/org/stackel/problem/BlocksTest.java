package org.stackel.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.tensor.Seed;

class BlocksTest {
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "7, 3, 3", "7, 7, 1", "7, 100, 1", "7, 1, 7", "60, 13, 5", "12, 4, 3"})
  void everyExampleIsInOneBlock(int examples, int size, int count) {
    var blocks = Blocks.ofSize(examples, size);
    assertThat(blocks.count()).isEqualTo(count);
    int[] all =
        IntStream.range(0, count).flatMap(i -> Arrays.stream(blocks.examplesOf(i))).toArray();
    assertThat(all).containsExactlyInAnyOrder(IntStream.range(0, examples).toArray());
    double weight = 0;
    for (int i = 0; i < count; i++) {
      int length = blocks.examplesOf(i).length;
      assertThat(length).isBetween(examples / count, Math.min(size, examples / count + 1));
      assertThat(blocks.weight(i)).isCloseTo((double) length / examples, within(1e-15));
      weight += blocks.weight(i);
    }
    assertThat(weight).isCloseTo(1, within(1e-14));
  }

  @Test
  void blocksAreDrawnByTheirSizes() {
    var blocks = new Blocks(5, 3); // 2, 2, 1
    int[] counts = new int[3];
    for (int i = 0; i < 20_000; i++) {
      counts[blocks.draw(new Seed(1).child(i))]++;
    }
    for (int i = 0; i < 3; i++) {
      assertThat(counts[i] / 20_000.0).isCloseTo(blocks.weight(i), within(.018));
    }
  }

  @Test
  void thereIsNoEmptyBlock() {
    assertThatThrownBy(() -> new Blocks(3, 4)).hasMessageContaining("examples (3)");
    assertThatThrownBy(() -> new Blocks(3, 0)).hasMessageContaining("count (0)");
  }
}
