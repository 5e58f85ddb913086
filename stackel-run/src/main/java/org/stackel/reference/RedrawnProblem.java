package org.stackel.reference;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.DenseSecondOrder;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Noise;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;

/**
 * The losses of a problem on batches from somewhere else, with draws and a noise of their own.
 * Everything that the oracle asks for beyond the losses is the problem's: features, closed forms,
 * and second derivatives as matrices.
 */
class RedrawnProblem<B> implements BilevelProblem<B> {
  private final BilevelProblem<B> problem;
  private final Source<B> uppers;
  private final Source<B> lowers;
  private final Draws draws;

  /**
   * How batches are drawn.
   *
   * @param isOnce whether both levels of a step have the same draw
   * @param noise that the oracle adds
   */
  record Draws(boolean isOnce, Noise noise) {}

  /** Where batches come from. */
  interface Source<B> {
    B draw(Seed draw, Shard shard);
  }

  private RedrawnProblem(
      BilevelProblem<B> problem, Source<B> uppers, Source<B> lowers, Draws draws) {
    this.problem = problem;
    this.uppers = uppers;
    this.lowers = lowers;
    this.draws = draws;
  }

  /** With the structure of the problem that the oracle makes use of. */
  static <B> RedrawnProblem<B> of(
      BilevelProblem<B> problem, Source<B> uppers, Source<B> lowers, Draws draws) {
    if (problem instanceof FeatureProblem<B> features) {
      return problem instanceof DenseSecondOrder<B> dense
          ? new DenseWithFeatures<>(features, dense, uppers, lowers, draws)
          : new WithFeatures<>(features, uppers, lowers, draws);
    }
    return problem instanceof DenseSecondOrder<B> dense
        ? new Dense<>(dense, uppers, lowers, draws)
        : new RedrawnProblem<>(problem, uppers, lowers, draws);
  }

  @Override
  public final B upperBatch(Seed draw, Shard shard) {
    return uppers.draw(draw, shard);
  }

  @Override
  public final B lowerBatch(Seed draw, Shard shard) {
    return lowers.draw(draw, shard);
  }

  @Override
  public final Noise noise() {
    return draws.noise;
  }

  @Override
  public final boolean drawsOnce() {
    return draws.isOnce;
  }

  @Override
  public final Layout upperLayout() {
    return problem.upperLayout();
  }

  @Override
  public final Layout lowerLayout() {
    return problem.lowerLayout();
  }

  @Override
  public final Start start(Seed seed) {
    return problem.start(seed);
  }

  @Override
  public final Tensor upperLoss(Tensor x, Tensor y, B batch) {
    return problem.upperLoss(x, y, batch);
  }

  @Override
  public final Tensor lowerLoss(Tensor x, Tensor y, B batch) {
    return problem.lowerLoss(x, y, batch);
  }

  @Override
  public final @Nullable ClosedForms<B> closedForms() {
    return problem.closedForms();
  }

  @Override
  public final Metrics evaluate(Tensor x, Tensor y) {
    return problem.evaluate(x, y);
  }

  @Override
  public final Tensor projectX(Tensor x) {
    return problem.projectX(x);
  }

  @Override
  public final Tensor projectY(Tensor y) {
    return problem.projectY(y);
  }

  /** Nothing: the problem belongs to whoever opened it. */
  @Override
  public final void close() {}

  /** The same where the losses see x through features. */
  private static class WithFeatures<B> extends RedrawnProblem<B> implements FeatureProblem<B> {
    private final FeatureProblem<B> problem;

    WithFeatures(FeatureProblem<B> problem, Source<B> uppers, Source<B> lowers, Draws draws) {
      super(problem, uppers, lowers, draws);
      this.problem = problem;
    }

    @Override
    public final Tensor features(Tensor x, B batch) {
      return problem.features(x, batch);
    }

    @Override
    public final Tensor upperLossOf(Tensor features, Tensor y, B batch) {
      return problem.upperLossOf(features, y, batch);
    }

    @Override
    public final Tensor lowerLossOf(Tensor features, Tensor y, B batch) {
      return problem.lowerLossOf(features, y, batch);
    }
  }

  /** The same where second derivatives are known as matrices. */
  private static final class Dense<B> extends RedrawnProblem<B> implements DenseSecondOrder<B> {
    private final DenseSecondOrder<B> problem;

    Dense(DenseSecondOrder<B> problem, Source<B> uppers, Source<B> lowers, Draws draws) {
      super(problem, uppers, lowers, draws);
      this.problem = problem;
    }

    @Override
    public Tensor lowerHessian(Tensor x, Tensor y, B batch) {
      return problem.lowerHessian(x, y, batch);
    }

    @Override
    public Tensor lowerCross(Tensor x, Tensor y, B batch) {
      return problem.lowerCross(x, y, batch);
    }
  }

  /** Both. */
  private static final class DenseWithFeatures<B> extends WithFeatures<B>
      implements DenseSecondOrder<B> {
    private final DenseSecondOrder<B> dense;

    DenseWithFeatures(
        FeatureProblem<B> problem,
        DenseSecondOrder<B> dense,
        Source<B> uppers,
        Source<B> lowers,
        Draws draws) {
      super(problem, uppers, lowers, draws);
      this.dense = dense;
    }

    @Override
    public Tensor lowerHessian(Tensor x, Tensor y, B batch) {
      return dense.lowerHessian(x, y, batch);
    }

    @Override
    public Tensor lowerCross(Tensor x, Tensor y, B batch) {
      return dense.lowerCross(x, y, batch);
    }
  }
}
