package org.stackel.run;

import java.util.LinkedHashMap;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.oracle.Breakdown;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The rule by which a run has diverged while its numbers are finite still, and the search for the
 * cause.
 *
 * <ul>
 *   <li>In an evaluation the size of a loss, or the norm of x or y, is above {@code 10⁶ (1 + s)}.
 *       Here s is the largest of the norms of x and y and of the sizes of both losses, on one
 *       minibatch each, where the problem starts. The start is looked at once a number is above
 *       10⁶, and in most runs never.
 *   <li>In the step before an evaluation the last term of a Neumann series is more than 10⁶ times
 *       as long as the first.
 *   <li>In any step conjugate gradients meet a direction of negative curvature: what they solve has
 *       no meaning there.
 * </ul>
 *
 * <p>Whatever a run diverged by, its cause is looked for: first a lower loss that falls for ever
 * along the way that y went, to less than {@code -10⁶ (1 + |its start|)}; then a Neumann series
 * whose last term is more than 10 times as long as its first in the step that diverged. That step
 * is made once more for it, and its oracle calls are not counted; nothing else is asked of an
 * oracle, and nothing else read from a device but in evaluations.
 *
 * <p>Shorter steps help against a series whose step is too long for a positive curvature. Against a
 * negative curvature they help only where the run came to it by steps: not at the point that it
 * would go back to. Nothing helps against a lower loss without a minimum.
 *
 * @param seed of the run
 * @param pieces slices of a minibatch, of which one is enough here
 */
record Explosion<B>(BilevelProblem<B> problem, Seed seed, int pieces) {
  private static final double FACTOR = 1e6;

  /** Terms of a Neumann series that grew by less are not why a run diverged. */
  private static final double CAUSE = 10;

  /** Doublings of the way of y: to the end of double precision. */
  private static final int DOUBLINGS = 1_000;

  /** Doublings in which a loss need not fall yet. */
  private static final int FIRST_DOUBLINGS = 20;

  /**
   * A quantity that exploded, or is not finite.
   *
   * @param quantity its name
   * @param value what it grew to; null if it is not finite
   * @param why the cause; null if it is not known
   */
  record Broken(String quantity, @Nullable Double value, @Nullable Why why) {
    static @Nullable Broken notFinite(@Nullable String quantity) {
      return quantity == null ? null : new Broken(quantity, null, null);
    }

    static Broken of(Breakdown found) {
      String quantity =
          switch (found.kind()) {
            case INDEFINITE -> RunOutcome.Diverged.CURVATURE;
            case SERIES -> RunOutcome.Diverged.SERIES;
          };
      return new Broken(quantity, found.value(), Why.of(found));
    }
  }

  /**
   * Why a run diverged.
   *
   * @param cause a sentence without its full stop
   * @param maybe what may help, a sentence without its first word "Maybe"
   * @param steps whether shorter steps may help
   */
  record Why(String cause, String maybe, Shorter steps) {
    /** Where shorter steps may help. */
    enum Shorter {
      HELP,
      /** But not where the Hessian is that of the point that the run goes back to. */
      HELP_BEFORE,
      IN_VAIN
    }

    private static Why of(Breakdown found) {
      double curvature = found.curvature();
      String series =
          text("the terms of the Neumann series of the step grew by %.2g", found.value());
      if (found.kind() == Breakdown.Kind.INDEFINITE) {
        return new Why(
            text(
                "conjugate gradients met the curvature %.2g: the lower loss is not convex there",
                curvature),
            "the lower loss needs more regularization: a hypergradient exists only where its Hessian in y is positive definite.",
            Shorter.HELP_BEFORE);
      }
      return curvature < 0
          ? new Why(
              series + text(", at the curvature %.2g: the lower loss is not convex", curvature),
              "more regularization of the lower loss helps, or fewer neumannTerms; no neumannStep does.",
              Shorter.HELP_BEFORE)
          : new Why(
              series + text(", at the curvature %.2g of the lower loss", curvature),
              text(
                  "a neumannStep below 2 over the largest curvature helps, here at most %.2g.",
                  2 / curvature),
              Shorter.HELP);
    }

    private static String text(String format, double value) {
      return String.format(Locale.ROOT, format, value);
    }
  }

  /** A breakdown by which the run has diverged; null if it is none. */
  static @Nullable Broken find(@Nullable Breakdown found) {
    return found == null || (found.kind() == Breakdown.Kind.SERIES && !(found.value() > FACTOR))
        ? null
        : Broken.of(found);
  }

  /** The cause as an estimator saw it in the step that diverged; null if it is none. */
  static @Nullable Why why(@Nullable Breakdown found) {
    return found == null || !(found.value() > CAUSE || found.value() < 0) ? null : Why.of(found);
  }

  /** The cause if the lower loss falls for ever along the way that y went; else null. */
  @Nullable Why endless(AlgorithmState state) {
    if (!Tensors.isFinite(state.x()) || !Tensors.isFinite(state.y())) {
      return null;
    }
    try {
      Start start = problem.start(seed.child("start"));
      Tensor way = state.y().sub(start.y());
      double largest = Tensors.item(way.abs().max());
      // Where y has exploded so may have x, and parts of the loss overflow there.
      boolean isEndless =
          falls(state.x(), start.y(), way)
              || (largest > 1 && falls(start.x(), start.y(), Tensors.scale(1 / largest, way)));
      return isEndless
          ? new Why(
              "the lower loss has no minimum: it falls for ever along the way that y went",
              "the lower loss lacks a regularization, y a bound, or the sign of a term is wrong.",
              Why.Shorter.IN_VAIN)
          : null;
    } catch (RuntimeException e) { // as in losses
      return null;
    }
  }

  private boolean falls(Tensor x, Tensor from, Tensor way) {
    B batch = problem.lowerBatch(seed.child("explosion"), new Shard(0, pieces));
    double first = Tensors.item(problem.lowerLoss(x, from, batch));
    double last = first;
    for (int i = 0; i < DOUBLINGS && Double.isFinite(last); i++) {
      Tensor y = Tensors.axpy(from, Math.scalb(1.0, i), way);
      double now = Tensors.item(problem.lowerLoss(x, y, batch));
      boolean isDown = now < last || (i < FIRST_DOUBLINGS && Double.isFinite(now));
      if (!isDown || norm(problem.projectY(y).sub(y)) > 0) {
        return false;
      }
      last = now;
    }
    return last < -FACTOR * (1 + size(first));
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
        .map(entry -> new Broken(entry.getKey(), entry.getValue(), null))
        .findFirst()
        .orElse(null);
  }
}
