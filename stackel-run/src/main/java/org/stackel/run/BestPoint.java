package org.stackel.run;

import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Rules;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Keep;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The evaluated point with the lowest objective so far. It travels with the checkpoints; its
 * metrics, a function of it, are computed anew.
 */
public final class BestPoint {
  /** What its tensors' names in a checkpoint begin with. */
  public static final String PREFIX = "best.";

  private static final String X = PREFIX + "x";
  private static final String Y = PREFIX + "y";

  private final String objective;
  private @Nullable Tensor x;
  private @Nullable Tensor y;
  private Metrics metrics = Metrics.NONE;

  private BestPoint(String objective) {
    this.objective = objective;
  }

  /** Null if the experiment keeps the last point. */
  static @Nullable BestPoint of(Experiment experiment) {
    return experiment.settings().keep() == Keep.BEST
        ? new BestPoint(experiment.problem().goal().objective())
        : null;
  }

  /** Remembers the point if it is better than those before. The first one always is. */
  void offer(Tensor newX, Tensor newY, Metrics at) {
    if (!at.values().containsKey(objective)) {
      throw new Rules("the experiment")
          .broken(
              "keep",
              "best",
              "must be last for a problem whose evaluations have no " + objective,
              "last was meant.");
    }
    if (x == null || y == null || at.get(objective) < metrics.get(objective)) {
      Tensor formerX = x;
      Tensor formerY = y;
      x = Tensors.copy(newX);
      y = Tensors.copy(newY);
      metrics = at;
      if (formerX != null && formerY != null) {
        StateScope.release(formerX);
        StateScope.release(formerY);
      }
    }
  }

  /** The tensors for a checkpoint. */
  Map<String, Tensor> tensors() {
    return x == null || y == null ? Map.of() : new TreeMap<>(Map.of(X, x, Y, y));
  }

  /** Goes on from a checkpoint's tensors; from none if it has no such point. */
  void restore(Map<String, Tensor> tensors, BilevelProblem<?> problem) {
    Tensor savedX = tensors.get(X);
    Tensor savedY = tensors.get(Y);
    if (savedX != null && savedY != null) {
      try (var scope = StateScope.open()) {
        offer(savedX, savedY, problem.evaluate(savedX, savedY));
      }
    }
  }

  /** x, or the given one if no point was evaluated. */
  Tensor xOr(Tensor last) {
    return x == null ? last : x;
  }

  /** y, or the given one if no point was evaluated. */
  Tensor yOr(Tensor last) {
    return y == null ? last : y;
  }

  /** Its metrics. */
  Metrics metrics() {
    return metrics;
  }
}
