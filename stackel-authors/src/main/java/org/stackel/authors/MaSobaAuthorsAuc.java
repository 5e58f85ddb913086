package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Carried;
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
 * Optimization under Relaxed Smoothness Conditions", 2023) as the script that maximises the AUC has
 * it, in AccBO's repository, Accelerated-Bilevel-Optimization-Unbounded-Smoothness.
 *
 * <pre>
 *   y⁺ = y - lowerLr ∇y G(x, y)
 *   z⁺ = z - linearSystemLr (∇²yy G(x, y) z - ∇y F(x, y⁺))
 *   h⁺ = (1 - averaging) h + averaging (∇x F(x, y⁺) - ∇²xy G(x, y⁺) z⁺)
 *   x⁺ = x - upperLr h⁺
 * </pre>
 *
 * <p>Both products with G at y are on one sample. z and h start at 0. One step asks for one
 * gradient of each loss, one Hessian and one cross product. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: the derivatives of f and the cross derivative are at the new
 * y, the hypergradient has the new z, and x moves along the new average.
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
    name = "ma-soba-authors-auc",
    title = "MA-SOBA, AUC script",
    paper = "Chen, Xiao, Balasubramanian, 2023",
    calls = "1 ∇f, 1 ∇g, 1 Hv, 1 Jv")
public record MaSobaAuthorsAuc(
    Schedule upperLr,
    Schedule lowerLr,
    Schedule linearSystemLr,
    double averaging,
    Sampling sampling)
    implements BilevelAlgorithm<MaSobaAuthorsAuc.State>, MaSobaAuthorsAucBuilder.With {

  /** The defaults of {@link MaSoba}. */
  public MaSobaAuthorsAuc() {
    this(
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        0.1,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static MaSobaAuthorsAucBuilder builder() {
    return MaSobaAuthorsAucBuilder.of(new MaSobaAuthorsAuc());
  }

  /**
   * State.
   *
   * @param x upper variable
   * @param y lower variable
   * @param z estimate of {@code [∇²yy g]⁻¹ ∇y f}
   * @param h moving average of the hypergradient
   */
  public record State(Tensor x, Tensor y, Tensor z, Tensor h) implements AlgorithmState {}

  /**
   * Checks the values.
   *
   * @throws InvalidInputException for one out of its range
   */
  public MaSobaAuthorsAuc {
    new Rules("ma-soba-authors-auc").share("averaging", averaging);
  }

  @Override
  public MaSobaAuthorsAuc suitedTo(Scales scales) {
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
    return new State(start.x(), y, Tensors.zerosLike(y), h);
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    var rates = new ScriptStep.Rates(lowerLr.at(t), linearSystemLr.at(t), null);
    Tensor cleared = Tensors.zerosLike(s.y());
    ScriptStep next = ScriptStep.of(s.x(), s.y(), s.z(), cleared, 1, rates, oracle);
    Tensor h = Directions.average(1 - averaging, s.h(), next.h());
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), h);
    return new State(x, next.y(), next.z(), h);
  }
}
