package org.stackel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;

class LayoutTest {
  private static final Layout HEAD =
      Layout.EMPTY.with("weight", 2, 3).with("bias", 2).with("scale");

  @Test
  void countsNumbers() {
    assertThat(HEAD.size()).isEqualTo(9);
    assertThat(HEAD.parts()).extracting(Layout.Part::size).containsExactly(6L, 2L, 1L);
    assertThat(Layout.vector("x", 5).size()).isEqualTo(5);
    assertThat(Layout.EMPTY.size()).isZero();
  }

  @Test
  void prefixesNames() {
    Layout both = Layout.EMPTY.with("a", HEAD).with("b", HEAD).with("last", 7);
    assertThat(both.parts())
        .extracting(Layout.Part::name)
        .containsExactly("a.weight", "a.bias", "a.scale", "b.weight", "b.bias", "b.scale", "last");
    assertThat(both.size()).isEqualTo(25);
  }

  @Test
  void splitsIntoViewsOfTheSameStorage() {
    try (var scope = StateScope.open()) {
      var flat = Tensors.of(Device.CPU64, 0, 1, 2, 3, 4, 5, 6, 7, 8);
      var parts = HEAD.split(flat);
      assertThat(parts)
          .extracting(Tensors::shape)
          .containsExactly(List.of(2L, 3L), List.of(2L), List.of());
      assertThat(Tensors.toArray(parts.get(0))).containsExactly(0, 1, 2, 3, 4, 5);
      assertThat(Tensors.toArray(parts.get(1))).containsExactly(6, 7);
      assertThat(Tensors.toArray(parts.get(2))).containsExactly(8);
      parts.get(1).fill_(new Scalar(-1.0));
      assertThat(Tensors.toArray(flat)).containsExactly(0, 1, 2, 3, 4, 5, -1, -1, 8);
      var only = Layout.vector("all", 9).split(flat).get(0);
      only.fill_(new Scalar(5.0));
      assertThat(Tensors.item(parts.get(2))).isEqualTo(5);
    }
  }

  @Test
  void splitsNothing() {
    try (var scope = StateScope.open()) {
      assertThat(Layout.EMPTY.split(Tensors.zeros(Device.CPU64, 0))).isEmpty();
    }
  }

  @Test
  void refusesVectorsOfAnotherSize() {
    try (var scope = StateScope.open()) {
      assertThatThrownBy(() -> HEAD.split(Tensors.zeros(Device.CPU64, 8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("9", "weight", "[8]");
      assertThatThrownBy(() -> HEAD.split(Tensors.zeros(Device.CPU64, 3, 3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[3, 3]");
    }
  }

  @Test
  void refusesTwoPartsOfOneNameAndNegativeSizes() {
    assertThatThrownBy(() -> HEAD.with("bias", 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bias");
    assertThatThrownBy(() -> HEAD.with("tail", 3, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tail");
  }
}
