package org.stackel.reference;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.optim.Lbfgs;
import org.stackel.oracle.SampledObjective;
import org.stackel.problem.BilevelProblem;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The lower level solved further from where an algorithm left it: L-BFGS on {@code g(x, ·)} over
 * all data, or over fixed minibatches where the problem is no finite sum. x stays as it is, so what
 * is then measured at y is a property of x.
 */
public final class SettledLower {
  private static final int MAX_BATCHES = 1000;
  private static final int MEMORY = 10;
  private static final double TOLERANCE = 1e-7;
  private static final long MIN_ITERATIONS = 10;
  private static final long MAX_ITERATIONS = 200;

  private SettledLower() {}

  /**
   * A lower solution at x, in the caller's scope. Where g is not convex it is a local one, or the
   * best that was found in the iterations; never one with a larger loss than y.
   *
   * @param seed draws the minibatches of a problem that is no finite sum
   * @param samples what the iterations may spend, about: one costs twice the samples of the lower
   *     level; at least 10 and at most 200 are made
   */
  public static <B> Tensor at(
      BilevelProblem<B> problem, Seed seed, Tensor x, Tensor y, long samples) {
    Reference<B> reference = Reference.of(problem, seed, MAX_BATCHES);
    List<SampledObjective> lowers = reference.lowers();
    double[] weights = reference.lowerWeights();
    long all = lowers.stream().mapToLong(SampledObjective::samples).sum();
    long iterations = Math.max(MIN_ITERATIONS, Math.min(MAX_ITERATIONS, samples / (2 * all)));
    return new Lbfgs((int) iterations, MEMORY, TOLERANCE)
        .minimize(at -> mean(lowers, weights, x, at), y.detach());
  }

  private static Lbfgs.Evaluation mean(
      List<SampledObjective> lowers, double[] weights, Tensor x, Tensor y) {
    double value = 0;
    Tensor gradient = Tensors.zerosLike(y);
    for (int i = 0; i < weights.length; i++) {
      SampledObjective lower = lowers.get(i);
      Tensor before = gradient;
      double weight = weights[i];
      gradient = StateScope.nested(() -> Tensors.axpy(before, weight, lower.gradientY(x, y)));
      try (var scope = StateScope.open()) {
        value += weight * Tensors.item(lower.value(x, y));
      }
    }
    return new Lbfgs.Evaluation(value, gradient);
  }
}
