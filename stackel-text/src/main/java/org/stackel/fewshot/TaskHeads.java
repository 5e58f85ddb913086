package org.stackel.fewshot;

import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.model.Head;
import org.stackel.model.PenaltyTerm;
import org.stackel.optim.Iterations;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Heads of many tasks, each on its own examples: their losses, their training, their curvature.
 * Heads have shape [tasks, numbers of a head], features [tasks, examples, width], labels [tasks,
 * examples] (int64).
 *
 * @param head what one is
 * @param penalty what is added to the loss on the support set
 */
record TaskHeads(Head head, PenaltyTerm penalty) {
  private static final int POWER_STEPS = 15;

  /** Cross entropy of each task, shape [tasks]. */
  Tensor losses(Tensor heads, Tensor features, Tensor labels) {
    return torch
        .log_softmax(head.taskLogits(heads, features), 2)
        .gather(2, labels.unsqueeze(2))
        .view(labels.size(0), labels.size(1))
        .mean(1)
        .neg();
  }

  /** {@code c |θ|²}, or {@code c |θ|}, of each head, shape [heads]. */
  Tensor penalties(Tensor heads) {
    return Tensors.scale(penalty.regularization(), penalty.penalty().ofRows(heads));
  }

  /** Cross entropy and penalty of each head on its own, which has one task. */
  double[] lowerLosses(Tensor heads, Tensor features, Tensor labels) {
    return Tensors.toArray(losses(heads, features, labels).add(penalties(heads)));
  }

  /** The share of right answers of each task, in float64, shape [tasks]. */
  Tensor accuracies(Tensor heads, Tensor features, Tensor labels) {
    Tensor answers = head.taskLogits(heads, features).argmax(new LongOptional(2), false);
    return answers.eq(labels).to(torch.ScalarType.Double).mean(1);
  }

  /**
   * Heads after gradient steps on the losses of the support sets, each head on its own.
   *
   * @param start where they begin; not changed
   */
  Tensor fit(Tensor start, Tensor features, Tensor labels, long steps, double lr) {
    Tensor heads = start.clone();
    for (long i = 0; i < steps; i++) {
      Iterations.next("fitting heads", i, steps);
      try (var scope = StateScope.open()) {
        Tensor leaf = Tensors.leaf(heads);
        Tensor gradient = gradient(total(leaf, features, labels), leaf);
        heads.add_(gradient, new Scalar(-lr));
      }
    }
    return heads;
  }

  /** The lower losses of all tasks added up: every head gets its own gradient. */
  private Tensor total(Tensor heads, Tensor features, Tensor labels) {
    return losses(heads, features, labels).add(penalties(heads)).sum();
  }

  /**
   * The largest curvature of any of the lower losses, each in its own head, by the power method: a
   * lower bound, close where one direction stands out.
   */
  double curvature(Tensor heads, Tensor features, Tensor labels, Seed seed, Device device) {
    Tensor v = Tensors.randn(seed, device, heads.size(0), heads.size(1));
    Tensor values = Tensors.zeros(device, 1);
    for (int i = 0; i < POWER_STEPS; i++) {
      Tensor direction = v;
      Tensor product =
          StateScope.nested(
              () -> {
                Tensor unit = direction.div(lengths(direction));
                Tensor leaf = Tensors.leaf(heads);
                Tensor slope =
                    torch
                        .grad(
                            new TensorVector(total(leaf, features, labels)),
                            new TensorVector(leaf),
                            new TensorVector(),
                            new BoolOptional(true),
                            true,
                            false)
                        .get(0);
                return gradient(slope.mul(unit).sum(), leaf);
              });
      values = lengths(product);
      v = product;
    }
    return Tensors.item(values.max());
  }

  private static Tensor lengths(Tensor heads) {
    return heads.mul(heads).sum(1).sqrt().clamp_min(new Scalar(1e-30)).unsqueeze(1);
  }

  private static Tensor gradient(Tensor output, Tensor leaf) {
    return new Tensor(torch.grad(new TensorVector(output), new TensorVector(leaf)).get(0));
  }
}
