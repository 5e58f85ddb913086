package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.HypergradientEstimator;
import org.stackel.hypergradient.Neumann;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.hypergradient.SolvedLower;
import org.stackel.optim.Adam;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.LowerSolver;
import org.stackel.problem.Scales;
import org.stackel.problem.Scales.Structure;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;
import org.stackel.theory.Analysis;
import org.stackel.theory.TheoryPlan;

/**
 * AdamBO ("On the Convergence of Adam-Type Algorithm for Bilevel Optimization under Unbounded
 * Smoothness", TMLR 2026, Algorithm 1): Adam on the upper level, SGD on the lower level, Neumann
 * series in between.
 *
 * <pre>
 *   y₀ : warmStartSteps times  y ← y - lowerLr ∇y G(x₀, y)
 *   ĝ  = ∇x F(x, y) - ∇²xy G(x, y) v,   v by Neumann with neumannTerms and neumannStep
 *   y⁺ = y - lowerLr ∇y G(x, y)
 *   x⁺ = Adam(x, ĝ; upperLr, beta1, beta2, epsilon), bias corrections from t = 1
 * </pre>
 *
 * <p>One step asks for one gradient of each loss, one cross product, and {@code Q(Q-1)/2} Hessian
 * products in form A ({@code Q-1} on a shared sample).
 *
 * <p><b>Difference from the paper</b>: {@code weightDecay} adds {@code weightDecay · x} to ĝ, as
 * the published script does with 0.01; 0 by default.
 *
 * <p><b>Difference from the paper</b>: with {@code lowerSolver: newton} a step begins with the
 * lower level of its sample, solved as {@link SolvedLower} says, in place of the steps of y; then h
 * is taken there. The warm start solves every block of a finite sum.
 *
 * @param upperLr step size of x (η in the paper)
 * @param lowerLr step size of y (γ in the paper); the warm start uses its value at the first step
 * @param beta1 decay rate of Adam's first moment (1 - β in the paper), in [0, 1)
 * @param beta2 decay rate of Adam's second moment (1 - β_sq in the paper), in [0, 1)
 * @param epsilon number added to Adam's denominator (λ in the paper), greater than 0
 * @param warmStartSteps number of warm-start steps of y before the first step (T₀ in the paper), at
 *     least 0
 * @param neumannTerms number of terms of the Neumann series (Q), at least 1
 * @param neumannStep step size of the Neumann series (1/ℓ), greater than 0
 * @param neumannForm form of the Neumann series
 * @param weightDecay weight decay of x, at least 0
 * @param lowerSolver how y follows x; with {@code newton} the sample's lower level is solved before
 *     x moves, and lowerLr, the warm start and the Neumann series have no effect
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "adambo",
    title = "AdamBO",
    paper = "TMLR 2026, arXiv 2503.03908",
    calls = "1 ∇f, 1 ∇g, Q(Q-1)/2 Hv (Q-1 shared), 1 Jv",
    traits = Trait.WANTS_WHOLE_UPPER_BATCH)
public record AdamBo(
    Schedule upperLr,
    Schedule lowerLr,
    double beta1,
    double beta2,
    double epsilon,
    long warmStartSteps,
    int neumannTerms,
    double neumannStep,
    Neumann.Form neumannForm,
    double weightDecay,
    LowerSolver lowerSolver,
    Sampling sampling)
    implements BilevelAlgorithm<AdamBo.State>, AdamBoBuilder.With {

  /** The published defaults, but for the lower step size and the weight decay. */
  public AdamBo() {
    this(
        Schedule.constant(5e-3),
        Schedule.constant(0.01),
        0.9,
        0.999,
        1e-8,
        3,
        3,
        0.01,
        Neumann.Form.A,
        0,
        LowerSolver.STEPS,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static AdamBoBuilder builder() {
    return AdamBoBuilder.of(new AdamBo());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param moments Adam's moments of the hypergradient, each of shape [n]
   */
  public record State(@LikeX Tensor x, Tensor y, @LikeX Adam.Moments moments)
      implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public AdamBo {
    var rules = new Rules("adambo");
    rules.fraction("beta1", beta1);
    rules.fraction("beta2", beta2);
    rules.positive("epsilon", epsilon);
    rules.atLeast("warmStartSteps", warmStartSteps, 0);
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
    rules.notNegative("weightDecay", weightDecay);
  }

  @Override
  public AdamBo suitedTo(Scales scales) {
    AdamBo usual = Suited.to(scales, UpperStep.ADAM, this);
    // A network must be trained before Adam takes its hypergradients at face value.
    return scales.structure() == Structure.NETWORK_WEIGHTS
        ? usual.withUpperLr(20.0 / scales.steps()).withWarmStartSteps(300)
        : usual;
  }

  @Override
  public HypergradientEstimator estimator(long t) {
    return lowerSolver == LowerSolver.NEWTON
        ? SolvedLower.estimator()
        : new Neumann(neumannForm, neumannTerms, neumannStep);
  }

  /**
   * Hyperparameters and T with which the mean of |∇Φ(x_t)| over the T steps is at most ε, in
   * expectation; with λ for Adam's epsilon and β̄ for 1 - beta1.
   *
   * <p>Derivation for L₁ = 0: let {@code d = 1/(√v̂ + λ) ≤ 1/λ} and {@code e = m̂ - ∇Φ(x)}. Where
   * {@code η ≤ λ/(2 L₀)}, whatever v̂ depends on,
   *
   * <pre>
   *   Φ(x⁺) ≤ Φ(x) - η/2 Σ d (∇Φ)² - η/4 Σ d m̂² + η/(2λ) |e|²
   * </pre>
   *
   * <p>Over T steps the mean of |e|² is at most four times the sum of
   *
   * <pre>
   *   noise                 σ² (β̄ + 2 (1 + ln T)/T)             the second for the bias correction
   *   lag of the momentum   (L₀ (1-β̄)/β̄)² times that of |x⁺ - x|²
   *   lag of y              (B ℓ_g1/(αμ²))² times that of |x⁺ - x|²
   *   noise of y, series    b² = (Bτ + bias)²
   * </pre>
   *
   * <p>As {@code |x⁺ - x|² ≤ η²/λ Σ d m̂²}, both lags are paid by half of the third term above if
   * {@code η ≤ λ min(β̄/(6 L₀ (1-β̄)), αμ²/(6 B ℓ_g1))}. So the mean q of {@code Σ d (∇Φ)²} is at
   * most {@code 2Δ/(ηT) + 4/λ (noise + b²)}. With beta2 = 0, √v̂ is |ĝ|, whose mean is at most that
   * of |∇Φ| plus ε + σ, and by Cauchy and Schwarz
   *
   * <pre>
   *   (mean of |∇Φ|)² ≤ (mean of |∇Φ| + ε + σ + λ) q,   at most ε² if q ≤ ε²/s,  s = 2ε + σ + λ
   * </pre>
   *
   * <p>Half of it goes to {@code T = 4Δs/(ηε²)}, a quarter to {@code β̄ = λε²/(32 s σ²)}, and a
   * quarter to {@code b = ε √(λ/(16 s))}. With L₁ greater than 0, L₀ and B have the largest |∇Φ|
   * that a value {@code Φ ≤ Φ(x₀) + Δ} allows, times L₁ and L_x1, added; with noise that value
   * holds in the mean, not surely.
   *
   * <p><b>Difference from the paper</b>: the orders are its own, the factors ours; beta2 = 0, since
   * a slower average would hold the large first gradients, and T would grow with them.
   */
  @Override
  public TheoryPlan theory(Analysis a) {
    double target = a.epsilon();
    Analysis.Series series = a.series();
    double variance = series.variance();
    double scale = 2 * target + Math.sqrt(variance) + epsilon;
    double renewal =
        variance == 0 ? 1 : Math.min(1, epsilon * target * target / (32 * scale * variance));
    double bias = target * Math.sqrt(epsilon / (16 * scale));
    double mu = a.mu();
    double slope = a.relaxedSmoothness() == 0 ? 0 : a.steepest(2 * a.delta());
    double smoothness = a.smoothness() + a.relaxedSmoothness() * slope;
    double bracket = a.bracket() + a.relaxedSmoothness() / a.stretch() * slope;
    double distance = bias / (2 * bracket);
    double lower = a.lowerStep(distance, a.lowerVariance());
    double lag =
        Math.min(
            renewal / (6 * smoothness * (1 - renewal)), lower * mu * mu / (6 * bracket * a.lg1()));
    double upper = epsilon * Math.min(1 / (2 * smoothness), lag);
    double steps = 4 * a.delta() * scale / (upper * target * target);
    while (renewal < 1 && steps * renewal < 2 * (1 + Math.log(Math.max(1, steps)))) {
      steps = 2 * Math.max(1, steps);
    }
    return new TheoryPlan()
        .put("upperLr", upper)
        .put("lowerLr", lower)
        .put("beta1", Math.min(1 - renewal, Math.nextDown(1.0)))
        .put("beta2", 0.0)
        .put("epsilon", epsilon)
        .length("warmStartSteps", a.warmStart(lower, distance))
        .length("neumannTerms", series.terms(bias / 2))
        .put("neumannStep", series.step())
        .put("neumannForm", "a")
        .put("sampling", "independent")
        .remark(
            "upperLr is at most a share of the epsilon of Adam (%s): a larger one makes fewer and longer steps."
                .formatted(epsilon))
        .steps(steps);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor y = started(start, oracle);
    return new State(start.x(), y, Adam.Moments.zero(start.x()));
  }

  private Tensor started(Start start, StochasticOracle oracle) {
    if (lowerSolver == LowerSolver.NEWTON) {
      return LowerSteps.solved(start.x(), start.y(), oracle);
    }
    Schedule lr = LowerSteps.warmStart(null, lowerLr);
    return LowerSteps.descend(start.x(), start.y(), warmStartSteps, lr, oracle);
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    if (lowerSolver == LowerSolver.NEWTON) {
      SolvedLower lower = SolvedLower.at(oracle, s.x(), s.y(), null);
      return moved(t, s, lower.direction(), lower.y());
    }
    SampledHypergradient estimate = estimator(t).sample(oracle);
    Tensor direction = estimate.at(s.x(), s.y()).direction();
    Tensor y = Tensors.axpy(s.y(), -lowerLr.at(t), oracle.lower().gradientY(s.x(), s.y()));
    return moved(t, s, direction, y);
  }

  private State moved(long t, State s, Tensor estimate, Tensor y) {
    Tensor direction = weightDecay > 0 ? Tensors.axpy(estimate, weightDecay, s.x()) : estimate;
    var adam = new Adam(beta1, beta2, epsilon);
    Adam.Moments moments = adam.update(s.moments(), direction);
    return new State(adam.step(s.x(), moments, t + 1, upperLr.at(t)), y, moments);
  }
}
