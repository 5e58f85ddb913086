package org.stackel.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.DenseSecondOrder;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.HandWritten;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.StateScope;

/**
 * One of a problem's two losses. What a loss computes on its way is freed at once, but for what its
 * graph needs.
 *
 * @param problem the problem
 * @param isUpper which loss
 * @param arithmetic how matrices are multiplied
 */
record Level<B>(BilevelProblem<B> problem, boolean isUpper, Arithmetic arithmetic) {
  /**
   * The loss on one minibatch, by closed forms where the problem has them.
   *
   * @param source draws the minibatch, the same at every call
   * @param isShared whether other products of the step use this sample too
   */
  ExactLoss on(Supplier<B> source, boolean isShared) {
    var autograd = new AutogradLoss<>(this, source, isShared);
    // Only autograd multiplies in bfloat16.
    ClosedForms<B> forms = arithmetic == Arithmetic.BF16 ? null : problem.closedForms();
    return forms == null ? autograd : new ClosedLoss<>(this, forms, autograd, isShared);
  }

  /** How many samples a minibatch has; 1 if the loss is no mean over samples. */
  long samples(B batch) {
    return Math.max(1, problem.sizeOf(batch));
  }

  /** The lower second derivatives as matrices; null if the problem has none in closed form. */
  @Nullable SecondDerivatives dense(Tensor x, Tensor y, B batch) {
    return problem instanceof DenseSecondOrder<B> known
        ? new SecondDerivatives(known.lowerHessian(x, y, batch), known.lowerCross(x, y, batch))
        : null;
  }

  /** The loss at a point. */
  Tensor loss(Tensor x, Tensor y, B batch) {
    return made(() -> isUpper ? problem.upperLoss(x, y, batch) : problem.lowerLoss(x, y, batch));
  }

  /** Whether the loss depends on x only through features. */
  boolean hasFeatures() {
    return problem instanceof FeatureProblem<B>;
  }

  /** The features if the problem has any, otherwise x itself. */
  Tensor features(Tensor x, B batch, HandWritten parts) {
    return problem instanceof FeatureProblem<B> f
        ? made(() -> Made.of(List.of(f.features(x, batch, parts)), parts)).features.get(0)
        : x;
  }

  /** The features of two samples in one pass; empty if the problem has no such. */
  List<Tensor> featuresOfBoth(Tensor x, B upper, B lower, HandWritten parts) {
    return problem instanceof FeatureProblem<B> f
        ? made(() -> Made.of(f.featuresOfBoth(x, upper, lower, parts), parts)).features
        : List.of();
  }

  /** Features, and what their gradients need. */
  private record Made(List<Tensor> features, List<Tensor> saved) {
    static Made of(List<Tensor> features, HandWritten parts) {
      var saved = new ArrayList<Tensor>();
      for (HandWritten.Cut cut : parts.cuts()) {
        saved.add(cut.leaf());
        saved.addAll(cut.parameters());
        saved.addAll(cut.part().saved());
      }
      return new Made(features, saved);
    }
  }

  /** The loss in terms of {@link #features}. */
  Tensor lossOf(Tensor features, Tensor y, B batch) {
    if (!(problem instanceof FeatureProblem<B> f)) {
      return loss(features, y, batch);
    }
    return made(
        () -> isUpper ? f.upperLossOf(features, y, batch) : f.lowerLossOf(features, y, batch));
  }

  private <T> T made(Supplier<T> what) {
    return StateScope.nested(() -> arithmetic.of(what));
  }

  /** For messages. */
  String name() {
    return isUpper ? "the upper loss" : "the lower loss";
  }
}
