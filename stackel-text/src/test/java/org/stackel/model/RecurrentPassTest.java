package org.stackel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.stackel.problem.HandWritten;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Derivatives by hand are those of autograd. */
class RecurrentPassTest {
  private static final Device DEVICE = Device.CPU64;
  private static final int[] LENGTHS = {3, 1, 5, 3, 2};

  @ParameterizedTest
  @CsvSource({
    "MAX, 1, true",
    "MAX, 2, true",
    "MAX, 3, false",
    "MEAN, 2, true",
    "LAST, 2, true",
    "LAST, 1, false"
  })
  void derivativesAreThoseOfAutograd(Pooling pooling, int layers, boolean areLengthsKnown) {
    try (var scope = StateScope.open()) {
      var rnn = new Rnn(Cell.ELMAN, 3, 4, layers, Direction.FORWARD, pooling);
      assertThat(RecurrentPass.fits(rnn)).isTrue();
      Input.Sequence input = input(areLengthsKnown ? LENGTHS : new int[0]);
      Tensor y = Tensors.randn(new Seed(1), DEVICE, rnn.layout().size());
      Tensor v = Tensors.randn(new Seed(2), DEVICE, rnn.layout().size());
      Tensor g = Tensors.randn(new Seed(3), DEVICE, LENGTHS.length, 4);
      Tensor gMoved = Tensors.randn(new Seed(4), DEVICE, LENGTHS.length, 4);

      var pass = new RecurrentPass(rnn, split(rnn, y), input);
      RecurrentPass.Tangent tangent = pass.tangent(split(rnn, v));
      Tensor moved = tangent.features();
      Tensor alone = torch.zeros_like(y);
      pass.addGradient(g, split(rnn, alone));
      Tensor gradient = torch.zeros_like(y);
      Tensor product = torch.zeros_like(y);
      long before = StateScope.livePointers();
      pass.addDerivatives(g, tangent, gMoved, split(rnn, gradient), split(rnn, product));
      // of layers nothing, some views
      assertThat(StateScope.livePointers() - before).isLessThanOrEqualTo(8 * layers + 4);

      // ⟨g(φ), φ(y)⟩ with g(φ) = g + gMoved s, where s is how far y went along v
      Tensor leaf = y.detach().set_requires_grad(true);
      Tensor features = rnn.features(split(rnn, leaf), input);
      Tensor cotangent = g.clone().set_requires_grad(true);
      Tensor first = grad(features, cotangent, leaf);
      Tensor along = grad(first, v, cotangent);
      Tensor second = grad(first, v, leaf);
      Tensor ofMoved = grad(features, gMoved, leaf);

      assertNear(pass.features(), features);
      assertNear(moved, along);
      assertThatThrownBy(tangent::features).isInstanceOf(NullPointerException.class); // used up
      assertNear(gradient, first);
      assertNear(alone, first);
      assertNear(product, second.add(ofMoved));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Pooling.class,
      names = {"MAX", "MEAN", "LAST"})
  void asAPartOfFeaturesItHasTheGradientOfAutograd(Pooling pooling) {
    try (var scope = StateScope.open()) {
      var rnn = new Rnn(Cell.ELMAN, 3, 4, 2, Direction.FORWARD, pooling);
      Input.Sequence input = input(LENGTHS);
      Tensor leaf = Tensors.randn(new Seed(1), DEVICE, rnn.layout().size()).set_requires_grad(true);
      Tensor g = Tensors.randn(new Seed(3), DEVICE, LENGTHS.length, 4);
      var parts = new ArrayList<HandWritten.Part>();
      Saved saved =
          StateScope.nested(
              () -> {
                parts.add(RecurrentPass.part(rnn, split(rnn, leaf), input));
                return new Saved(parts.get(0).value(), parts.get(0).saved());
              });
      Tensor features = rnn.features(split(rnn, leaf), input);

      assertNear(saved.value(), features);
      List<Tensor> found = parts.get(0).gradient(g).stream().map(p -> p.reshape(-1)).toList();
      assertNear(Tensors.concat(found.toArray(Tensor[]::new)), grad(features, g, leaf));
    }
  }

  private record Saved(Tensor value, List<Tensor> saved) {}

  @Test
  void otherNetworksAreLeftToAutograd() {
    for (Encoder encoder :
        List.of(
            new Rnn(Cell.GRU, 3, 4, 1, Direction.FORWARD, Pooling.MAX),
            new Rnn(Cell.ELMAN, 3, 4, 1, Direction.BOTH, Pooling.MAX),
            new Rnn(Cell.ELMAN, 3, 4, 1, Direction.FORWARD, Pooling.PADDED_MAX),
            new MeanOfVectors(3))) {
      assertThat(RecurrentPass.fits(encoder)).isFalse();
    }
  }

  private static Input.Sequence input(int... known) {
    Tensor values = Tensors.randn(new Seed(5), DEVICE, 5, LENGTHS.length, 3);
    Tensor padding = torch.zeros_like(values.narrow(2, 0, 1)).to(torch.ScalarType.Bool);
    for (int i = 0; i < LENGTHS.length; i++) {
      padding.select(1, i).narrow(0, LENGTHS[i], 5L - LENGTHS[i]).logical_not_();
    }
    return new Input.Sequence(values, padding, known);
  }

  private static List<Tensor> split(Rnn rnn, Tensor flat) {
    return rnn.layout().split(flat);
  }

  static Tensor grad(Tensor output, Tensor along, Tensor input) {
    return new Tensor(
        torch
            .grad(
                new TensorVector(output),
                new TensorVector(input),
                new TensorVector(along),
                new BoolOptional(true),
                true,
                false)
            .get(0));
  }

  private static void assertNear(Tensor found, Tensor expected) {
    assertThat(found.requires_grad()).isFalse();
    assertThat(Tensors.toArray(found.reshape(-1)))
        .containsExactly(Tensors.toArray(expected.detach().reshape(-1)), within(1e-12));
  }
}
