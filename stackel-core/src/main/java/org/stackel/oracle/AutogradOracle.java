package org.stackel.oracle;

import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.UpperParts;
import org.stackel.optim.Directions;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Blocks;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Noise;
import org.stackel.problem.PerExample;
import org.stackel.problem.Shard;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The oracle of a problem during one step: by libtorch's autograd, or by the problem's {@link
 * org.stackel.problem.ClosedForms} where it has any.
 *
 * <p>On a sample that the step shares nothing is computed twice: features of a {@link
 * org.stackel.problem.FeatureProblem} are kept per x, a linearisation per point. A sample of its
 * own frees its graph with the answer; a linearisation stays until its scope closes. Where x is
 * held fixed nothing upstream of it is differentiated. Points are recognised by identity, so a step
 * should pass the same tensor objects. What is kept belongs to the scope it was made in: an oracle
 * lives no longer than its step's scope, and what was kept in a nested scope is computed anew after
 * it.
 *
 * <p>With more than one piece every minibatch is cut into slices whose answers are averaged, one
 * slice after the other: the memory of one slice, the same numbers but for rounding, and a forward
 * pass more for every product on a linearisation.
 *
 * @param <B> a minibatch
 */
public final class AutogradOracle<B> implements StochasticOracle {
  private static final long[] SCALAR = {};

  private final BilevelProblem<B> problem;
  private final Seed step;
  private final Sampling sampling;
  private final Shard shard;
  private final Ranks ranks;
  private final @Nullable UpperParts parts;
  private final int pieces;
  private final Arithmetic arithmetic;
  private long upperDraws;
  private long lowerDraws;
  private long freshDraws;
  private long integers;
  private long upperBlockDraws;
  private long lowerBlockDraws;
  private @Nullable SampledObjective sharedUpper;
  private @Nullable SampledObjective sharedLower;

  /** Every minibatch in one piece, in the precision of its tensors. */
  public AutogradOracle(BilevelProblem<B> problem, Seed step, Sampling sampling, Shard shard) {
    this(problem, step, sampling, shard, 1);
  }

  /**
   * Every minibatch in slices, in the precision of its tensors.
   *
   * @param pieces slices that are computed one after the other, at least 1
   */
  public AutogradOracle(
      BilevelProblem<B> problem, Seed step, Sampling sampling, Shard shard, int pieces) {
    this(problem, step, sampling, shard, pieces, Arithmetic.FP32);
  }

  /**
   * @param step the seed of the step: draws are its children
   * @param shard the part of every batch that answers are about
   * @param pieces slices that are computed one after the other, at least 1
   * @param arithmetic how matrices are multiplied
   */
  public AutogradOracle(
      BilevelProblem<B> problem,
      Seed step,
      Sampling sampling,
      Shard shard,
      int pieces,
      Arithmetic arithmetic) {
    this(problem, step, sampling, shard, pieces, arithmetic, Ranks.ONE, null);
  }

  /**
   * Answers about whole minibatches, of which each rank computes its part.
   *
   * @param step the seed of the step: draws are its children
   * @param pieces slices of this rank's part that are computed one after the other, at least 1
   * @param arithmetic how matrices are multiplied
   * @param ranks the processes that share every minibatch; all ask the same in the same order
   */
  public AutogradOracle(
      BilevelProblem<B> problem,
      Seed step,
      Sampling sampling,
      int pieces,
      Arithmetic arithmetic,
      Ranks ranks) {
    this(problem, step, sampling, pieces, arithmetic, ranks, null);
  }

  /**
   * The same where x is cut into parts: every x, and every answer in x, is this rank's part.
   *
   * @param step the seed of the step: draws are its children
   * @param pieces slices of this rank's part that are computed one after the other, at least 1
   * @param arithmetic how matrices are multiplied
   * @param parts of x, for a {@link PerExample} problem without noise; null if x is whole
   */
  public AutogradOracle(
      BilevelProblem<B> problem,
      Seed step,
      Sampling sampling,
      int pieces,
      Arithmetic arithmetic,
      Ranks ranks,
      @Nullable UpperParts parts) {
    this(problem, step, sampling, ranks.shard(), pieces, arithmetic, ranks, parts);
  }

  private AutogradOracle(
      BilevelProblem<B> problem,
      Seed step,
      Sampling sampling,
      Shard shard,
      int pieces,
      Arithmetic arithmetic,
      Ranks ranks,
      @Nullable UpperParts parts) {
    this.problem = problem;
    this.step = step;
    this.sampling = sampling;
    this.shard = shard;
    this.pieces = pieces;
    this.arithmetic = arithmetic;
    this.ranks = ranks;
    this.parts = parts;
  }

  /**
   * Fails, before anything is computed, if minibatches cannot be split into that many slices, or
   * among that many ranks. Makes a minibatch of either level, which belongs to the open scope.
   *
   * @throws InvalidInputException at the key {@code pieces}, or at {@code --ranks}
   */
  public static <B> void checkParts(BilevelProblem<B> problem, int pieces, int ranks) {
    if (pieces > 1 || ranks > 1) {
      long lower =
          problem instanceof PerExample<B> cut // of whose batch not all need be here
              ? cut.lowerBatchSize()
              : problem.sizeOf(problem.lowerBatch(new Seed(0), Shard.ALL));
      long least = Math.min(lower, problem.sizeOf(problem.upperBatch(new Seed(0), Shard.ALL)));
      if (pieces > 1) {
        PiecewiseLoss.check(least, pieces);
      }
      if (ranks > 1) {
        DistributedLoss.check(least, ranks);
      }
    }
  }

  @Override
  public SampledObjective upper() {
    if (sharesSamples()) {
      if (sharedUpper == null) {
        sharedUpper = drawUpper(true);
      }
      return sharedUpper;
    }
    return drawUpper(false);
  }

  @Override
  public SampledObjective lower() {
    if (sharesSamples()) {
      if (sharedLower == null) {
        sharedLower = drawLower("lower", lowerDraws++, true);
      }
      return sharedLower;
    }
    return drawLower("lower", lowerDraws++, false);
  }

  @Override
  public SampledObjective freshLower() {
    return drawLower("fresh", freshDraws++, false);
  }

  @Override
  public boolean sharesSamples() {
    return sampling == Sampling.SHARED || problem.drawsOnce();
  }

  @Override
  public void together(Tensor x) {
    if (sharesSamples()
        && upper() instanceof AutogradLoss<?> upper
        && lower() instanceof AutogradLoss<?> lower) {
      AutogradLoss.together(same(upper), same(lower), x);
    }
  }

  @SuppressWarnings("unchecked") // its own samples
  private AutogradLoss<B> same(AutogradLoss<?> drawn) {
    return (AutogradLoss<B>) drawn;
  }

  @Override
  public int uniform(int bound) {
    return step.child("integer").child(integers++).generator().nextInt(bound);
  }

  @Override
  public Blocks upperBlocks() {
    return finiteSum().upperBlocks();
  }

  @Override
  public Blocks lowerBlocks() {
    return finiteSum().lowerBlocks();
  }

  @Override
  public SampledBlock upperBlock() {
    Seed draw = step.child("upper-block").child(upperBlockDraws++);
    int block = upperBlocks().draw(draw);
    var sample = sample(true, 0, part -> finiteSum().upperBlock(block, part), draw, false);
    return new SampledBlock(block, upperBlocks().weight(block), sample, null);
  }

  @Override
  public SampledBlock lowerBlock() {
    Seed draw = step.child("lower-block").child(lowerBlockDraws++);
    return lowerBlock(lowerBlocks().draw(draw), draw);
  }

  @Override
  public SampledBlock lowerBlock(int number) {
    return lowerBlock(number, step.child("lower-block-number").child(number));
  }

  private SampledBlock lowerBlock(int block, Seed draw) {
    long size = lowerBlocks().sizeOf(block);
    var sample = sample(false, size, part -> finiteSum().lowerBlock(block, part), draw, false);
    return new SampledBlock(block, lowerBlocks().weight(block), sample, own(block));
  }

  private SampledBlock.@Nullable OwnNumbers own(int block) {
    if (!isPerExample()) {
      return null;
    }
    Shard mine = parts == null ? Shard.ALL : parts.shard();
    int every = lowerBlocks().count();
    int[] first = mine.inX(new int[] {block}); // before this part, for most
    return new SampledBlock.OwnNumbers(Math.floorMod(first[0], every), every);
  }

  @Override
  public boolean isPerExample() {
    return PerExample.isHeldBy(problem);
  }

  @Override
  public boolean isFiniteSum() {
    return problem instanceof FiniteSum<B>;
  }

  private FiniteSum<B> finiteSum() {
    if (problem instanceof FiniteSum<B> sum) {
      return sum;
    }
    throw new UnsupportedOperationException("The problem is no finite sum.");
  }

  @Override
  public Layout upperLayout() {
    return problem.upperLayout();
  }

  @Override
  public Tensor normX(Tensor v) {
    return parts == null
        ? StochasticOracle.super.normX(v)
        : v.new_full(SCALAR, Tensors.scalar(parts.norm(v), v));
  }

  @Override
  public Tensor dotX(Tensor a, Tensor b) {
    return parts == null
        ? StochasticOracle.super.dotX(a, b)
        : a.new_full(SCALAR, Tensors.scalar(parts.dot(a, b), a));
  }

  @Override
  public Tensor normalizedStep(Tensor x, Tensor m, double lr) {
    return parts == null
        ? StochasticOracle.super.normalizedStep(x, m, lr)
        : Directions.partOfStep(x, m, parts.norm(m), lr);
  }

  @Override
  public Tensor projectX(Tensor x) {
    return problem.projectX(x);
  }

  @Override
  public Tensor projectY(Tensor y) {
    return problem.projectY(y);
  }

  private Seed draw(String role, long index) {
    return problem.drawsOnce() ? step.child("once") : step.child(role).child(index);
  }

  private SampledObjective drawUpper(boolean isShared) {
    Seed draw = draw("upper", upperDraws++);
    return sample(true, 0, part -> problem.upperBatch(draw, part), draw, isShared);
  }

  private SampledObjective drawLower(String role, long index, boolean isShared) {
    Seed draw = draw(role, index);
    long size = problem instanceof PerExample<B> cut ? cut.lowerBatchSize() : 0;
    return sample(false, size, part -> problem.lowerBatch(draw, part), draw, isShared);
  }

  /**
   * @param size samples of the whole minibatch, which must be known where x is cut into parts
   */
  private SampledObjective sample(
      boolean isUpper, long size, Function<Shard, B> source, Seed draw, boolean isShared) {
    var level = new Level<>(problem, isUpper, arithmetic);
    Shard mine = isUpper || parts == null ? shard : parts.shard();
    SampledObjective exact =
        pieces == 1
            ? whole(level, () -> source.apply(mine), isShared, size)
            : piecewise(level, i -> source.apply(mine.piece(i, pieces)), isShared, size);
    Noise noise = problem.noise();
    return noise.equals(Noise.NONE) ? exact : new NoisyLoss(exact, noise, draw);
  }

  private SampledObjective whole(Level<B> level, Supplier<B> source, boolean isShared, long whole) {
    ExactLoss own = level.on(source, isShared);
    return shared(own, own.size(), whole);
  }

  private SampledObjective piecewise(
      Level<B> level, IntFunction<B> source, boolean isShared, long whole) {
    var own = new PiecewiseLoss<>(level, source, pieces, isShared);
    long size = 0;
    for (int i = 0; i < pieces && ranks.count() > 1; i++) {
      try (var scope = StateScope.open()) {
        size += problem.sizeOf(source.apply(i));
      }
    }
    return shared(own, size, whole);
  }

  private SampledObjective shared(SampledObjective own, long size, long whole) {
    if (ranks.count() == 1) {
      return own;
    }
    return parts == null
        ? new DistributedLoss(own, size, ranks, DistributedLoss.X.WHOLE, 0)
        : new DistributedLoss(own, size, ranks, DistributedLoss.X.IN_PARTS, whole);
  }
}
