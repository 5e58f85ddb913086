package org.stackel.run;

import java.util.LinkedHashMap;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * Numbers that are finite still, but so large that a run has diverged: the size of a loss, or the
 * norm of x or y, above {@code 10⁶ (1 + s)}. Here s is the largest of the norms of x and y and of
 * the sizes of both losses, on one minibatch each, where the problem starts. The start is looked at
 * once a number is above 10⁶, and in most runs never.
 *
 * @param seed of the run
 * @param pieces slices of a minibatch, of which one is enough here
 */
record Explosion<B>(BilevelProblem<B> problem, Seed seed, int pieces) {
  private static final double FACTOR = 1e6;

  /**
   * A quantity that exploded, or is not finite.
   *
   * @param quantity its name
   * @param value what it grew to; null if it is not finite
   */
  record Broken(String quantity, @Nullable Double value) {
    static @Nullable Broken notFinite(@Nullable String quantity) {
      return quantity == null ? null : new Broken(quantity, null);
    }
  }

  /** The largest number that is no explosion. */
  private double limit() {
    Start start = problem.start(seed.child("start"));
    double size = Math.max(norm(start.x()), norm(start.y()));
    return FACTOR * (1 + Math.max(size, losses(start)));
  }

  private double losses(Start start) {
    Seed draw = seed.child("explosion");
    var shard = new Shard(0, pieces);
    try {
      Tensor upper = problem.upperLoss(start.x(), start.y(), problem.upperBatch(draw, shard));
      Tensor lower = problem.lowerLoss(start.x(), start.y(), problem.lowerBatch(draw, shard));
      return Math.max(size(Tensors.item(upper)), size(Tensors.item(lower)));
    } catch (RuntimeException e) { // the oracle says what is wrong with a loss, with its shapes
      return 0;
    }
  }

  private static double norm(Tensor tensor) {
    return size(Tensors.item(Tensors.norm(tensor)));
  }

  /** What is not finite at the start is found elsewhere. */
  private static double size(double number) {
    return Double.isFinite(number) ? Math.abs(number) : 0;
  }

  /** The first quantity of a state and its evaluation that is too large; null if none is. */
  @Nullable Broken find(AlgorithmState state, Metrics metrics) {
    var sizes = new LinkedHashMap<String, Double>();
    metrics
        .values()
        .forEach(
            (name, value) -> {
              if (name.toLowerCase(Locale.ROOT).endsWith("loss")) {
                sizes.put(name, Math.abs(value)); // one without a lower bound falls
              }
            });
    sizes.put("the norm of x", Tensors.item(Tensors.norm(state.x())));
    sizes.put("the norm of y", Tensors.item(Tensors.norm(state.y())));
    if (sizes.values().stream().noneMatch(value -> value > FACTOR)) {
      return null;
    }
    double limit = limit();
    return sizes.entrySet().stream()
        .filter(entry -> entry.getValue() > limit)
        .map(entry -> new Broken(entry.getKey(), entry.getValue()))
        .findFirst()
        .orElse(null);
  }
}
