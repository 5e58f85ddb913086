package org.stackel.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
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
 * @param input n examples
 * @param labels class of each example, int64, shape [n]
 * @param weights shape [n]
 * @param regularization c
 */
record SoftmaxLoss(
    Classifier.Linear classifier,
    Input input,
    Tensor labels,
    Tensor weights,
    double regularization) {

  /** The loss at y with its gradient, which is made in the caller's scope. */
  Lbfgs.Evaluation at(Tensor y) {
    return StateScope.nested(
        () -> {
          double scale = 1.0 / input.size();
          Tensor classes = labels.unsqueeze(0);
          Tensor p = classifier.byClass(y, input).log_softmax(0);
          double sum = Tensors.item(p.gather(0, classes).view(-1).dot(weights));
          double penalty = regularization * Tensors.item(y.dot(y));
          // In place: from ln P to w ∘ (P - L).
          p.exp_().scatter_(0, classes, new Scalar(-1.0), "add").mul_(weights);
          return new Lbfgs.Evaluation(
              penalty - scale * sum, classifier.transposed(p, input, scale, 2 * regularization, y));
        });
  }
}
