package org.stackel.algorithm;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
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
import org.stackel.problem.Scales.Structure;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.theory.Analysis;
import org.stackel.theory.TheoryPlan;

/**
 * BO-REP (Hao, Gong, Liu: "Bilevel Optimization under Unbounded Smoothness: A New Algorithm and
 * Convergence Analysis", ICLR 2024, Algorithms 1–3): initialisation refinement and periodic updates
 * of y, a linear system for z, normalised momentum for x.
 *
 * <pre>
 *   y₀ = EPOCHSGD(x₀, y)
 *   every period-th step, but the first:  lowerSteps times
 *        y ← P(y - lowerLr ∇y G(x, y)),  P onto the ball of lowerRadius around y before them
 *   z⁺ = z - linearSystemLr (∇²yy G(x, y) z - ∇y F(x, y))
 *   h  = ∇x F(x, y) - ∇²xy G(x, y) z
 *   m⁺ = momentum m + (1 - momentum) h
 *   x⁺ = x - upperLr m⁺ / |m⁺|
 * </pre>
 *
 * <p>One step asks for one upper gradient, one Hessian and one cross product, and every period-th
 * step for {@code lowerSteps} lower gradients more.
 *
 * <p><b>Difference from the paper</b>: {@code linearSystemRadius} as in {@link Slip}.
 *
 * <p><b>Difference from the paper</b>: with {@code lowerSolver: newton} a step begins with the
 * lower level of its sample, solved as {@link SolvedLower} says, in place of the steps of y and z;
 * then h is taken there. The warm start solves every block of a finite sum.
 *
 * @param upperLr length of each step of x, whose direction is normalised (η in the paper)
 * @param lowerLr step size of y
 * @param linearSystemLr step size of z, the solution of the linear system (ν in the paper)
 * @param momentum weight of the previous momentum of the hypergradient (β in the paper), in [0, 1)
 * @param period number of steps between two rounds of lower steps (I in the paper), at least 1
 * @param lowerSteps number of lower steps in a round (N in the paper), at least 1
 * @param lowerRadius radius of the ball around the first y of a round, onto which y is projected (R
 *     in the paper), greater than 0; no projection if left out
 * @param lowerOutput whether lower steps return their last iterate or the average of all N
 * @param refinement refinement of y before the first step, by epochs of SGD (EPOCHSGD)
 * @param linearSystemRadius largest norm of z, onto which longer ones are projected, greater than
 *     0; no projection if left out
 * @param lowerSolver how y and z follow x; with {@code newton} the sample's lower level is solved
 *     before x moves, and lowerLr, linearSystemLr, period, lowerSteps and the refinement have no
 *     effect
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "bo-rep",
    title = "BO-REP",
    paper = "Hao, Gong, Liu, ICLR 2024",
    calls = "1 ∇f, N/I ∇g, 1 Hv, 1 Jv")
public record BoRep(
    Schedule upperLr,
    Schedule lowerLr,
    Schedule linearSystemLr,
    double momentum,
    long period,
    long lowerSteps,
    @Nullable Double lowerRadius,
    LowerOutput lowerOutput,
    Refinement refinement,
    @Nullable Double linearSystemRadius,
    LowerSolver lowerSolver,
    Sampling sampling)
    implements BilevelAlgorithm<BoRep.State>, BoRepBuilder.With {

  /** The published defaults. */
  public BoRep() {
    this(
        Schedule.constant(0.05),
        Schedule.constant(0.05),
        Schedule.constant(0.01),
        0.9,
        2,
        3,
        null,
        LowerOutput.LAST,
        Refinement.DEFAULTS,
        null,
        LowerSolver.STEPS,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static BoRepBuilder builder() {
    return BoRepBuilder.of(new BoRep());
  }

  /** What a burst of lower steps returns. */
  public enum LowerOutput {
    /** Its last iterate. */
    LAST,
    /** The mean of its iterates, the start excluded. */
    AVERAGE
  }

  /**
   * EPOCHSGD: in epoch k, {@code steps · 2^(k-1)} projected steps of size {@code lr / 2^(k-1)}
   * within {@code radius / 2^((k-1)/2)} of the epoch's start, then the mean of the iterates.
   *
   * @param lr step size of the refinement's first epoch (γ₁ in the paper), greater than 0; lowerLr
   *     if left out
   * @param steps number of steps of the first epoch (T₁ in the paper), at least 1
   * @param radius radius of the ball of the refinement's first epoch (D₁ in the paper), greater
   *     than 0; no projection if left out
   * @param epochs number of epochs (K in the paper), at least 0; 0 for no refinement
   */
  @OptionRecord
  public record Refinement(@Nullable Double lr, long steps, @Nullable Double radius, long epochs)
      implements BoRepRefinementBuilder.With {
    private static final int MAX_EPOCHS = 30;

    /** Three epochs of 4, 8 and 16 steps, without a ball. */
    public static final Refinement DEFAULTS = new Refinement(null, 4, null, 3);

    /**
     * Checks the values.
     *
     * @param owner name of the algorithm that has them
     * @throws InvalidInputException under the key {@code refinement}
     */
    public void check(String owner) {
      var rules = new Rules("the refinement of " + owner);
      try {
        rules.positiveIfGiven("lr", lr);
        rules.atLeast("steps", steps, 1);
        rules.positiveIfGiven("radius", radius);
        rules.atLeast("epochs", epochs, 0);
        if (epochs > MAX_EPOCHS || steps > Long.MAX_VALUE >> MAX_EPOCHS) {
          throw rules.broken(
              epochs > MAX_EPOCHS ? "epochs" : "steps",
              epochs > MAX_EPOCHS ? epochs : steps,
              "is too large: every epoch has twice the steps of the one before",
              "a few epochs of a few steps were meant.");
        }
      } catch (InvalidInputException e) {
        throw e.under("refinement");
      }
    }

    /**
     * The refined start.
     *
     * @param start y before it
     * @param lowerLr γ₁ if {@code lr} is left out
     */
    public Tensor refine(Tensor x, Tensor start, double lowerLr, StochasticOracle oracle) {
      Tensor y = start;
      double first = lr == null ? lowerLr : lr;
      for (int k = 0; k < epochs; k++) {
        double halves = Math.pow(2, k);
        Double ball = radius == null ? null : radius / Math.sqrt(halves);
        y = new Burst(steps << k, first / halves, ball, LowerOutput.AVERAGE).run(x, y, oracle);
      }
      return y;
    }
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
  public BoRep {
    var rules = new Rules("bo-rep");
    rules.fraction("momentum", momentum);
    rules.atLeast("period", period, 1);
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.positiveIfGiven("lowerRadius", lowerRadius);
    rules.positiveIfGiven("linearSystemRadius", linearSystemRadius);
    refinement.check("bo-rep");
  }

  @Override
  public BoRep suitedTo(Scales scales) {
    BoRep usual = Suited.to(scales, UpperStep.NORMALIZED, this);
    return scales.structure() == Structure.STRENGTHS
        ? usual.withRefinement(refinement.withSteps(100))
        : usual;
  }

  @Override
  public Carried<State> carried() {
    return lowerSolver == LowerSolver.NEWTON
        ? Carried.of(State::z)
        : new Carried<>(State::z, linearSystemLr::at);
  }

  /**
   * Hyperparameters and T with which the mean of |∇Φ(x_t)| over the T steps is at most ε, in
   * expectation. The step of x is that of {@link Slip}; what differs is how y stays within τ of y*,
   * in root mean square r:
   *
   * <p><b>Refinement.</b> With {@code γ ≤ 1/(2 ℓ_g1)} a step gives {@code r⁺² ≤ r² - 3/2 γμ r² + γ²
   * σ_g1²}; the sum over an epoch of {@code T = 4/(μγ)} steps bounds the average of its iterates:
   *
   * <pre>
   *   r² ≤ 2/3 (r₀²/(γμT) + γ σ_g1² (1 + 1/T)/μ) ≤ r₀²/6 + 3/4 γ σ_g1²/μ
   * </pre>
   *
   * <p>With {@code γ₁ ≤ μ d²/(8 σ_g1²)} this is at most half of r₀². Every epoch halves r² and γ,
   * so {@code 2 log₂(4d/(3τ))} epochs lead from d to 3τ/4.
   *
   * <p><b>Periods.</b> In a period y* moves by at most {@code period η ℓ_g1/μ ≤ τ/4}. The lower
   * steps leave {@code r ≤ τ/12 + τ/6}: a twelfth of what was, and the noise of α.
   *
   * <p><b>Difference from the paper</b>: the orders are its own, the factors ours. Balls hold where
   * ∇y G has no noise. With noise they are left out: y* lies in them with high probability only,
   * and in mean square y needs none.
   */
  @Override
  public TheoryPlan theory(Analysis a) {
    double mu = a.mu();
    double lg1 = a.lg1();
    double renewal = a.renewal();
    double target = a.target();
    double variance = a.lowerVariance();
    double lower = a.lowerStep(target / 2, variance);
    double linear = a.linearStep();
    double drift = target * mu / (4 * lg1);
    double upper = Math.min(renewal * a.move(), Math.min(drift, a.solvable(linear)));
    TheoryPlan plan =
        new TheoryPlan()
            .put("upperLr", upper)
            .put("lowerLr", lower)
            .put("linearSystemLr", linear)
            .momentum(renewal)
            .length("period", Math.max(1, Math.floor(drift / upper)))
            .length("lowerSteps", Math.max(1, Math.log(12) / (lower * mu)))
            .put("lowerOutput", "last")
            .put("refinement", refinement(a, 0.75 * target))
            .put("sampling", "independent")
            .steps(a.steps(upper, renewal, linear));
    return variance == 0 ? plan.put("lowerRadius", target) : plan;
  }

  private static Map<String, @Nullable Object> refinement(Analysis a, double target) {
    double mu = a.mu();
    double d = a.lowerDistance();
    double variance = a.lowerVariance();
    double lr = 1 / (2 * a.lg1());
    if (variance > 0 && d > 0) {
      lr = Math.min(lr, mu * d * d / (8 * variance));
    }
    var refinement = new LinkedHashMap<String, @Nullable Object>();
    refinement.put("lr", lr);
    refinement.put("steps", (long) Math.min(1e15, Math.ceil(4 / (mu * lr))));
    refinement.put("radius", variance == 0 && d > 0 ? (Double) d : null);
    double epochs = 2 * Math.log(d / target) / Math.log(2);
    refinement.put("epochs", (long) Math.max(0, Math.ceil(epochs)));
    return refinement;
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor y =
        lowerSolver == LowerSolver.NEWTON
            ? LowerSteps.solved(start.x(), start.y(), oracle)
            : refinement.refine(start.x(), start.y(), lowerLr.at(0), oracle);
    return new State(start.x(), y, Tensors.zerosLike(y), Tensors.zerosLike(start.x()));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    if (lowerSolver == LowerSolver.NEWTON) {
      SolvedLower lower = SolvedLower.at(oracle, s.x(), s.y(), s.z());
      Tensor m = Directions.average(momentum, s.m(), lower.direction());
      Tensor x = oracle.normalizedStep(s.x(), m, upperLr.at(t));
      return new State(x, lower.y(), lower.z(), m);
    }
    var burst = new Burst(lowerSteps, lowerLr.at(t), lowerRadius, lowerOutput);
    Tensor y = t > 0 && t % period == 0 ? burst.run(s.x(), s.y(), oracle) : s.y();
    oracle.together(s.x());
    Gradient f = oracle.upper().gradient(s.x(), y);
    Products g = oracle.products(s.x(), y, s.z());
    Tensor z =
        Guards.ball(
            LinearSystem.step(s.z(), linearSystemLr.at(t), g.hessian(), f.y()), linearSystemRadius);
    Tensor m = Directions.average(momentum, s.m(), f.inX().minus(g.inX()));
    return new State(oracle.normalizedStep(s.x(), m, upperLr.at(t)), y, z, m);
  }

  /** Projected steps around a start, each on a new sample. */
  private record Burst(long steps, double lr, @Nullable Double radius, LowerOutput output) {
    Tensor run(Tensor x, Tensor center, StochasticOracle oracle) {
      Sum last =
          StateScope.repeat(
              steps,
              new Sum(center, Tensors.zerosLike(center)),
              (i, at) -> {
                Tensor moved = Tensors.axpy(at.y, -lr, oracle.freshLower().gradientY(x, at.y));
                Tensor y = radius == null ? moved : Directions.projectBall(moved, center, radius);
                return new Sum(y, output == LowerOutput.AVERAGE ? at.sum.add(y) : at.sum);
              });
      return output == LowerOutput.AVERAGE ? Tensors.scale(1.0 / steps, last.sum) : last.y;
    }

    /** An iterate, and the sum of the iterates so far if it is asked for. */
    private record Sum(Tensor y, Tensor sum) {}
  }
}
