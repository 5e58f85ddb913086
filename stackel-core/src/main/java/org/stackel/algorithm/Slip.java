package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
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
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;
import org.stackel.theory.Analysis;
import org.stackel.theory.TheoryPlan;

/**
 * SLIP (Gong, Hao, Liu: "A Nearly Optimal Single Loop Algorithm for Stochastic Bilevel Optimization
 * under Unbounded Smoothness", ICML 2024, Algorithm 1): x, y and z move together, x by a normalised
 * step along a momentum.
 *
 * <pre>
 *   y₀ : warmStartSteps times  y ← y - warmStartLr ∇y G(x₀, y)
 *   h  = ∇x F(x, y) - ∇²xy G(x, y) z
 *   m⁺ = momentum m + (1 - momentum) h
 *   z⁺ = z - linearSystemLr (∇²yy G(x, y) z - ∇y F(x, y))
 *   y⁺ = y - lowerLr ∇y G(x, y)
 *   x⁺ = x - upperLr m⁺ / |m⁺|
 * </pre>
 *
 * <p>Every right-hand side is at the old point. One step asks for one gradient of each loss, one
 * Hessian and one cross product. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: with {@code linearSystemRadius} z is kept in a ball around
 * 0, which bounds it where the lower Hessian is indefinite.
 *
 * <p><b>Difference from the paper</b>: with {@code lowerSolver: newton} a step begins with the
 * lower level of its sample, solved as {@link SolvedLower} says, in place of the steps of y and z;
 * then h is taken there. The warm start solves every block of a finite sum.
 *
 * @param upperLr length of each step of x, whose direction is normalised (η in the paper)
 * @param lowerLr step size of y
 * @param linearSystemLr step size of z, the solution of the linear system (ν in the paper); below 2
 *     over the largest curvature of g in y
 * @param momentum weight of the previous momentum of the hypergradient (β in the paper), in [0, 1)
 * @param warmStartSteps number of warm-start steps of y before the first step (T₀ in the paper), at
 *     least 0
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
    name = "slip",
    title = "SLIP",
    paper = "Gong, Hao, Liu, ICML 2024",
    calls = "1 ∇f, 1 ∇g, 1 Hv, 1 Jv")
public record Slip(
    Schedule upperLr,
    Schedule lowerLr,
    Schedule linearSystemLr,
    double momentum,
    long warmStartSteps,
    @Nullable Schedule warmStartLr,
    @Nullable Double linearSystemRadius,
    LowerSolver lowerSolver,
    Sampling sampling)
    implements BilevelAlgorithm<Slip.State>, SlipBuilder.With {

  /** The published defaults. */
  public Slip() {
    this(
        Schedule.constant(0.05),
        Schedule.constant(0.05),
        Schedule.constant(0.01),
        0.9,
        3,
        null,
        null,
        LowerSolver.STEPS,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static SlipBuilder builder() {
    return SlipBuilder.of(new Slip());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param z estimate of {@code [∇²yy g]⁻¹ ∇y f}, shape [p]
   * @param m momentum of the hypergradient, shape [n]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor z, @LikeX Tensor m)
      implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Slip {
    var rules = new Rules("slip");
    rules.fraction("momentum", momentum);
    rules.atLeast("warmStartSteps", warmStartSteps, 0);
    rules.positiveIfGiven("linearSystemRadius", linearSystemRadius);
  }

  @Override
  public Slip suitedTo(Scales scales) {
    return Suited.to(scales, UpperStep.NORMALIZED, this);
  }

  @Override
  public Carried<State> carried() {
    return lowerSolver == LowerSolver.NEWTON
        ? Carried.of(State::z)
        : new Carried<>(State::z, linearSystemLr::at);
  }

  /**
   * Hyperparameters and T with which the mean of |∇Φ(x_t)| over the T steps is at most ε, in
   * expectation.
   *
   * <p>Derivation: with {@code e = m⁺ - ∇Φ(x)} a normalised step gives {@code Φ(x⁺) ≤ Φ(x) - η |∇Φ|
   * + 2η |e| + η²/2 (L₀ + L₁ |∇Φ|)}, so the mean of |∇Φ| is at most {@code Δ/(ηT) + ηL₀/2} plus
   * twice the mean of |e|, to which contribute at most, doubled:
   *
   * <pre>
   *   noise of the momentum    2 σ √(1-β)                   ≤ ε/11
   *   lag of the momentum      2 η (L₀ + L₁ |∇Φ|)/(1-β)     ≤ ε/16 + |∇Φ|/8
   *   its first value, 0       2 |∇Φ(x₀)| β/((1-β) T)       ≤ ε/16
   *   y                        2 (8/7 B + L_x1 |∇Φ|) τ      ≤ ε/7 + |∇Φ|/8
   *   z: noise and lag         2 ℓ_g1 τ_z                   ≤ ε/8
   *   its first value, 0       2 ℓ_g1 ℓ_f0/(μ · 7/8 νμ T)   ≤ ε/16
   * </pre>
   *
   * <p>With {@code Δ/(ηT) = ε/8} they sum to at most .68 ε + .29 |∇Φ|. {@link Analysis} has the
   * tracking of y and z. The noises of m and z share the sample of F, for which the lag of z counts
   * twice.
   *
   * <p><b>Difference from the paper</b>: the orders are its own, the factors ours; y is tracked in
   * mean square, not with high probability.
   */
  @Override
  public TheoryPlan theory(Analysis a) {
    double renewal = a.renewal();
    double lower = a.lowerStep(a.target(), a.lowerVariance());
    double linear = a.linearStep();
    double upper = Math.min(renewal * a.move(), Math.min(a.tracked(lower), a.solvable(linear)));
    return new TheoryPlan()
        .put("upperLr", upper)
        .put("lowerLr", lower)
        .put("linearSystemLr", linear)
        .momentum(renewal)
        .length("warmStartSteps", a.warmStart(lower, a.target()))
        .put("sampling", "independent")
        .steps(a.steps(upper, renewal, linear));
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor y = started(start, oracle);
    return new State(start.x(), y, Tensors.zerosLike(y), Tensors.zerosLike(start.x()));
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
      Tensor m = Directions.average(momentum, s.m(), lower.direction());
      Tensor x = oracle.normalizedStep(s.x(), m, upperLr.at(t));
      return new State(x, lower.y(), lower.z(), m);
    }
    oracle.together(s.x());
    Gradient f = oracle.upper().gradient(s.x(), s.y());
    Products g = oracle.products(s.x(), s.y(), s.z());
    Tensor gradY = oracle.lower().gradientY(s.x(), s.y());
    Tensor m = Directions.average(momentum, s.m(), f.inX().minus(g.inX()));
    Tensor z =
        Guards.ball(
            LinearSystem.step(s.z(), linearSystemLr.at(t), g.hessian(), f.y()), linearSystemRadius);
    Tensor y = Tensors.axpy(s.y(), -lowerLr.at(t), gradY);
    Tensor x = oracle.normalizedStep(s.x(), m, upperLr.at(t));
    return new State(x, y, z, m);
  }
}
