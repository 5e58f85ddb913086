package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.hypergradient.SolvedLower;
import org.stackel.optim.Adam;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Products;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.LowerSolver;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * LS-Adam: {@link Slip}'s linear system in place of {@link AdamBo}'s Neumann series, so that Adam
 * moves x at the price of one Hessian product a step. Ours; unpublished, without an analysis.
 *
 * <pre>
 *   y₀ : warmStartSteps times  y ← y - warmStartLr ∇y G(x₀, y)
 *   h  = ∇x F(x, y) - ∇²xy G(x, y) z
 *   z⁺ = z - linearSystemLr (∇²yy G(x, y) z - ∇y F(x, y))
 *   y⁺ = y - lowerLr ∇y G(x, y)
 *   x⁺ = Adam(x, h; upperLr, beta1, beta2, epsilon), bias corrections from t = 1
 * </pre>
 *
 * <p>Every right-hand side is at the old point. One step asks for one gradient of each loss, one
 * Hessian and one cross product. z starts at 0, and Adam divides by the size of h: while z is still
 * small the first steps of x follow {@code ∇x F} alone at full length. Any shapes; x, y flat.
 *
 * <p>There is no paper to differ from. With {@code linearSystemRadius} z is kept in a ball around
 * 0, as in {@link Slip}.
 *
 * <p>With {@code lowerSolver: newton} a step begins with the lower level of its sample, solved as
 * {@link SolvedLower} says, in place of the steps of y and z; then h is taken there. The warm start
 * solves every block of a finite sum.
 *
 * @param upperLr step size of x (η in the paper)
 * @param lowerLr step size of y
 * @param linearSystemLr step size of z, the solution of the linear system (ν in the paper); below 2
 *     over the largest curvature of g in y
 * @param beta1 decay rate of Adam's first moment, in [0, 1)
 * @param beta2 decay rate of Adam's second moment, in [0, 1)
 * @param epsilon number added to Adam's denominator, greater than 0
 * @param warmStartSteps number of warm-start steps of y before the first step, at least 0
 * @param warmStartLr step size of y in the warm start; if left out, the value of lowerLr at the
 *     first step
 * @param linearSystemRadius largest norm of z, onto which longer ones are projected, greater than
 *     0; no projection if left out
 * @param lowerSolver how y and z follow x; with {@code newton} the sample's lower level is solved
 *     before x moves, and lowerLr, linearSystemLr and the warm start have no effect
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "ls-adam",
    title = "LS-Adam",
    paper = "ours, unpublished",
    calls = "1 ∇f, 1 ∇g, 1 Hv, 1 Jv")
public record LsAdam(
    Schedule upperLr,
    Schedule lowerLr,
    Schedule linearSystemLr,
    double beta1,
    double beta2,
    double epsilon,
    long warmStartSteps,
    @Nullable Schedule warmStartLr,
    @Nullable Double linearSystemRadius,
    LowerSolver lowerSolver,
    Sampling sampling)
    implements BilevelAlgorithm<LsAdam.State>, LsAdamBuilder.With {

  /** The lower level of SLIP, the upper level of AdamBO. */
  public LsAdam() {
    this(
        Schedule.constant(5e-3),
        Schedule.constant(0.05),
        Schedule.constant(0.01),
        0.9,
        0.999,
        1e-8,
        3,
        null,
        null,
        LowerSolver.STEPS,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static LsAdamBuilder builder() {
    return LsAdamBuilder.of(new LsAdam());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param z estimate of {@code [∇²yy g]⁻¹ ∇y f}, shape [p]
   * @param moments Adam's moments of the hypergradient, each of shape [n]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor z, @LikeX Adam.Moments moments)
      implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public LsAdam {
    var rules = new Rules("ls-adam");
    rules.fraction("beta1", beta1);
    rules.fraction("beta2", beta2);
    rules.positive("epsilon", epsilon);
    rules.atLeast("warmStartSteps", warmStartSteps, 0);
    rules.positiveIfGiven("linearSystemRadius", linearSystemRadius);
  }

  @Override
  public LsAdam suitedTo(Scales scales) {
    return Suited.to(scales, UpperStep.ADAM, this);
  }

  @Override
  public Carried<State> carried() {
    return lowerSolver == LowerSolver.NEWTON
        ? Carried.of(State::z)
        : new Carried<>(State::z, linearSystemLr::at);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor y = started(start, oracle);
    return new State(start.x(), y, Tensors.zerosLike(y), Adam.Moments.zero(start.x()));
  }

  private Tensor started(Start start, StochasticOracle oracle) {
    if (lowerSolver == LowerSolver.NEWTON) {
      return LowerSteps.solved(start.x(), start.y(), oracle);
    }
    Schedule lr = LowerSteps.warmStart(warmStartLr, lowerLr);
    return LowerSteps.descend(start.x(), start.y(), warmStartSteps, lr, oracle);
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    if (lowerSolver == LowerSolver.NEWTON) {
      SolvedLower lower = SolvedLower.at(oracle, s.x(), s.y(), s.z());
      return moved(t, s, lower.direction(), lower.y(), lower.z());
    }
    oracle.together(s.x());
    Gradient f = oracle.upper().gradient(s.x(), s.y());
    Products g = oracle.products(s.x(), s.y(), s.z());
    Tensor gradY = oracle.lower().gradientY(s.x(), s.y());
    Tensor z =
        Guards.ball(
            LinearSystem.step(s.z(), linearSystemLr.at(t), g.hessian(), f.y()), linearSystemRadius);
    Tensor y = Tensors.axpy(s.y(), -lowerLr.at(t), gradY);
    return moved(t, s, f.inX().minus(g.inX()).get(), y, z);
  }

  private State moved(long t, State s, Tensor h, Tensor y, Tensor z) {
    var adam = new Adam(beta1, beta2, epsilon);
    Adam.Moments moments = adam.update(s.moments(), h);
    return new State(adam.step(s.x(), moments, t + 1, upperLr.at(t)), y, z, moments);
  }
}
