package org.stackel.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class TextFeaturesTest {
  private static final WordVectors VECTORS =
      new VectorFile(
          2, Map.of("a", new float[] {1, 5}, "b", new float[] {3, 5}, "c", new float[] {-2, 5}));

  @Test
  void averagesWords() {
    MeanVectors means =
        MeanVectors.of(
            List.of(List.of("a", "b", "b", "z"), List.of("z"), List.of(), List.of("c")), VECTORS);
    assertThat(means.numbers()).containsExactly(7f / 3, 5, 0, 0, 0, 0, -2, 5);
    assertThat(means.texts()).isEqualTo(4);
    assertThat(means.unknown()).isEqualTo(2);
    assertThat(means.coverage()).isEqualTo(4.0 / 6);
  }

  @Test
  void scalesByTheTrainingTexts() {
    try (var scope = StateScope.open()) {
      MeanVectors train = MeanVectors.of(List.of(List.of("a"), List.of("b")), VECTORS);
      var scaling = TextFeatures.Scaling.of(train);
      assertThat(scaling.mean()).containsExactly(2, 5);
      assertThat(scaling.deviation()).containsExactly(1, 1); // the second is constant
      MeanVectors test = MeanVectors.of(List.of(List.of("c"), List.of("b")), VECTORS);
      var features = scaling.apply(test, Device.CPU64);
      assertThat(Tensors.shape(features)).containsExactly(2L, 3L);
      assertThat(Tensors.toArray(features))
          .containsExactly(new double[] {-0.4, 0, 1, 0.1, 0, 1}, within(1e-12));
    }
  }

  @Test
  void numbersWords() {
    try (var scope = StateScope.open()) {
      Vocabulary vocabulary = Vocabulary.of(List.of("b", "a"));
      var tokens =
          TextFeatures.tokens(
              List.of(List.of("a", "z", "b", "a"), List.of("b"), List.of()),
              vocabulary,
              3,
              Device.CPU);
      assertThat(Tensors.shape(tokens.ids())).containsExactly(3L, 3L);
      assertThat(Tensors.toLongs(tokens.ids())).containsExactly(3, 1, 2, 2, 0, 0, 1, 0, 0);
      assertThat(tokens.lengths()).containsExactly(3, 1, 1);
    }
  }

  @Test
  void fillsTheTable() {
    try (var scope = StateScope.open()) {
      var table = TextFeatures.table(Vocabulary.of(List.of("c", "z", "a")), VECTORS, Device.CPU);
      assertThat(Tensors.shape(table)).containsExactly(5L, 2L);
      assertThat(Tensors.toArray(table)).containsExactly(0, 0, 0, 0, -2, 5, 0, 0, 1, 5);
    }
  }

  @Test
  void unpacksSparseRows() {
    try (var scope = StateScope.open()) {
      var rows =
          new SparseRows(3, new int[] {0, 1, 1, 3}, new int[] {2, 0, 1}, new float[] {7, 8, 9});
      var dense = TextFeatures.dense(rows, new int[] {2, 1, 0}, Device.CPU);
      assertThat(Tensors.shape(dense)).containsExactly(3L, 4L);
      assertThat(Tensors.toArray(dense)).containsExactly(8, 9, 0, 1, 0, 0, 0, 1, 0, 0, 7, 1);
    }
  }

  @Test
  void idsHaveTheLengthsOfTheirTexts() {
    Vocabulary vocabulary = Vocabulary.of(List.of("cat", "sat"));
    List<int[]> ids =
        TextFeatures.ids(
            List.of(List.of("cat", "dog", "sat"), List.of(), List.of("sat")), vocabulary, 2);
    assertThat(ids.get(0)).containsExactly(2, Vocabulary.UNKNOWN);
    assertThat(ids.get(1)).containsExactly(Vocabulary.UNKNOWN);
    assertThat(ids.get(2)).containsExactly(3);
  }
}
