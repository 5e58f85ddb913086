package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.Neumann;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.optim.Directions;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Scales.Structure;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;
import org.stackel.theory.Analysis;
import org.stackel.theory.TheoryPlan;

/**
 * AccBO (Gong, Hao, Liu: "An Accelerated Algorithm for Stochastic Bilevel Optimization under
 * Unbounded Smoothness", NeurIPS 2024, options I and II): x by a normalised step along a recursive
 * momentum, y by Nesterov's method and averaging.
 *
 * <pre>
 *   y₀ = ŷ₀ = warmStartSteps of SNAG with warmStartLr
 *   m  = ĝ(x, ŷ) + momentum (m⁻ - ĝ(x⁻, ŷ⁻))     on the same samples;  m = ĝ(x, ŷ) in the first step
 *   y⁺ : every-step (option I)   w = y + extrapolation (y - y⁻),  y⁺ = w - lowerLr ∇y G(x, w)
 *        periodic   (option II)  every period-th step, from the first on, lowerSteps of SNAG; else y
 *   ŷ⁺ = (1 - averaging) ŷ + averaging y⁺
 *   x⁺ = x - upperLr m / |m|
 *   ĝ  = ∇x F - ∇²xy G v,   v by Neumann with neumannTerms and neumannStep
 *   SNAG: w = y + extrapolation (y - y⁻),  y⁺ = w - lr ∇y G(x, w),  from y⁻ = y
 * </pre>
 *
 * <p>A minus marks the step before; y⁻ = y after the warm start. One step asks for two upper
 * gradients, one lower gradient ({@code lowerSteps / period} if periodic), two cross products, and
 * {@code Q(Q-1)} Hessian products in form A ({@code 2Q-2} on a shared sample). Any shapes; x, y
 * flat.
 *
 * <p>Where x has a component for each example, the default momentum is 0: recursive momentum has
 * nothing to build on ({@link Structure#isPerExample}). Each hypergradient then counts as it is, so
 * a problem may offer whole upper batches. At {@code momentum} 0 the old point costs nothing: half
 * of the upper gradients and of the products. The published value is 0.9.
 *
 * <p><b>Difference from the paper</b>: none.
 *
 * @param variant variant of the lower steps, option I or II
 * @param upperLr length of each step of x, whose direction is normalised (η in the paper)
 * @param lowerLr step size of y (α in the paper)
 * @param warmStartSteps number of warm-start steps of y before the first step (T₀ in the paper), at
 *     least 0
 * @param warmStartLr step size of y in the warm start; if left out, the value of lowerLr at the
 *     first step
 * @param momentum weight of the previous momentum of the hypergradient (β in the paper), in [0, 1);
 *     by default 0 where x has a component for each example, 0.5 for a saddle function
 * @param extrapolation extrapolation of the lower iterate (κ in the paper), in [0, 1)
 * @param averaging weight of the new lower iterate in its moving average (τ in the paper), in (0,
 *     1]
 * @param neumannTerms number of terms of the Neumann series (Q), at least 1
 * @param neumannStep step size of the Neumann series (1/ℓ), greater than 0
 * @param neumannForm form of the Neumann series
 * @param period number of steps between two rounds of lower steps of option II (I₂ in the paper),
 *     at least 1
 * @param lowerSteps number of lower steps in a round of option II (N in the paper), at least 1
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "accbo",
    title = "AccBO",
    paper = "Gong, Hao, Liu, NeurIPS 2024",
    calls = "2 ∇f, 1 ∇g, Q(Q-1) Hv (2Q-2 shared), 2 Jv",
    traits = Trait.WANTS_WHOLE_UPPER_BATCH)
public record AccBo(
    Variant variant,
    Schedule upperLr,
    Schedule lowerLr,
    long warmStartSteps,
    @Nullable Schedule warmStartLr,
    double momentum,
    double extrapolation,
    double averaging,
    int neumannTerms,
    double neumannStep,
    Neumann.Form neumannForm,
    long period,
    long lowerSteps,
    Sampling sampling)
    implements BilevelAlgorithm<AccBo.State>, AccBoBuilder.With {

  /** The published defaults, but for the lower step size and the step of the series. */
  public AccBo() {
    this(
        Variant.EVERY_STEP,
        Schedule.constant(5e-3),
        Schedule.constant(0.01),
        3,
        null,
        0.9,
        0.5,
        0.5,
        3,
        0.01,
        Neumann.Form.A,
        2,
        3,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static AccBoBuilder builder() {
    return AccBoBuilder.of(new AccBo());
  }

  /** When y moves. */
  public enum Variant {
    /** Option I: one accelerated step in every step. */
    EVERY_STEP,
    /** Option II: a burst of accelerated steps in every period-th step. */
    PERIODIC
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param previousY y a step before, shape [p]
   * @param average ŷ, average of y, at which hypergradients are taken, shape [p]
   * @param previousX x a step before, shape [n]
   * @param previousAverage ŷ a step before, shape [p]
   * @param m recursive momentum of the hypergradient, shape [n]
   */
  public record State(
      @LikeX Tensor x,
      Tensor y,
      Tensor previousY,
      Tensor average,
      @LikeX Tensor previousX,
      Tensor previousAverage,
      @LikeX Tensor m)
      implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public AccBo {
    var rules = new Rules("accbo");
    rules.atLeast("warmStartSteps", warmStartSteps, 0);
    rules.fraction("momentum", momentum);
    rules.fraction("extrapolation", extrapolation);
    rules.share("averaging", averaging);
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
    rules.atLeast("period", period, 1);
    rules.atLeast("lowerSteps", lowerSteps, 1);
  }

  @Override
  public AccBo suitedTo(Scales scales) {
    AccBo usual = Suited.to(scales, UpperStep.NORMALIZED, this);
    return switch (scales.structure()) {
      case WEIGHTS -> perExample(usual);
      // A short series hardly tells examples apart.
      case NETWORK_WEIGHTS -> perExample(usual).withNeumannTerms(2 * usual.neumannTerms());
      // Steps of this length move the gradient too far for much recursive momentum.
      case SADDLE -> usual.withMomentum(0.5);
      default -> usual;
    };
  }

  /** A direction is then that of one minibatch, and moves few components: longer steps. */
  private static AccBo perExample(AccBo usual) {
    return usual.withMomentum(0).withUpperLr(usual.upperLr().at(0) * Math.sqrt(3));
  }

  @Override
  public boolean reusesSamples() {
    return true;
  }

  @Override
  public Neumann estimator(long t) {
    return new Neumann(neumannForm, neumannTerms, neumannStep);
  }

  /**
   * Hyperparameters and T with which the mean of |∇Φ(x_t)| over the T steps is at most ε, in
   * expectation.
   *
   * <p>Derivation: as in {@link Slip}, the mean of |∇Φ| is at most {@code Δ/(ηT) + ηL₀/2} plus
   * twice the mean of {@code |m - ∇Φ(x)|}. Let u = (x, ŷ), and let every sample's estimate be
   * B-Lipschitz in u. The error of m against the mean estimate at u is a sum of martingale
   * differences:
   *
   * <pre>
   *   E|e⁺|² ≤ β² E|e|² + 2 (1-β)² σ² + 2 β² B² |u⁺ - u|²
   * </pre>
   *
   * <p>Doubled contributions, at most:
   *
   * <pre>
   *   noise             2 σ √(2 (1-β))                      ≤ ε/8
   *   its first value   2 σ/((1-β) T)                       ≤ ε/16
   *   change of x       2 √2 (B + L_x1 |∇Φ|) η/√(1-β)       ≤ ε/16 + |∇Φ|/8,   η ≤ √(1-β) move
   *   change of ŷ       2 √2 B · 2.2 αμτ/√(1-β)             ≤ ε/16,   α ≤ √(1-β)/(7μ)
   *   distance of ŷ     2 (B + L_x1 |∇Φ|) τ                 ≤ ε/8 + |∇Φ|/8
   *   series            2 · ε/16
   * </pre>
   *
   * <p>With {@code Δ/(ηT) = ε/8} they sum to at most .71 ε + .29 |∇Φ|. The average ŷ with averaging
   * αμ lags by as much as y itself, hence {@code η ≤ αμ²τ/(6 ℓ_g1)}; and it moves by only αμ times
   * its distance from y, without which the change of ŷ would not be of order ε².
   *
   * <p>The order of T: move, τ and √(1-β) are of order ε, and α is of order {@code ε²/σ_g1²}, at
   * most ε. So η, the smaller of {@code √(1-β) move} and {@code αμ²τ/(6 ℓ_g1)}, is of order ε²
   * where σ_g1² is at most of order ε, as the paper demands, and ε³ otherwise; and {@code T =
   * 8Δ/(ηε)} of order ε⁻³ and ε⁻⁴. The ε is reached in both cases.
   *
   * <p><b>Difference from the paper</b>: factors ours, and no extrapolation: with noise and a
   * moving y* we have a proof for plain steps only.
   */
  @Override
  public TheoryPlan theory(Analysis a) {
    double mu = a.mu();
    double epsilon = a.epsilon();
    Analysis.Series series = a.series();
    double variance = series.variance();
    double renewal = a.renewal(variance);
    double root = Math.sqrt(renewal);
    double lower = a.lowerStep(a.target(), a.lowerVariance());
    if (renewal < 1) {
      lower = Math.min(lower, root / (7 * mu));
    }
    double upper = Math.min(root * a.move(), a.tracked(lower) / 2);
    double first = renewal < 1 ? 32 * Math.sqrt(variance) / (renewal * epsilon) : 1;
    TheoryPlan plan =
        new TheoryPlan()
            .put("variant", "every-step")
            .put("upperLr", upper)
            .put("lowerLr", lower)
            .momentum(renewal)
            .put("extrapolation", 0.0)
            .put("averaging", Math.min(1, lower * mu))
            .length("warmStartSteps", a.warmStart(lower, a.target()))
            .length("neumannTerms", series.terms(epsilon / 16))
            .put("neumannStep", series.step())
            .put("neumannForm", "a")
            .put("sampling", "independent")
            .steps(Math.max(first, 8 * a.delta() / (upper * epsilon)));
    double batches = Math.ceil(a.lowerVariance() / epsilon);
    return batches > 1
        ? plan.remark(
            "The number of steps is of order epsilon^-3 if the variance of ∇y G is at most epsilon: lower minibatches %,.0f times as large as those that sigmaG1 was measured on."
                .formatted(batches))
        : plan;
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor x = start.x();
    Schedule lr = LowerSteps.warmStart(warmStartLr, lowerLr);
    Tensor y = LowerSteps.accelerated(x, start.y(), warmStartSteps, lr, extrapolation, oracle);
    return new State(x, y, y, y, x, y, Tensors.zerosLike(x));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    SampledHypergradient estimate = estimator(t).sample(oracle);
    Tensor m = estimate.at(s.x(), s.average()).direction();
    if (t > 0) {
      m =
          RecursiveMomentum.update(
              momentum,
              s.m(),
              m,
              () -> estimate.at(s.previousX(), s.previousAverage()).direction());
    }
    Tensor y = lower(t, s, oracle);
    Tensor average = Directions.average(1 - averaging, s.average(), y);
    Tensor x = oracle.normalizedStep(s.x(), m, upperLr.at(t));
    return new State(x, y, s.y(), average, s.x(), s.average(), m);
  }

  private Tensor lower(long t, State s, StochasticOracle oracle) {
    double lr = lowerLr.at(t);
    if (variant == Variant.EVERY_STEP) {
      Tensor w = Tensors.axpy(s.y(), extrapolation, s.y().sub(s.previousY()));
      return Tensors.axpy(w, -lr, oracle.lower().gradientY(s.x(), w));
    }
    return t % period == 0
        ? LowerSteps.accelerated(
            s.x(), s.y(), lowerSteps, Schedule.constant(lr), extrapolation, oracle)
        : s.y();
  }
}
