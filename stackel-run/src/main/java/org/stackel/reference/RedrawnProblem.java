package org.stackel.reference;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Noise;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;

/** The losses of a problem on batches from somewhere else, and with a noise of their own. */
class RedrawnProblem<B> implements BilevelProblem<B> {
  private final BilevelProblem<B> problem;
  private final Source<B> uppers;
  private final Source<B> lowers;
  private final Noise noise;

  /** Where batches come from. */
  interface Source<B> {
    B draw(Seed draw, Shard shard);
  }

  RedrawnProblem(BilevelProblem<B> problem, Source<B> uppers, Source<B> lowers, Noise noise) {
    this.problem = problem;
    this.uppers = uppers;
    this.lowers = lowers;
    this.noise = noise;
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
    return noise;
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
  static final class WithFeatures<B> extends RedrawnProblem<B> implements FeatureProblem<B> {
    private final FeatureProblem<B> problem;

    WithFeatures(FeatureProblem<B> problem, Source<B> uppers, Source<B> lowers, Noise noise) {
      super(problem, uppers, lowers, noise);
      this.problem = problem;
    }

    @Override
    public Tensor features(Tensor x, B batch) {
      return problem.features(x, batch);
    }

    @Override
    public Tensor upperLossOf(Tensor features, Tensor y, B batch) {
      return problem.upperLossOf(features, y, batch);
    }

    @Override
    public Tensor lowerLossOf(Tensor features, Tensor y, B batch) {
      return problem.lowerLossOf(features, y, batch);
    }
  }
}
