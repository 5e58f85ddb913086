package org.stackel.example;

import org.bytedeco.pytorch.Tensor;
import org.stackel.bilevel.Bilevel;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ProblemInfo;
import org.stackel.problem.ProblemOptions;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The strength exp(x) of a ridge regression's penalty, so that it predicts held-out examples well.
 *
 * @param features numbers in y
 * @param examples training examples, and as many held-out ones
 * @param batch examples in a minibatch of either level; 0 for all
 */
@ProblemInfo(summary = "the penalty of a ridge regression on random data")
public record Ridge(int features, int examples, int batch) implements ProblemOptions {

  /** Fewer examples than a regression without a penalty needs. */
  public Ridge() {
    this(30, 40, 20);
  }

  @Override
  public BilevelProblem<?> open(Seed seed, Device device) {
    Tensor w = Tensors.randn(seed.child("w"), device, features);
    Tensor a = Tensors.randn(seed.child("a"), device, examples, features);
    Tensor b = a.mv(w).add(Tensors.randn(seed.child("b"), device, examples));
    Tensor heldOutA = Tensors.randn(seed.child("held-out a"), device, examples, features);
    Tensor heldOutB = heldOutA.mv(w);
    return Bilevel.problem(Tensors.zeros(device, 1), Tensors.zeros(device, features))
        .named("ridge")
        .data("a", a)
        .data("b", b)
        .data("heldOutA", heldOutA)
        .data("heldOutB", heldOutB)
        .lower((x, y, m) -> error(m.rows("a"), m.rows("b"), y).add(penalty(x, y)))
        .upper((x, y, m) -> error(m.rows("heldOutA"), m.rows("heldOutB"), y))
        .batches(examples, batch)
        .open(seed, device);
  }

  private static Tensor error(Tensor a, Tensor b, Tensor y) {
    return a.mv(y).sub(b).square().mean();
  }

  private static Tensor penalty(Tensor x, Tensor y) {
    return x.exp().mul(y.dot(y)).sum();
  }
}
