package org.stackel.fewshot;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.fewshot.HyperRepresentation.Heads;
import org.stackel.model.EncoderOptions;
import org.stackel.model.Encoders;
import org.stackel.model.Penalty;
import org.stackel.model.Pooling;
import org.stackel.optim.Schedule;
import org.stackel.problem.LowerSolver;
import org.stackel.problem.Scales;
import org.stackel.problem.Scales.Usual;
import org.stackel.problem.UpperStep;

/**
 * Scales of hyper-representation.
 *
 * <p>A head's own lower loss has a curvature at the start of about {@code (|φ|² + 1) / ways}, φ its
 * features; lower steps are a good half of the largest that is stable. A step is about b tasks and
 * its loss is their mean, so every head has the b-th part of its own gradient, and step sizes are b
 * times those of a single head. One head for all tasks has no such factor.
 */
final class FewShotScales {
  /** Squared length of a word vector over three: a weight of ±1/√hidden has variance 1/3hidden. */
  private static final double VECTOR = 10;

  /** Squared length of a mean of word vectors. */
  private static final double OF_MEANS = 12;

  /** Squares of (u, v, |u - v|, u ∘ v) over those of u, as far as they point one way. */
  private static final double OF_PAIRS = 2;

  /** Adam drives maxima of tanh to ±1, and with them curvature past what other steps allow. */
  private static final double AT_LIMITS = 0.4;

  /** The same of pairs: |u - v| reaches 2, and more with a residual encoder. */
  private static final double PAIRS_AT_LIMITS = 0.33;

  /**
   * A transformer's parameters start small, and what it learns by large steps about the words of
   * training tasks does not hold for others.
   */
  private static final double OF_TRANSFORMERS = 0.05;

  private final HyperRepresentation problem;
  private final EncoderOptions network;
  private final boolean isTransformer;
  private final boolean isPairs;
  private final boolean isMaximum;
  private final boolean isResidual;

  FewShotScales(HyperRepresentation problem) {
    this.problem = problem;
    network = problem.network();
    isTransformer = network.encoder().reads().isTokens();
    isPairs =
        problem.division().split() == FewShotTasks.Split.PREMISES
            || problem.texts().text2() != null;
    isMaximum = network.pooling() == Pooling.MAX && !isTransformer;
    isResidual = network.encoder().equals(Encoders.MEAN_RNN);
  }

  Scales of(long steps, double size) {
    double adamLimits = !isMaximum ? 1 : isPairs ? PAIRS_AT_LIMITS : AT_LIMITS;
    double plainLimits = isPairs && (isMaximum || isResidual) ? PAIRS_AT_LIMITS : 1;
    boolean isSolved = solver() == LowerSolver.NEWTON;
    // Means of features bear larger plain steps, pairs smaller ones, without limits even smaller.
    double plain = isPairs ? (isResidual ? 0.02 : 0.05) : isMaximum || isTransformer ? 0.1 : 0.5;
    double adamLr = isSolved ? solvedAdam() : isMaximum && !isPairs ? 3e-3 : 1e-3;
    Usual adam = usual(adamLimits, adamLr);
    return new Scales(
        Scales.Structure.HEADS,
        steps,
        size,
        Double.NaN,
        Map.of(
            UpperStep.NORMALIZED,
            usual(1, isSolved ? solvedNormalized() : 0.1),
            UpperStep.ADAM,
            adam.withNeumannStep(adam.lowerLr()),
            UpperStep.PLAIN,
            usual(plainLimits, plain)));
  }

  /**
   * With solved heads a step follows the hypergradient, which points to larger features. Longer
   * steps drive maxima of tanh to ±1, those of pairs first, where nothing is learned any more.
   */
  private double solvedNormalized() {
    if (isMaximum) {
      return isPairs ? 0.01 : 0.03;
    }
    return isPairs || isResidual ? 0.05 : 0.1;
  }

  private double solvedAdam() {
    return isTransformer ? 2e-3 : isMaximum ? 5e-4 : 1e-3;
  }

  private Usual usual(double limits, double upperLr) {
    double lowerLr = Scales.rounded(headLr() * limits * tasks(problem));
    double share = isTransformer ? OF_TRANSFORMERS : 1;
    return Usual.ofLowerLr(lowerLr)
        .withUpperLr(Schedule.constant(Scales.rounded(share * upperLr)))
        .withNeumannStep(Scales.rounded(lowerLr / 2))
        .withNeumannTerms(10)
        .withCurvatureMin(leastCurvature())
        .withSharesSamples(true) // a step has one sample of each level anyway
        .withLowerSolver(solver());
  }

  /** A head of a task's own is met once in tasks / taskBatch steps, and then has to be right. */
  private LowerSolver solver() {
    boolean isStronglyConvex =
        problem.features().headHidden().isEmpty()
            && problem.penaltyTerm().penalty() == Penalty.SQUARED
            && problem.penaltyTerm().regularization() > 0;
    return problem.heads() == Heads.PER_TASK && isStronglyConvex
        ? LowerSolver.NEWTON
        : LowerSolver.STEPS;
  }

  /** Heads of other tasks have no curvature in a step; this is the least of those that have. */
  private @Nullable Double leastCurvature() {
    double least = 2 * problem.penaltyTerm().regularization() / tasks(problem);
    return least > 0 ? Scales.rounded(least) : null;
  }

  /** A step size of a single head, stable at the start. */
  private double headLr() {
    double length = isResidual ? OF_MEANS : network.hidden() * square();
    double scale = problem.features().featureScale() * problem.features().featureScale();
    double squares = scale * (isPairs ? OF_PAIRS * length : length);
    return Math.min(0.5, 1.6 * problem.sizes().ways() / (squares + 1));
  }

  /** About the square of a feature at the start. */
  private double square() {
    Pooling pooling = network.pooling();
    if (network.encoder().equals(Encoders.TRANSFORMER) && pooling != Pooling.FIRST) {
      return pooling == Pooling.MAX ? 2.3 : pooling == Pooling.MEAN ? 0.6 : 1; // normalised
    }
    // tanh of a sum, of which the maximum is larger and the mean smaller
    double sum = VECTOR / network.hidden() * (pooling == Pooling.MAX ? 1.8 : 0.5);
    return sum / (1 + sum);
  }

  /** What step sizes of heads are multiplied with. */
  static double tasks(HyperRepresentation problem) {
    return problem.heads() == Heads.SHARED
        ? 1
        : Math.min(problem.sizes().taskBatch(), problem.sizes().tasks());
  }
}
