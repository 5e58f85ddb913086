package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * F2SA (Kwon, Kwon, Wright, Nowak: "A Fully First-Order Method for Stochastic Bilevel
 * Optimization", ICML 2023, Algorithm 1): a penalty on the distance to the lower level's value,
 * whose multiplier grows. Gradients only.
 *
 * <pre>
 *   λ  = multiplier + t · multiplierStep
 *   lowerSteps times  ζ ← ζ - valueLr ∇y G(x, ζ)
 *   lowerSteps times  y ← y - lowerLr (∇y F(x, y) + λ ∇y G(x, y))
 *   x⁺ = x - upperLr (∇x F(x, y) + λ (∇x G(x, y) - ∇x G(x, ζ)))
 * </pre>
 *
 * <p>y and ζ go on from the step before; ζ starts where y does. One step asks for {@code N+1} upper
 * and {@code 2N+2} lower gradients.
 *
 * <p>With λ held fixed the direction differs from the hypergradient by O(1/λ). Steps of y are
 * stable while {@code lowerLr · λ · (curvature of g) < 2}: lowerLr must fall as λ grows, and the
 * noise of x's direction grows with λ. The paper's schedules: lowerLr and upperLr with exponent
 * 5/7, valueLr with 4/7.
 *
 * <p><b>Difference from the paper</b>: λ grows by a constant, as in the spread scripts, not as
 * {@code valueLr / (2 lowerLr)}. The defaults of the step sizes are ours.
 *
 * @param lowerSteps number of steps of ζ and of y per upper-level step (T in the paper), at least 1
 * @param valueLr step size of ζ, the approximate minimiser of the lower level (γ in the paper)
 * @param lowerLr step size of y (α in the paper)
 * @param upperLr step size of x (ξα in the paper)
 * @param multiplier first multiplier of the lower level's penalty (λ₀ in the paper), greater than 0
 * @param multiplierStep increase of the multiplier in each step (δ in the paper), at least 0
 * @param sampling whether the gradients of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "f2sa",
    title = "F2SA",
    paper = "Kwon et al., ICML 2023",
    calls = "N+1 ∇f, 2N+2 ∇g")
public record F2sa(
    long lowerSteps,
    Schedule valueLr,
    Schedule lowerLr,
    Schedule upperLr,
    double multiplier,
    double multiplierStep,
    Sampling sampling)
    implements BilevelAlgorithm<F2sa.State>, F2saBuilder.With {

  private static final double FALLING = 0.7;

  /** Safe for a lower curvature of up to about 10, however far λ grows. */
  public F2sa() {
    this(
        3,
        Schedule.constant(0.05),
        new Schedule.Power(0.05, FALLING),
        new Schedule.Power(0.05, FALLING),
        1,
        0.1,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static F2saBuilder builder() {
    return F2saBuilder.of(new F2sa());
  }

  /**
   * State, where n is the dimension of x and p that of y. The multiplier is a function of the step
   * number.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable of the penalised problem, shape [p]
   * @param zeta ζ, minimiser of the lower level, shape [p]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor zeta) implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public F2sa {
    var rules = new Rules("f2sa");
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.positive("multiplier", multiplier);
    rules.notNegative("multiplierStep", multiplierStep);
  }

  @Override
  public F2sa suitedTo(Scales scales) {
    F2sa usual = Suited.to(scales, UpperStep.PLAIN, this);
    return switch (scales.structure()) {
      case SMOOTH -> // steps fall as the multiplier grows, from 1 to 10
          usual
              .withMultiplierStep(9.0 / scales.steps())
              .withLowerLr(new Schedule.Power(scales.lowerLr() / 2, FALLING))
              .withUpperLr(new Schedule.Power(scales.fallingUpperLr(1, FALLING), FALLING));
      case WEIGHTS, NETWORK_WEIGHTS -> // the multiplier grows from 1 to 10
          usual.withMultiplierStep(9.0 / scales.steps()).withLowerLr(scales.lowerLr() / 10);
      case HEADS -> {
        // A head is met a few times only. Unless both of a task move alike, their difference is
        // that of their steps, and x makes the head of the lower level worse without end.
        double fixed = 4;
        yield usual
            .withMultiplier(fixed)
            .withMultiplierStep(0)
            .withLowerLr(Scales.rounded(scales.lowerLr() / (1 + fixed)))
            .withUpperLr(Scales.rounded(scales.upperLr(UpperStep.PLAIN).at(0) / 2));
      }
      case SADDLE -> usual.withUpperLr(0.5);
      case STRENGTHS -> usual;
    };
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y(), start.y());
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    double lambda = multiplier + t * multiplierStep;
    Tensor zeta = LowerSteps.descend(s.x(), s.zeta(), lowerSteps, valueLr.at(t), oracle);
    Tensor y = s.y();
    for (long i = 0; i < lowerSteps; i++) {
      Tensor f = oracle.upper().gradientY(s.x(), y);
      Tensor g = oracle.freshLower().gradientY(s.x(), y);
      y = Tensors.axpy(y, -lowerLr.at(t), Tensors.axpy(f, lambda, g));
    }
    Tensor f = oracle.upper().gradient(s.x(), y).x();
    Tensor at = oracle.lower().gradient(s.x(), y).x();
    Tensor value = oracle.lower().gradient(s.x(), zeta).x();
    Tensor direction = Tensors.axpy(f, lambda, at.sub(value));
    return new State(Tensors.axpy(s.x(), -upperLr.at(t), direction), y, zeta);
  }
}
