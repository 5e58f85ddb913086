package org.stackel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.optim.Lbfgs;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class SoftmaxLossTest {
  private static final int CLASSES = 3;
  private static final int WIDTH = 5;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void agreesWithAutograd(boolean isDense) {
    int n = 7;
    try (var scope = StateScope.open()) {
      Input input = isDense ? new Input.Dense(randn(1, n, WIDTH)) : sparse(n);
      Tensor labels =
          Tensors.indices(Device.CPU64, IntStream.range(0, n).map(i -> i % CLASSES).toArray());
      Tensor weights = randn(2, n).abs();
      Tensor y = randn(3, WIDTH * CLASSES);
      var model = new Classifier.Linear(WIDTH, CLASSES);
      Lbfgs.Evaluation found = new SoftmaxLoss(model, input, labels, weights, .1).at(y);
      Tensor leaf = y.detach().set_requires_grad(true);
      Tensor loss =
          model.losses(leaf, input, labels).mul(weights).mean().add(leaf.dot(leaf), new Scalar(.1));
      Tensor gradient = torch.grad(new TensorVector(loss), new TensorVector(leaf)).get(0);
      assertThat(found.value()).isCloseTo(Tensors.item(loss), within(1e-12));
      assertThat(Tensors.toArray(found.gradient()))
          .containsExactly(Tensors.toArray(gradient), within(1e-13));
    }
  }

  private static Tensor randn(long seed, long... shape) {
    return Tensors.randn(new Seed(seed), Device.CPU64, shape);
  }

  /** Two entries of each example. */
  private static Input sparse(int n) {
    int[] rows = IntStream.range(0, 2 * n).map(k -> k / 2).toArray();
    int[] columns = IntStream.range(0, 2 * n).map(k -> k % WIDTH).toArray();
    return new Input.Sparse(
        Tensors.indices(Device.CPU64, rows),
        Tensors.indices(Device.CPU64, columns),
        randn(4, 2 * n),
        n);
  }
}
