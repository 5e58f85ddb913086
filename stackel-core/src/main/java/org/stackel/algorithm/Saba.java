package org.stackel.algorithm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Products;
import org.stackel.oracle.SampledBlock;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.LinearSum;
import org.stackel.tensor.Tensors;

/**
 * SABA (Dagréou, Ablin, Vaiter, Moreau: "A framework for bilevel optimization that enables
 * stochastic and global variance reduction algorithms", NeurIPS 2022, Algorithm 1 with SAGA
 * directions): SOBA with a memory of what every minibatch said last.
 *
 * <pre>
 *   block i of the lower, block j of the upper examples;  for each of the five quantities
 *        q = ∇y G, ∇²yy G z, ∇²xy G z on i,  ∇y F, ∇x F on j,  table T, average A = Σ wₖ T[k]:
 *   d = q - T[i],   direction = d + A,   A⁺ = A + wᵢ d,   T⁺[i] = q
 *   y⁺ = y - lowerLr dir(∇y G)
 *   z⁺ = z - lowerLr (dir(∇²yy G z) - dir(∇y F))
 *   x⁺ = x - upperLr (dir(∇x F) - dir(∇²xy G z))
 * </pre>
 *
 * <p>w is a block's share of the examples and the probability of its draw, so that a direction has
 * the full gradient as its mean. One step asks for one gradient of each loss, one Hessian and one
 * cross product, on one lower and one upper block. Tables and z start at 0: until every block was
 * seen, directions lean towards the first ones.
 *
 * <p><b>Memory</b>: the state has two vectors of the size of y and one of the size of x for each
 * lower block, and one of each for each upper block. Where x has a number for each lower example
 * ({@link org.stackel.problem.PerExample}) {@code ∇²xy G z} is 0 but in the numbers of the block's
 * examples, and {@code ∇x F} is 0: two vectors of the size of x then take the place of all others,
 * with the same steps. A checkpoint has them too. The problem must be a {@link
 * org.stackel.problem.FiniteSum}.
 *
 * <p><b>Difference from the paper</b>: x and y are projected where the problem says onto what.
 *
 * <p>Both step sizes are 0.1 by default, which suits a lower Hessian with eigenvalues below 10.
 *
 * @param upperLr step size of x (γ in the paper)
 * @param lowerLr step size of y and z (ρ in the paper), below 2 over the largest curvature of g in
 *     y
 */
@OptionRecord
@AlgorithmInfo(
    name = "saba",
    title = "SABA",
    paper = "Dagréou, Ablin, Vaiter, Moreau, NeurIPS 2022",
    calls = "1 ∇f, 1 ∇g, 1 Hv, 1 Jv",
    traits = {Trait.NEEDS_FINITE_SUM, Trait.PROJECTS_X})
public record Saba(Schedule upperLr, Schedule lowerLr)
    implements BilevelAlgorithm<Saba.State>, SabaBuilder.With {

  /** Step sizes for a start. */
  public Saba() {
    this(Schedule.constant(0.1), Schedule.constant(0.1));
  }

  /** Starts from the defaults. */
  public static SabaBuilder builder() {
    return SabaBuilder.of(new Saba());
  }

  /** What every block said last of one quantity. */
  public sealed interface Memory {
    /** {@code d + A}. */
    LinearSum direction(SampledBlock block, Tensor now);

    /** The same once the block has said something else. */
    Memory with(SampledBlock block, Tensor now);

    private static Tensor moved(Tensor average, SampledBlock block, LinearSum difference) {
      return LinearSum.of(average).plus(block.weight(), difference).get();
    }
  }

  /**
   * A vector for each block.
   *
   * @param table the vectors
   * @param average their mean, by the blocks' weights
   */
  public record OfBlocks(List<Tensor> table, Tensor average) implements Memory {
    static OfBlocks zero(int blocks, Tensor like) {
      Tensor zeros = Tensors.zerosLike(like);
      return new OfBlocks(Collections.nCopies(blocks, zeros), zeros);
    }

    @Override
    public LinearSum direction(SampledBlock block, Tensor now) {
      return difference(block, now).plus(average);
    }

    @Override
    public OfBlocks with(SampledBlock block, Tensor now) {
      var next = new ArrayList<>(table);
      next.set(block.number(), now);
      return new OfBlocks(
          Collections.unmodifiableList(next), Memory.moved(average, block, difference(block, now)));
    }

    private LinearSum difference(SampledBlock block, Tensor now) {
      return LinearSum.of(now).minus(table.get(block.number()));
    }
  }

  /**
   * One vector like x for all blocks, each of which is 0 but in the numbers of its own examples.
   *
   * @param entries of each block what it said of these numbers
   * @param average the mean of the blocks' vectors, by their weights
   */
  public record OfExamples(Tensor entries, Tensor average) implements Memory {
    static OfExamples zero(Tensor like) {
      Tensor zeros = Tensors.zerosLike(like);
      return new OfExamples(zeros, zeros);
    }

    @Override
    public LinearSum direction(SampledBlock block, Tensor now) {
      return LinearSum.of(now).minus(block.only(entries)).plus(average);
    }

    @Override
    public OfExamples with(SampledBlock block, Tensor now) {
      Tensor before = block.only(entries);
      return new OfExamples(
          LinearSum.of(entries).minus(before).plus(now).get(),
          Memory.moved(average, block, LinearSum.of(now).minus(before)));
    }
  }

  /** Of what is 0 on every block. */
  public record OfNothing() implements Memory {
    @Override
    public LinearSum direction(SampledBlock block, Tensor now) {
      return LinearSum.of(now);
    }

    @Override
    public OfNothing with(SampledBlock block, Tensor now) {
      return this;
    }
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param z estimate of {@code [∇²yy g]⁻¹ ∇y f}, shape [p]
   * @param lowerGradient memory of {@code ∇y G}
   * @param hessian memory of {@code ∇²yy G z}
   * @param cross memory of {@code ∇²xy G z}
   * @param upperGradientX memory of {@code ∇x F}
   * @param upperGradientY memory of {@code ∇y F}
   */
  public record State(
      @LikeX Tensor x,
      Tensor y,
      Tensor z,
      Memory lowerGradient,
      Memory hessian,
      @LikeX Memory cross,
      @LikeX Memory upperGradientX,
      Memory upperGradientY)
      implements AlgorithmState {}

  /** One block of each level in a step: that is the method. */
  @Override
  public Sampling sampling() {
    return Sampling.SHARED;
  }

  @Override
  public Saba suitedTo(Scales scales) {
    Saba usual = Suited.to(scales, UpperStep.PLAIN, this);
    return switch (scales.structure()) {
      case NETWORK_WEIGHTS -> usual.withLowerLr(0.15); // that of the linear system too
      case HEADS -> // a head moves in the steps of other tasks too, by what is remembered of its
          // own
          usual
              .withLowerLr(Scales.rounded(scales.lowerLr() / 5))
              .withUpperLr(Scales.rounded(scales.upperLr(UpperStep.PLAIN).at(0) / 2));
      default -> usual;
    };
  }

  @Override
  public Carried<State> carried() {
    return Carried.of(State::z);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor x = start.x();
    Tensor y = start.y();
    int lower = oracle.lowerBlocks().count();
    int upper = oracle.upperBlocks().count();
    return new State(
        x,
        y,
        Tensors.zerosLike(y),
        OfBlocks.zero(lower, y),
        OfBlocks.zero(lower, y),
        oracle.isPerExample() ? OfExamples.zero(x) : OfBlocks.zero(lower, x),
        oracle.isPerExample() ? new OfNothing() : OfBlocks.zero(upper, x),
        OfBlocks.zero(upper, y));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    SampledBlock j = oracle.upperBlock();
    SampledBlock i = oracle.lowerBlock();
    Gradient f = j.loss().gradient(s.x(), s.y());
    Linearization g = i.loss().linearize(s.x(), s.y());
    Products products = g.products(s.z());
    Tensor gradY = g.gradY();
    double rho = lowerLr.at(t);
    Tensor y = LinearSum.of(s.y()).plus(-rho, s.lowerGradient().direction(i, gradY)).get();
    Tensor z =
        LinearSystem.step(
            s.z(),
            rho,
            s.hessian().direction(i, products.hessian()),
            s.upperGradientY().direction(j, f.y()));
    LinearSum h =
        s.upperGradientX().direction(j, f.x()).minus(s.cross().direction(i, products.cross()));
    return new State(
        oracle.projectX(LinearSum.of(s.x()).plus(-upperLr.at(t), h).get()),
        oracle.projectY(y),
        z,
        s.lowerGradient().with(i, gradY),
        s.hessian().with(i, products.hessian()),
        s.cross().with(i, products.cross()),
        s.upperGradientX().with(j, f.x()),
        s.upperGradientY().with(j, f.y()));
  }
}
