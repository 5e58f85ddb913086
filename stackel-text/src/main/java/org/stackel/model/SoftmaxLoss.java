package org.stackel.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.optim.Lbfgs;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Weighted loss of softmax regression with its gradient, in closed form: one product with the
 * features each way, for {@code P = softmax(XY)} and labels in the rows of L, which are computed
 * transposed, with a row for each class.
 *
 * <pre>
 *   (1/n) Σ wᵢ CEᵢ(y) + c|y|²,   gradient Xᵀ(w ∘ (P - L))/n + 2c y
 * </pre>
 *
 * <p>Dense examples on a processor are summed in parts, each of which stays in its cache from the
 * logits to the gradient.
 */
final class SoftmaxLoss {
  /** Features of a part and their logits: a megabyte of float32. */
  private static final long PART_NUMBERS = 1 << 18;

  /** Most columns per class, and fewest examples per column, where M saves more than it costs. */
  private static final int MAX_WIDTH = 16;

  private static final int MIN_EXAMPLES = 4;

  /** Of the largest curvature: hardly curved directions get no longer first step. */
  private static final double LEAST = 1e-2;

  /**
   * Some examples.
   *
   * @param weights wᵢ/n
   */
  private record Part(Input input, Tensor labels, Tensor weights) {}

  private final Classifier.Linear classifier;
  private final List<Part> parts;
  private final double regularization;

  /**
   * @param input n examples
   * @param labels class of each example, int64, shape [n]
   * @param weights shape [n]
   * @param regularization c
   */
  SoftmaxLoss(
      Classifier.Linear classifier,
      Input input,
      Tensor labels,
      Tensor weights,
      double regularization) {
    this.classifier = classifier;
    this.parts =
        parts(classifier, input, labels.unsqueeze(0), weights.mul(new Scalar(1.0 / input.size())));
    this.regularization = regularization;
  }

  private static List<Part> parts(
      Classifier.Linear classifier, Input input, Tensor labels, Tensor weights) {
    if (!(input instanceof Input.Dense dense) || weights.is_cuda()) {
      return List.of(new Part(input, labels, weights));
    }
    long rows = Math.max(1, PART_NUMBERS / (classifier.inputs() + classifier.classes()));
    var parts = new ArrayList<Part>();
    for (long from = 0; from < input.size(); from += rows) {
      long size = Math.min(rows, input.size() - from);
      parts.add(
          new Part(
              new Input.Dense(dense.features().narrow(0, from, size)),
              labels.narrow(1, from, size),
              weights.narrow(0, from, size)));
    }
    return parts;
  }

  /**
   * v to {@code M⁻¹v}, where M is the Hessian at y = 0 on all v whose sum over classes is zero, as
   * that of every gradient is for y = 0:
   *
   * <pre>
   *   M = Xᵀ diag(w) X/(n classes) + 2c I,   2c at least a hundredth of the largest entry
   * </pre>
   *
   * <p>Null where M would cost more than it saves, for sparse vectors, many columns or few
   * examples, and where nothing is curved.
   */
  @Nullable UnaryOperator<Tensor> inverseAtZero() {
    int width = classifier.inputs();
    int classes = classifier.classes();
    long examples = parts.stream().mapToLong(part -> part.input().size()).sum();
    if (width > MAX_WIDTH * classes
        || examples < (long) MIN_EXAMPLES * width
        || !(parts.get(0).input() instanceof Input.Dense)) {
      return null;
    }
    Tensor inverse = StateScope.nested(() -> inverse(width, classes));
    return inverse == null ? null : v -> inverse.mm(v.view(width, classes)).view(-1);
  }

  private @Nullable Tensor inverse(int width, int classes) {
    Tensor x = ((Input.Dense) parts.get(0).input()).features();
    Tensor sum =
        StateScope.repeat(
            parts.size(), torch.zeros(new long[] {width, width}, x.options()), this::add);
    Tensor m = sum.cpu().to(torch.ScalarType.Double).div_(new Scalar((double) classes));
    double most = Tensors.item(m.diagonal().max());
    if (!(most > 0) || Double.isInfinite(most)) {
      return null;
    }
    m.diagonal().add_(new Scalar(Math.max(2 * regularization, LEAST * most)));
    T_TensorTensor_T factor = torch.linalg_cholesky_ex(m);
    return factor.get1().item_int() == 0 ? torch.cholesky_inverse(factor.get0()).to(x) : null;
  }

  private Tensor add(long i, Tensor sum) {
    Part part = parts.get((int) i);
    Tensor x = ((Input.Dense) part.input()).features();
    return sum.addmm(x.t(), x.mul(part.weights().unsqueeze(1)));
  }

  /** The loss at y with its gradient, which is made in the caller's scope. */
  Lbfgs.Evaluation at(Tensor y) {
    double[] value = {regularization * Tensors.item(y.dot(y))};
    Tensor gradient =
        StateScope.repeat(
            parts.size(),
            y,
            (i, sum) -> {
              Part part = parts.get((int) i);
              Tensor p = classifier.byClass(y, part.input()).log_softmax(0);
              value[0] -= Tensors.item(p.gather(0, part.labels()).view(-1).dot(part.weights()));
              // In place: from ln P to w ∘ (P - L).
              p.exp_().scatter_(0, part.labels(), new Scalar(-1.0), "add").mul_(part.weights());
              return classifier.transposed(
                  p, part.input(), 1, i == 0 ? 2 * regularization : 1, sum);
            });
    return new Lbfgs.Evaluation(value[0], gradient);
  }
}
