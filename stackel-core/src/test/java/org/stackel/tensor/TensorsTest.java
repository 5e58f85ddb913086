package org.stackel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorsTest {
  private StateScope scope;

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void numbersSurviveTheWayInAndOut() {
    double[] hard = {0, -0.0, 1.0 / 3, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN};
    assertThat(Tensors.toArray(Tensors.of(Device.CPU64, hard))).containsExactly(hard);
    assertThat(Tensors.toArray(Tensors.of(Device.CPU, 1.0 / 3))).containsExactly((float) (1.0 / 3));
    float[] floats = {1.5f, Float.MIN_VALUE};
    assertThat(Tensors.toArray(Tensors.of(Device.CPU64, floats, 2)))
        .containsExactly(1.5, Float.MIN_VALUE);
    int[] whole = {Integer.MIN_VALUE, 0, Integer.MAX_VALUE};
    assertThat(Tensors.toLongs(Tensors.indices(Device.CPU, whole)))
        .containsExactly(Integer.MIN_VALUE, 0, Integer.MAX_VALUE);
    assertThat(Tensors.toArray(Tensors.of(Device.CPU64))).isEmpty();
    assertThat(Tensors.shape(Tensors.of(Device.CPU64))).containsExactly(0L);
  }

  @Test
  void numbersAreCopiedNotShared() {
    double[] numbers = {1, 2};
    var tensor = Tensors.of(Device.CPU64, numbers);
    numbers[0] = 9;
    assertThat(Tensors.toArray(tensor)).containsExactly(1, 2);
  }

  @Test
  void rowsComeOutInOrderWhateverTheStrides() {
    var matrix = Tensors.of(Device.CPU64, new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
    assertThat(Tensors.shape(matrix)).isEqualTo(List.of(2L, 3L));
    assertThat(Tensors.toArray(matrix.t())).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(Tensors.toLongs(Tensors.indices(Device.CPU, new int[] {1, 2, 3, 4}, 2, 2).t()))
        .containsExactly(1, 3, 2, 4);
  }

  @Test
  void refusesShapesThatReadBeyondTheNumbers() {
    assertThatThrownBy(() -> Tensors.of(Device.CPU64, new double[3], 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("3 numbers", "[2, 2]");
    assertThatThrownBy(() -> Tensors.of(Device.CPU64, new float[5], 2, 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Tensors.indices(Device.CPU, new int[3], 4))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsThroughAGraph() {
    var leaf = Tensors.of(Device.CPU64, 2).set_requires_grad(true);
    assertThat(Tensors.item(leaf.mul(leaf).sum())).isEqualTo(4);
    assertThat(Tensors.toArray(leaf.mul(leaf))).containsExactly(4);
  }

  @Test
  void makesConstants() {
    assertThat(Tensors.toArray(Tensors.zeros(Device.CPU64, 2))).containsExactly(0, 0);
    assertThat(Tensors.toArray(Tensors.full(Device.CPU64, 7, 2))).containsExactly(7, 7);
    var single = Tensors.zerosLike(Tensors.full(Device.CPU, 7, 3));
    assertThat(single.scalar_type().intern()).isEqualTo(Device.CPU.type());
    assertThat(Tensors.toArray(single)).containsExactly(0, 0, 0);
  }

  @Test
  void calculates() {
    var x = Tensors.of(Device.CPU64, 1, 2);
    var y = Tensors.of(Device.CPU64, 10, 20);
    assertThat(Tensors.toArray(Tensors.axpy(y, 3, x))).containsExactly(13, 26);
    assertThat(Tensors.toArray(Tensors.scale(-2, x))).containsExactly(-2, -4);
    assertThat(Tensors.toArray(Tensors.combine(2, x, 3, y))).containsExactly(32, 64);
    assertThat(Tensors.item(Tensors.norm(Tensors.of(Device.CPU64, 3, 4)))).isEqualTo(5);
    assertThat(Tensors.item(Tensors.maxNorm(Tensors.of(Device.CPU64, 3, -4)))).isEqualTo(4);
    assertThat(Tensors.item(Tensors.maxNorm(Tensors.zeros(Device.CPU64, 0)))).isZero();
    assertThat(Tensors.toArray(Tensors.concat(x, y))).containsExactly(1, 2, 10, 20);
    assertThat(Tensors.toArray(x)).as("nothing in place").containsExactly(1, 2);
  }

  @ParameterizedTest
  @EnumSource
  void knowsWhatIsFinite(Device.Precision precision) {
    var device = new Device(Device.Kind.CPU, precision);
    double big = precision == Device.Precision.FLOAT32 ? Float.MAX_VALUE : Double.MAX_VALUE;
    double infinite = Double.POSITIVE_INFINITY;
    assertThat(Tensors.isFinite(Tensors.of(device, 1, -2))).isTrue();
    assertThat(Tensors.isFinite(Tensors.zeros(device, 0))).isTrue();
    assertThat(Tensors.isFinite(Tensors.of(device, big, big, big))).as("sum overflows").isTrue();
    assertThat(Tensors.isFinite(Tensors.of(device, 1, Double.NaN))).isFalse();
    assertThat(Tensors.isFinite(Tensors.of(device, 1, infinite))).isFalse();
    assertThat(Tensors.isFinite(Tensors.of(device, infinite, -infinite))).isFalse();
    assertThat(Tensors.isFinite(Tensors.indices(device, new int[] {1}))).isTrue();
  }

  @Test
  void placesInAnotherPrecision() {
    var single = Tensors.place(Tensors.of(Device.CPU64, 0.1), Device.CPU);
    assertThat(Tensors.item(single)).isEqualTo(0.1f).isNotEqualTo(0.1);
    assertThat(Tensors.item(Tensors.place(single, Device.CPU64))).isCloseTo(0.1, within(1e-8));
  }
}
