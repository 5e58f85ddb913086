package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.hypergradient.SolvedLower;
import org.stackel.optim.Directions;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Products;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.LowerSolver;
import org.stackel.problem.Start;
import org.stackel.tensor.Tensors;

/**
 * MA-SOBA (Chen, Xiao, Balasubramanian: "Optimal Algorithms for Stochastic Bilevel Optimization
 * under Relaxed Smoothness Conditions", 2023, Algorithm 1): SOBA with a moving average of the
 * hypergradient.
 *
 * <pre>
 *   x⁺ = x - upperLr h
 *   y⁺ = y - lowerLr ∇y G(x, y)
 *   z⁺ = z - linearSystemLr (∇²yy G(x, y) z - ∇y F(x, y))
 *   h⁺ = (1 - averaging) h + averaging (∇x F(x, y) - ∇²xy G(x, y) z)
 * </pre>
 *
 * <p>Every right-hand side is at the old point: x moves along the average before its update, so the
 * first step leaves x where it is. One step asks for one gradient of each loss, one Hessian and one
 * cross product. z and h start at 0. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: none. The three step sizes are 0.1 by default, which suits a
 * lower Hessian with eigenvalues below 10.
 *
 * <p><b>Difference from the paper</b>: with {@code lowerSolver: newton} a step begins with the
 * lower level of its sample, solved as {@link SolvedLower} says, in place of the steps of y and z;
 * then h is taken there. Before the first step every block of a finite sum is solved.
 *
 * @param upperLr step size of x (a in the paper)
 * @param lowerLr step size of y (b in the paper)
 * @param linearSystemLr step size of z, the solution of the linear system
 * @param averaging weight of the new hypergradient in its moving average (θ in the paper), in (0,
 *     1]
 * @param lowerSolver how y and z follow x; with {@code newton} the sample's lower level is solved
 *     before x moves, and lowerLr and linearSystemLr have no effect
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "ma-soba",
    title = "MA-SOBA",
    paper = "Chen, Xiao, Balasubramanian, 2023",
    calls = "1 ∇f, 1 ∇g, 1 Hv, 1 Jv")
public record MaSoba(
    Schedule upperLr,
    Schedule lowerLr,
    Schedule linearSystemLr,
    double averaging,
    LowerSolver lowerSolver,
    Sampling sampling)
    implements BilevelAlgorithm<MaSoba.State>, MaSobaBuilder.With {

  /** The published averaging, and step sizes for a start. */
  public MaSoba() {
    this(
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        0.1,
        LowerSolver.STEPS,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static MaSobaBuilder builder() {
    return MaSobaBuilder.of(new MaSoba());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param z estimate of {@code [∇²yy g]⁻¹ ∇y f}, shape [p]
   * @param h moving average of the hypergradient, shape [n]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor z, @LikeX Tensor h)
      implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public MaSoba {
    var rules = new Rules("ma-soba");
    rules.share("averaging", averaging);
  }

  @Override
  public Carried<State> carried() {
    return lowerSolver == LowerSolver.NEWTON
        ? Carried.of(State::z)
        : new Carried<>(State::z, linearSystemLr::at);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(
        start.x(),
        started(start, oracle),
        Tensors.zerosLike(start.y()),
        Tensors.zerosLike(start.x()));
  }

  private Tensor started(Start start, StochasticOracle oracle) {
    return lowerSolver == LowerSolver.NEWTON
        ? LowerSteps.solved(start.x(), start.y(), oracle)
        : start.y();
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), s.h());
    if (lowerSolver == LowerSolver.NEWTON) {
      SolvedLower lower = SolvedLower.at(oracle, s.x(), s.y(), s.z());
      Tensor h = Directions.average(1 - averaging, s.h(), lower.direction());
      return new State(x, lower.y(), lower.z(), h);
    }
    oracle.together(s.x());
    Tensor y = Tensors.axpy(s.y(), -lowerLr.at(t), oracle.lower().gradientY(s.x(), s.y()));
    Gradient f = oracle.upper().gradient(s.x(), s.y());
    Products g = oracle.products(s.x(), s.y(), s.z());
    Tensor z = LinearSystem.step(s.z(), linearSystemLr.at(t), g.hessian(), f.y());
    Tensor h = Directions.average(1 - averaging, s.h(), f.inX().minus(g.inX()));
    return new State(x, y, z, h);
  }
}
