package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Carried;
import org.stackel.algorithm.LikeX;
import org.stackel.algorithm.MaSoba;
import org.stackel.algorithm.Suited;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.optim.Directions;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.tensor.Tensors;

/**
 * {@link MaSoba} (Chen, Xiao, Balasubramanian: "Optimal Algorithms for Stochastic Bilevel
 * Optimization under Relaxed Smoothness Conditions", 2023) as the data cleaning script of SLIP's
 * repository, Single-Loop-bilevel-Optimizer-under-Unbounded-Smoothness, has it.
 *
 * <pre>
 *   y⁺ = y - lowerLr (∇y G(x, y) + ∇y F of the step before)
 *   z⁺ = z - linearSystemLr (∇²yy G(x, y) z - ∇y F(x, y⁺))
 *   h⁺ = (1 - averaging) h + averaging (∇x F(x, y⁺) - ∇²xy G(x, y⁺) z⁺)
 *   x⁺ = x - upperLr h⁺
 * </pre>
 *
 * <p>Both products with G at y are on one sample. z, h and ∇y F start at 0. One step asks for one
 * gradient of each loss, one Hessian and one cross product. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: the last ∇y F is added to the gradient of y, because the
 * script does not clear it. The derivatives of f and the cross derivative are at the new y, the
 * hypergradient has the new z, and x moves along the new average.
 *
 * <p>With {@code averaging} 1 this is {@link SabaAuthors} with a step size of its own for z.
 *
 * @param upperLr step size of x (a in the paper)
 * @param lowerLr step size of y (b in the paper)
 * @param linearSystemLr step size of z, the solution of the linear system; below 2 over the largest
 *     curvature of g in y
 * @param averaging weight of the new hypergradient in its moving average (θ in the paper), in (0,
 *     1]
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "ma-soba-authors-cleaning",
    title = "MA-SOBA, cleaning script",
    paper = "Chen, Xiao, Balasubramanian, 2023",
    calls = "1 ∇f, 1 ∇g, 1 Hv, 1 Jv")
public record MaSobaAuthorsCleaning(
    Schedule upperLr,
    Schedule lowerLr,
    Schedule linearSystemLr,
    double averaging,
    Sampling sampling)
    implements BilevelAlgorithm<MaSobaAuthorsCleaning.State>, MaSobaAuthorsCleaningBuilder.With {

  /** The defaults of {@link MaSoba}. */
  public MaSobaAuthorsCleaning() {
    this(
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        0.1,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static MaSobaAuthorsCleaningBuilder builder() {
    return MaSobaAuthorsCleaningBuilder.of(new MaSobaAuthorsCleaning());
  }

  /**
   * State.
   *
   * @param x upper variable
   * @param y lower variable
   * @param z estimate of {@code [∇²yy g]⁻¹ ∇y f}
   * @param h moving average of the hypergradient
   * @param leaked ∇y F of the step before
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor z, @LikeX Tensor h, Tensor leaked)
      implements AlgorithmState {}

  /**
   * Checks the values.
   *
   * @throws InvalidInputException for one out of its range
   */
  public MaSobaAuthorsCleaning {
    new Rules("ma-soba-authors-cleaning").share("averaging", averaging);
  }

  @Override
  public MaSobaAuthorsCleaning suitedTo(Scales scales) {
    return Suited.like(new MaSoba().suitedTo(scales), this);
  }

  @Override
  public Carried<State> carried() {
    return new Carried<>(State::z, linearSystemLr::at);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor y = start.y();
    Tensor h = Tensors.zerosLike(start.x());
    return new State(start.x(), y, Tensors.zerosLike(y), h, Tensors.zerosLike(y));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    var rates = new ScriptStep.Rates(lowerLr.at(t), linearSystemLr.at(t), null);
    ScriptStep next = ScriptStep.of(s.x(), s.y(), s.z(), s.leaked(), 1, rates, oracle);
    Tensor h = Directions.average(1 - averaging, s.h(), next.h());
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), h);
    return new State(x, next.y(), next.z(), h, next.leaked());
  }
}
