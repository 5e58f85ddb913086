package com.example;

import org.bytedeco.pytorch.Tensor;
import org.stackel.bilevel.Bilevel;
import org.stackel.config.OptionRecord;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ProblemInfo;
import org.stackel.problem.ProblemOptions;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The strength exp(x) of a ridge regression's penalty, so that it predicts held-out examples well.
 *
 * @param features dimension of y
 * @param examples number of training examples, and of held-out ones
 * @param batch examples in a minibatch of either level; 0 for all
 */
@OptionRecord
@ProblemInfo(summary = "the penalty of a ridge regression on random data")
public record Ridge(int features, int examples, int batch) implements ProblemOptions {
  public Ridge() {
    this(30, 40, 20);
  }

  @Override
  public BilevelProblem<?> open(Seed seed, Device device) {
    Tensor w = Tensors.randn(seed.child("w"), device, features);
    Tensor a = Tensors.randn(seed.child("a"), device, examples, features);
    Tensor b = a.mv(w).add(Tensors.randn(seed.child("noise"), device, examples));
    Tensor c = Tensors.randn(seed.child("held out"), device, examples, features);
    return Bilevel.problem(Tensors.zeros(device, 1), Tensors.zeros(device, features))
        .data("a", a)
        .data("b", b)
        .data("c", c)
        .data("d", c.mv(w))
        .lower((x, y, m) -> error(m.rows("a"), m.rows("b"), y).add(x.exp().mul(y.dot(y))))
        .upper((x, y, m) -> error(m.rows("c"), m.rows("d"), y))
        .batches(examples, batch)
        .open(seed, device);
  }

  private static Tensor error(Tensor a, Tensor b, Tensor y) {
    return a.mv(y).sub(b).square().mean();
  }
}
