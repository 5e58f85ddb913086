package org.stackel.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Blocks;
import org.stackel.problem.DenseSecondOrder;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Noise;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * What an exact quantity of a problem is: a mean over fixed batches, without the oracle's noise.
 *
 * <p>Either all data, where the problem is a finite sum of no more blocks than asked for; estimates
 * then draw minibatches as a run does. Or as many minibatches as asked for, drawn once; estimates
 * then draw from these, so that their exact means are known all the same.
 *
 * <p>Where both levels of a step have one draw, as the tasks of a hyper-representation, so have
 * both levels of each batch here, and an estimate draws the same batch at both.
 *
 * <p>Batches live in the scope in which the reference was made.
 *
 * @param <B> a minibatch
 */
public final class Reference<B> {
  private final BilevelProblem<B> problem;
  private final List<B> upper;
  private final List<B> lower;
  private final double[] upperWeights;
  private final double[] lowerWeights;
  private final boolean isWhole;

  private Reference(
      BilevelProblem<B> problem,
      List<B> upper,
      List<B> lower,
      double[] upperWeights,
      double[] lowerWeights,
      boolean isWhole) {
    this.problem = problem;
    this.upper = upper;
    this.lower = lower;
    this.upperWeights = upperWeights;
    this.lowerWeights = lowerWeights;
    this.isWhole = isWhole;
  }

  /**
   * The reference of a problem.
   *
   * @param size most minibatches of a level
   */
  public static <B> Reference<B> of(BilevelProblem<B> problem, Seed seed, int size) {
    if (problem instanceof FiniteSum<B> sum
        && Math.max(sum.upperBlocks().count(), sum.lowerBlocks().count()) <= size) {
      return whole(sum);
    }
    var uppers = new ArrayList<B>();
    var lowers = new ArrayList<B>();
    for (int i = 0; i < size; i++) {
      uppers.add(problem.upperBatch(draw(problem, seed, "upper").child(i), Shard.ALL));
      lowers.add(problem.lowerBatch(draw(problem, seed, "lower").child(i), Shard.ALL));
    }
    boolean isAligned = problem.drawsOnce() && !(areOne(uppers) && areOne(lowers));
    List<B> upper = isAligned ? uppers : once(uppers);
    List<B> lower = isAligned ? lowers : once(lowers);
    return new Reference<>(
        problem,
        upper,
        lower,
        equal(upper.size()),
        equal(lower.size()),
        size > 1 && upper.size() == 1 && lower.size() == 1);
  }

  /**
   * A recorded state where references are exact: in float64, on the device. Integers, such as
   * counters, stay as they are.
   */
  static Record fine(Record recorded, Device device) {
    Tensor like = Tensors.of(device, 0);
    return StateScope.map(
        recorded, tensor -> tensor.is_floating_point() ? tensor.to(like) : tensor);
  }

  private static Seed draw(BilevelProblem<?> problem, Seed seed, String level) {
    return seed.child(problem.drawsOnce() ? "once" : level);
  }

  /** A problem that always draws all its data gives the same object every time. */
  private static <B> List<B> once(List<B> batches) {
    return areOne(batches) ? List.of(batches.get(0)) : batches;
  }

  @SuppressWarnings("ReferenceEquality")
  private static <B> boolean areOne(List<B> batches) {
    B first = batches.get(0);
    return batches.stream().allMatch(each -> each == first);
  }

  private static double[] equal(int count) {
    double[] weights = new double[count];
    Arrays.fill(weights, 1.0 / count);
    return weights;
  }

  private static <B> Reference<B> whole(FiniteSum<B> sum) {
    Blocks upper = sum.upperBlocks();
    Blocks lower = sum.lowerBlocks();
    return new Reference<>(
        sum,
        IntStream.range(0, upper.count()).mapToObj(i -> sum.upperBlock(i, Shard.ALL)).toList(),
        IntStream.range(0, lower.count()).mapToObj(i -> sum.lowerBlock(i, Shard.ALL)).toList(),
        IntStream.range(0, upper.count()).mapToDouble(upper::weight).toArray(),
        IntStream.range(0, lower.count()).mapToDouble(lower::weight).toArray(),
        true);
  }

  /** The first batch of each level alone. */
  public Reference<B> first() {
    return new Reference<>(
        problem,
        upper.subList(0, 1),
        lower.subList(0, 1),
        new double[] {1},
        new double[] {1},
        false);
  }

  /** Description in words. */
  public String description() {
    return isWhole
        ? "all data of both levels"
        : "%d upper and %d lower minibatches, drawn once; estimates draw from them"
            .formatted(upper.size(), lower.size());
  }

  /** Number of minibatches in a mean of the lower level. */
  int size() {
    return lower.size();
  }

  /** The weight of each upper batch in a mean. */
  double[] upperWeights() {
    return upperWeights.clone();
  }

  /** The weight of each lower batch in a mean. */
  double[] lowerWeights() {
    return lowerWeights.clone();
  }

  /** The upper loss on one batch, without noise. */
  public SampledObjective oneUpper() {
    return exactly(upper.iterator(), lower.iterator()).upper();
  }

  /** The lower loss on one batch, without noise. */
  public SampledObjective oneLower() {
    return oneLower(Sampling.INDEPENDENT);
  }

  /** The lower loss on one batch, without noise, as a step with this sampling has it. */
  SampledObjective oneLower(Sampling sampling) {
    return exactly(upper.iterator(), lower.iterator(), sampling).lower();
  }

  /** Whether the problem knows second derivatives of the lower loss as matrices. */
  boolean isDense() {
    return problem instanceof DenseSecondOrder;
  }

  /** The upper loss on every batch, without noise. */
  List<SampledObjective> uppers() {
    return all(exactly(upper.iterator(), lower.iterator())::upper, upper.size());
  }

  /** The lower loss on every batch, without noise. */
  List<SampledObjective> lowers() {
    return all(exactly(upper.iterator(), lower.iterator())::lower, lower.size());
  }

  private static List<SampledObjective> all(Supplier<SampledObjective> next, int count) {
    return Stream.generate(next).limit(count).toList();
  }

  /**
   * The batches one after the other, whatever the problem draws: an oracle that draws once would
   * answer with the first one only.
   */
  private StochasticOracle exactly(Iterator<B> uppers, Iterator<B> lowers) {
    return exactly(uppers, lowers, Sampling.INDEPENDENT);
  }

  private StochasticOracle exactly(Iterator<B> uppers, Iterator<B> lowers, Sampling sampling) {
    return new AutogradOracle<>(
        RedrawnProblem.of(
            problem,
            (draw, shard) -> uppers.next(),
            (draw, shard) -> lowers.next(),
            new RedrawnProblem.Draws(false, Noise.NONE)),
        new Seed(0),
        sampling,
        Shard.ALL);
  }

  /** Whether samples of one step are the same, with this sampling. */
  public boolean sharesSamples(Sampling sampling) {
    return sampling == Sampling.SHARED || problem.drawsOnce();
  }

  /** Samples as a step of a run has them. */
  public StochasticOracle draws(Seed seed, Sampling sampling) {
    var drawn =
        isWhole
            ? problem
            : RedrawnProblem.of(
                problem,
                (draw, shard) -> upper.get(draw.generator().nextInt(upper.size())),
                (draw, shard) -> lower.get(draw.generator().nextInt(lower.size())),
                new RedrawnProblem.Draws(problem.drawsOnce(), problem.noise()));
    return new AutogradOracle<>(drawn, seed, sampling, Shard.ALL);
  }

  /**
   * The same for a whole step of an algorithm, which may draw blocks of a finite sum: those are
   * drawn from all data.
   */
  StochasticOracle steps(Seed seed, Sampling sampling) {
    return problem instanceof FiniteSum
        ? new AutogradOracle<>(problem, seed, sampling, Shard.ALL)
        : draws(seed, sampling);
  }
}
