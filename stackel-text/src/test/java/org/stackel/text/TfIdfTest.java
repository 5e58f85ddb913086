package org.stackel.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Seed;

class TfIdfTest {
  private static final List<List<String>> TEXTS =
      List.of(List.of("b", "a", "b"), List.of("a", "c"), List.of("a", "b"));

  @Test
  void weighsByTheFormula() {
    TfIdf tfIdf = TfIdf.fit(TEXTS, 1);
    assertThat(tfIdf.words()).containsExactly("a", "b", "c");
    SparseRows rows = tfIdf.transform(TEXTS);
    double a = Math.log(4.0 / 4) + 1;
    double b = 2 * (Math.log(4.0 / 3) + 1);
    double norm = Math.sqrt(a * a + b * b);
    assertThat(rows.dense(0))
        .containsExactly(new float[] {(float) (a / norm), (float) (b / norm), 0}, within(1e-6f));
    assertThat(rows.rows()).isEqualTo(3);
    assertThat(rows.width()).isEqualTo(3);
    assertThat(rows.dense(2, 0)).hasSize(6).endsWith(rows.dense(0)).startsWith(rows.dense(2));
  }

  @Test
  void leavesOutRareAndNewWords() {
    TfIdf tfIdf = TfIdf.fit(TEXTS, 2);
    assertThat(tfIdf.words()).containsExactly("a", "b");
    SparseRows rows = tfIdf.transform(List.of(List.of("c", "z"), List.of("b", "z")));
    assertThat(rows.dense(0, 1)).containsExactly(0, 0, 0, 1);
    assertThatThrownBy(() -> TfIdf.fit(TEXTS, 4))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("No word stands in at least 4 of the 3 texts");
    assertThatThrownBy(() -> TfIdf.fit(TEXTS, 0)).hasMessageContaining("minTexts (0)");
  }

  @Test
  void findsTheWordsOfDefinitions() {
    List<Example> topics = WordNetText.topics(38, 400, new Seed(0));
    int[] order = new Seed(0).child("data").permutation(topics.size());
    List<List<String>> train =
        java.util.Arrays.stream(order)
            .limit(10_000)
            .mapToObj(i -> Tokenizer.words(topics.get(i).text()))
            .toList();
    assertThat(TfIdf.fit(train, 2).words().size()).isBetween(6_000, 8_000);
  }
}
