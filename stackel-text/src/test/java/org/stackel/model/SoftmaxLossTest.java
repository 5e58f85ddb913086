package org.stackel.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.optim.Lbfgs;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class SoftmaxLossTest {
  private static final int CLASSES = 3;
  private static final int WIDTH = 5;

  /** 70,000 dense examples are summed in three parts. */
  @ParameterizedTest
  @CsvSource({"true, 7", "true, 70000", "false, 7"})
  void agreesWithAutograd(boolean isDense, int n) {
    try (var scope = StateScope.open()) {
      Input input = isDense ? new Input.Dense(randn(1, n, WIDTH)) : sparse(n);
      Tensor labels = labels(n);
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

  /** With a penalty M is the Hessian at zero, on directions whose sum over classes is zero. */
  @Test
  void undoesTheHessianAtZero() {
    int n = 40;
    try (var scope = StateScope.open()) {
      var input = new Input.Dense(randn(1, n, WIDTH));
      Tensor labels = labels(n);
      Tensor weights = randn(2, n).abs();
      var model = new Classifier.Linear(WIDTH, CLASSES);
      UnaryOperator<Tensor> inverse =
          new SoftmaxLoss(model, input, labels, weights, .1).inverseAtZero();
      Tensor v = randn(5, WIDTH, CLASSES);
      Tensor direction = v.sub(v.mean(new long[] {1}, true, new ScalarTypeOptional())).view(-1);
      Tensor leaf = randn(3, WIDTH * CLASSES).mul(new Scalar(0)).set_requires_grad(true);
      Tensor loss =
          model.losses(leaf, input, labels).mul(weights).mean().add(leaf.dot(leaf), new Scalar(.1));
      Tensor gradient = RecurrentPassTest.grad(loss, torch.ones_like(loss), leaf);
      Tensor product = RecurrentPassTest.grad(gradient, direction, leaf);
      assertThat(Tensors.toArray(requireNonNull(inverse).apply(product)))
          .containsExactly(Tensors.toArray(direction), within(1e-12));
    }
  }

  @Test
  void hasNoInverseWhereItCostsMoreThanItSaves() {
    try (var scope = StateScope.open()) {
      int most = 16 * CLASSES;
      assertThat(inverse(sparse(20), WIDTH)).isNull();
      assertThat(inverse(new Input.Dense(randn(1, 4 * most, most)), most)).isNotNull();
      assertThat(inverse(new Input.Dense(randn(1, 4 * most - 1, most)), most)).isNull();
      assertThat(inverse(new Input.Dense(randn(1, 5 * most, most + 1)), most + 1)).isNull();
      assertThat(inverse(new Input.Dense(Tensors.zeros(Device.CPU64, 20, 5)), 5)).isNull();
      assertThat(inverse(new Input.Dense(randn(1, 20, 5).div(Tensors.zeros(Device.CPU64, 1))), 5))
          .isNull();
    }
  }

  private static @Nullable UnaryOperator<Tensor> inverse(Input input, int width) {
    int n = (int) input.size();
    return new SoftmaxLoss(
            new Classifier.Linear(width, CLASSES), input, labels(n), randn(2, n).abs(), .1)
        .inverseAtZero();
  }

  private static Tensor labels(int n) {
    return Tensors.indices(Device.CPU64, IntStream.range(0, n).map(i -> i % CLASSES).toArray());
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
