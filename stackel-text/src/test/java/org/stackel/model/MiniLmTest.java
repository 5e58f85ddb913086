package org.stackel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The pretrained encoder against embeddings that other software computed. */
class MiniLmTest {
  private static final List<String> TEXTS =
      List.of(
          "A cat sits on the mat.",
          "A kitten is resting on a rug.",
          "The stock market crashed yesterday.");

  private StateScope scope = StateScope.open();

  @BeforeEach
  void open() {
    assumeTrue(MiniLm.isAvailable(), "The weights of MiniLM are not on the class path.");
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void embedsSentences() {
    try (var tokenizer = MiniLm.tokenizer(512)) {
      assertThat(tokenizer.size()).isEqualTo(30_522);
      List<int[]> ids = tokenizer.ids(TEXTS);
      assertThat(ids.get(0)).containsExactly(101, 1037, 4937, 7719, 2006, 1996, 13523, 1012, 102);
      assertThat(ids.get(1))
          .containsExactly(101, 1037, 18401, 2003, 8345, 2006, 1037, 20452, 1012, 102);
      assertThat(ids.get(2)).containsExactly(101, 1996, 4518, 3006, 8007, 7483, 1012, 102);
      double[][] rows = embeddings(ids);
      assertThat(Arrays.copyOf(rows[0], 6))
          .containsExactly(
              new double[] {.126535, -.032851, -.029060, .044407, -.043445, .032097}, within(1e-5));
      assertThat(Arrays.copyOf(rows[1], 6))
          .containsExactly(
              new double[] {.075357, .015110, .012094, .060790, -.004022, .056365}, within(1e-5));
      assertThat(Arrays.copyOf(rows[2], 6))
          .containsExactly(
              new double[] {.064688, -.026697, .030995, .054776, .007545, -.015382}, within(1e-5));
      assertThat(dot(rows[0], rows[1])).isCloseTo(.655289, within(1e-5));
      assertThat(dot(rows[0], rows[2])).isCloseTo(.115432, within(1e-5));
    }
  }

  /** One batch, padded; of norm 1. */
  private static double[][] embeddings(List<int[]> ids) {
    List<Tensor> parts = MiniLm.ENCODER.layout().split(MiniLm.parameters(Device.CPU));
    Tensor features = MiniLm.ENCODER.features(parts, new Inputs.Tokens(ids, Device.CPU).all());
    return Arrays.stream(new int[] {0, 1, 2})
        .mapToObj(i -> features.select(0, i))
        .map(row -> Tensors.toArray(row.div(Tensors.norm(row))))
        .toArray(double[][]::new);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
