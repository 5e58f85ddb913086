package org.stackel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.stackel.model.Transformer.Norm;
import org.stackel.model.Transformer.Pooler;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Texts in groups of like length against all of them at the length of the longest. */
class ByLengthTest {
  private static final Device DEVICE = Device.CPU64;
  private static final int TEXTS = 60;
  private static final int TIME = 17;
  private static final int[] LENGTHS =
      IntStream.range(0, TEXTS).map(i -> 1 + (i * i + 3 * i) % (1 + i % TIME)).toArray();

  @ParameterizedTest
  @EnumSource(Direction.class)
  void recurrentNetworksComputeTheSame(Direction direction) {
    try (var scope = StateScope.open()) {
      var rnn = new Rnn(Cell.GRU, 5, 4, 2, direction, Pooling.MEAN);
      var known = (Input.Sequence) sequences().all();
      var unknown = new Input.Sequence(known.values(), known.padding());
      var free = new ByLength(0, 0);
      var seen = new ArrayList<Long>();
      assertSame(
          rnn,
          parts ->
              free.features(
                  known,
                  some -> {
                    seen.add(some.values().size(0));
                    return rnn.features(parts, some);
                  }),
          unknown);
      assertThat(seen).hasSizeGreaterThan(5).isSorted();
      assertThat(Tensors.toArray(rnn.features(start(rnn), known)))
          .as("with the groups that it chooses")
          .containsExactly(Tensors.toArray(rnn.features(start(rnn), unknown)), within(1e-12));
    }
  }

  @Test
  void transformersComputeTheSame() {
    try (var scope = StateScope.open()) {
      var bert = new Transformer(20, TIME, 2, 8, 2, 2, 16, Norm.PRE, Pooling.MEAN, Pooler.NONE);
      List<int[]> ids =
          IntStream.range(0, TEXTS)
              .mapToObj(i -> IntStream.range(0, LENGTHS[i]).map(t -> (7 * t + i) % 20).toArray())
              .toList();
      var known = (Input.Tokens) new Inputs.Tokens(ids, DEVICE).all();
      assertSame(
          bert,
          parts -> new ByLength(0, 0).features(known, DEVICE, some -> bert.features(parts, some)),
          new Input.Tokens(known.ids(), known.mask()));
    }
  }

  private interface Grouped {
    Tensor features(List<Tensor> parts);
  }

  private static void assertSame(Encoder encoder, Grouped grouped, Input whole) {
    Tensor flat = encoder.initial(new Seed(3), DEVICE).set_requires_grad(true);
    Tensor own = grouped.features(encoder.layout().split(flat));
    Tensor expected = encoder.features(encoder.layout().split(flat), whole);
    assertThat(Tensors.toArray(own)).containsExactly(Tensors.toArray(expected), within(1e-12));
    Tensor weights = Tensors.randn(new Seed(4), DEVICE, own.size(0), own.size(1));
    assertThat(slope(own.mul(weights).sum(), flat))
        .containsExactly(slope(expected.mul(weights).sum(), flat), within(1e-10));
  }

  private static double[] slope(Tensor value, Tensor at) {
    return Tensors.toArray(
        new Tensor(torch.grad(new TensorVector(value), new TensorVector(at)).get(0)));
  }

  private static List<Tensor> start(Encoder encoder) {
    return encoder.layout().split(encoder.initial(new Seed(3), DEVICE));
  }

  private static Inputs.Sequence sequences() {
    int[] words = IntStream.range(0, TEXTS * TIME).map(i -> (7 * i + 3) % 11).toArray();
    return new Inputs.Sequence(
        Tensors.indices(DEVICE, words, TEXTS, TIME),
        LENGTHS,
        Tensors.randn(new Seed(2), DEVICE, 11, 5),
        DEVICE);
  }

  /** All ways to cut eight texts into groups. */
  @Test
  void groupsCostTheLeast() {
    int[] sorted = {1, 2, 2, 5, 6, 6, 9, 20};
    for (var costs :
        List.of(
            new ByLength(0, 0),
            new ByLength(2, 0),
            new ByLength(0, 7),
            new ByLength(3, 4),
            new ByLength(1e6, 0))) {
      double least = Double.POSITIVE_INFINITY;
      for (int cuts = 0; cuts < 1 << (sorted.length - 1); cuts++) {
        var ends = new ArrayList<Integer>();
        for (int i = 1; i < sorted.length; i++) {
          if ((cuts >> (i - 1) & 1) == 1) {
            ends.add(i);
          }
        }
        ends.add(sorted.length);
        least = Math.min(least, cost(costs, sorted, ends));
      }
      assertThat(cost(costs, sorted, costs.ends(sorted))).as("%s", costs).isEqualTo(least);
    }
    assertThat(new ByLength(1e6, 0).ends(sorted)).containsExactly(8);
  }

  private static double cost(ByLength costs, int[] sorted, List<Integer> ends) {
    double cost = 0;
    int from = 0;
    for (int end : ends) {
      cost += sorted[end - 1] * (end - from + costs.perStep()) + costs.perGroup();
      from = end;
    }
    return cost;
  }

  @Test
  void lengthsThatDoNotFitAreRefused() {
    try (var scope = StateScope.open()) {
      Tensor values = Tensors.zeros(DEVICE, 24).view(3, 4, 2);
      Tensor padding = values.narrow(2, 0, 1).to(torch.ScalarType.Bool);
      for (int[] wrong :
          List.of(new int[] {1, 2, 3}, new int[] {1, 2, 3, 4}, new int[] {0, 1, 1, 1})) {
        assertThatThrownBy(() -> new Input.Sequence(values, padding, wrong))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("lengths of 4 examples must be from 1 to 3");
      }
    }
  }
}
