package org.stackel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums are the same over plain arrays and by libtorch, and change none of their terms. */
class LinearSumTest {
  private StateScope scope;

  @BeforeEach
  void openScope() {
    scope = StateScope.open();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  private static double[] ramp(int size, double start) {
    double[] numbers = new double[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = start + i;
    }
    return numbers;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 128, 129, 1000})
  void isTheSameAtEverySize(int size) {
    for (Device device : new Device[] {Device.CPU, Device.CPU64}) {
      Tensor x = Tensors.of(device, ramp(size, 1));
      Tensor y = Tensors.of(device, ramp(size, -2));
      Tensor z = Tensors.of(device, ramp(size, .5));
      var inner = LinearSum.of(y).minus(z);
      Tensor sum = LinearSum.of(2, x).plus(-.5, inner).plus(3, z).get();
      double[] expected = new double[size];
      for (int i = 0; i < size; i++) {
        expected[i] = 2 * (1 + i) - .5 * -2.5 + 3 * (.5 + i);
      }
      assertThat(Tensors.toArray(sum)).containsExactly(expected, within(1e-9));
      assertThat(sum.element_size()).isEqualTo(x.element_size());
      assertThat(Tensors.toArray(x)).containsExactly(ramp(size, 1));
      assertThat(Tensors.toArray(z)).containsExactly(ramp(size, .5));
    }
  }

  @Test
  void oneTermIsANewVector() {
    Tensor x = Tensors.of(Device.CPU, 1, 2);
    LinearSum.of(x).get().zero_();
    assertThat(Tensors.toArray(x)).containsExactly(1, 2);
  }

  @Test
  void broadcastsAndPromotesAsLibtorchDoes() {
    Tensor x = Tensors.of(Device.CPU, 1, 2);
    Tensor sum = LinearSum.of(x).plus(2, Tensors.of(Device.CPU64, .1)).minus(x).get();
    assertThat(sum.element_size()).isEqualTo(8);
    assertThat(Tensors.toArray(sum)).containsExactly(new double[] {.2, .2}, within(1e-15));
  }

  @Test
  void keepsGraphs() {
    Tensor x = Tensors.of(Device.CPU64, 1, 2).set_requires_grad(true);
    Tensor y = Tensors.of(Device.CPU64, 3, 4);
    LinearSum.of(y).plus(2, y).plus(5, x).plus(y).get().sum().backward();
    assertThat(Tensors.toArray(x.grad())).containsExactly(5, 5);
  }

  @Test
  void overflowsAsTheTypeDoes() {
    Tensor x = Tensors.of(Device.CPU, 3e38);
    assertThat(Tensors.toArray(LinearSum.of(x).plus(x).get())).containsExactly(1 / 0.0);
    assertThat(Tensors.isFinite(LinearSum.of(x).plus(x).get())).isFalse();
    assertThat(Tensors.isFinite(LinearSum.of(x).plus(x).minus(x).get())).isTrue();
  }

  @Test
  void readsVectorsWithoutAGraphOnly() {
    assertThat(Plain.is(Tensors.of(Device.CPU, 1, 2))).isTrue();
    assertThat(Plain.is(Tensors.of(Device.CPU, 1, 2).set_requires_grad(true))).isFalse();
    assertThat(Plain.is(Tensors.zeros(Device.CPU, 2, 2))).isFalse();
    assertThat(Plain.is(Tensors.zeros(Device.CPU, 4, 2).select(1, 0))).as("strided").isFalse();
    assertThat(Plain.is(Tensors.indices(Device.CPU, new int[] {1}))).as("integers").isFalse();
    assertThat(Plain.is(Tensors.of(Device.CPU, 1).to(torch.ScalarType.Half))).isFalse();
    assertThat(Plain.is(Tensors.zeros(Device.CPU, 129))).as("too large").isFalse();
    Tensor part = Tensors.of(Device.CPU, 1, 2, 3).narrow(0, 1, 2);
    assertThat(Plain.read(part)).containsExactly(2, 3);
  }

  @Test
  void rowsAreReadWhereTheyLie() {
    for (Device device : new Device[] {Device.CPU, Device.CPU64}) {
      HostRows rows = HostRows.of(Tensors.of(device, ramp(6, 0)).view(3, 2));
      assertThat(rows.width()).isEqualTo(2);
      assertThat(rows.gather(new int[] {2, 0, 2})).containsExactly(4, 5, 0, 1, 4, 5);
    }
    assertThat(HostRows.of(Tensors.zeros(Device.CPU, 3, 2).t())).as("strided").isNull();
    assertThat(HostRows.of(Tensors.zeros(Device.CPU, 3))).as("a vector").isNull();
  }

  @Test
  void freedRowsAreNotRead() {
    HostRows rows =
        StateScope.nested(() -> new Held(HostRows.of(Tensors.zeros(Device.CPU, 3, 2)))).rows();
    assertThatThrownBy(() -> rows.gather(new int[] {0}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  private record Held(HostRows rows) {}
}
