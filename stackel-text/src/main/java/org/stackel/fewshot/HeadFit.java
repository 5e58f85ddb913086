package org.stackel.fewshot;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.model.Head;
import org.stackel.optim.Lbfgs;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * A head for a few examples: the minimiser of their cross entropy with {@code c |θ|²}, by L-BFGS.
 *
 * @param head what it is
 * @param regularization c
 */
record HeadFit(Head head, double regularization) {
  /** Closer than this single precision does not come. */
  private static final Lbfgs SOLVER = new Lbfgs(300, 10, 1e-5);

  /**
   * Its parameters, in the caller's scope.
   *
   * @param features shape [examples, width]
   * @param labels int64, shape [examples]
   */
  Tensor of(Tensor features, Tensor labels, Device device) {
    boolean isLinear = head.hidden().isEmpty();
    Tensor start =
        isLinear
            ? Tensors.zeros(device, head.layout().size())
            : head.initial(new Seed(0).child("head"), device);
    return SOLVER.minimize(at -> evaluate(at, features, labels), start);
  }

  private Lbfgs.Evaluation evaluate(Tensor at, Tensor features, Tensor labels) {
    Tensor leaf = Tensors.leaf(at);
    Tensor loss =
        torch
            .cross_entropy_loss(head.logits(head.layout().split(leaf), features), labels)
            .add(leaf.dot(leaf), new Scalar(regularization));
    var gradients = torch.grad(new TensorVector(loss), new TensorVector(leaf));
    return new Lbfgs.Evaluation(Tensors.item(loss.detach()), new Tensor(gradients.get(0)));
  }

  /** The likeliest class of each example. */
  long[] predictions(Tensor parameters, Tensor features) {
    try (var scope = StateScope.open()) {
      return Tensors.toLongs(
          head.logits(head.layout().split(parameters), features)
              .argmax(new org.bytedeco.pytorch.LongOptional(1), false));
    }
  }
}
