package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.Neumann;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.optim.Schedule;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * SUSTAIN (Khanduri, Zeng, Hong, Wai, Wang, Yang: "A Near-Optimal Algorithm for Stochastic Bilevel
 * Optimization via Double-Momentum", NeurIPS 2021, Algorithm 1): recursive momentum on both levels.
 *
 * <pre>
 *   s_t = (offset + t)^(-1/3), or 1;   e_t = min(1, lowerRate s²_{t-1}),  a_t = min(1, upperRate s²_{t-1})
 *   u = ∇y G(x, y) + (1 - e_t) (u⁻ - ∇y G(x⁻, y⁻))        on the same sample
 *   v = ĝ(x, y)    + (1 - a_t) (v⁻ - ĝ(x⁻, y⁻))           on the same samples
 *   y⁺ = y - lowerLr s_t u,   x⁺ = x - upperLr s_t v
 *   ĝ = ∇x F - ∇²xy G w,   w by Neumann with neumannTerms and neumannStep
 * </pre>
 *
 * <p>A minus marks the step before; the first step takes u and v as they come. In form C the random
 * length belongs to the samples: it is the same at both points. One step asks for two gradients of
 * each loss, two cross products, and in form C for {@code neumannTerms-1} Hessian products on
 * average. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: none. By default lowerLr is 0.5 and s₀ is ½, so that both
 * levels start with steps that suit a lower Hessian with eigenvalues below 8 and a hypergradient
 * with a Lipschitz constant below 4; both rates are 2, and the series has 10 terms with step 0.1.
 * With {@code "decay": "constant"} give rates below 1: from 1 on there is no momentum.
 *
 * @param upperLr step size of x, as a multiple of s_t
 * @param lowerLr step size of y, as a multiple of s_t
 * @param decay whether the step size s_t decreases over the steps
 * @param offset offset of the step number in the decreasing step size (w in the paper), greater
 *     than 0
 * @param upperRate coefficient of the momentum of the hypergradient (c_f in the paper), greater
 *     than 0; where x has a component for each example, so large by default that there is no
 *     momentum
 * @param lowerRate coefficient of the momentum of the lower gradient (c_g in the paper), greater
 *     than 0
 * @param neumannTerms number of terms of the Neumann series (Q), at least 1
 * @param neumannStep step size of the Neumann series, greater than 0
 * @param neumannForm form of the Neumann series
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "sustain",
    title = "SUSTAIN",
    paper = "Khanduri et al., NeurIPS 2021",
    calls = "2 ∇f, 2 ∇g, Q-1 Hv, 2 Jv")
public record Sustain(
    Schedule upperLr,
    Schedule lowerLr,
    Decay decay,
    double offset,
    double upperRate,
    double lowerRate,
    int neumannTerms,
    double neumannStep,
    Neumann.Form neumannForm,
    Sampling sampling)
    implements BilevelAlgorithm<Sustain.State>, SustainBuilder.With {

  /** Rates for a start. */
  public Sustain() {
    this(
        Schedule.constant(1),
        Schedule.constant(0.5),
        Decay.CUBE_ROOT,
        8,
        2,
        2,
        10,
        0.1,
        Neumann.Form.C,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static SustainBuilder builder() {
    return SustainBuilder.of(new Sustain());
  }

  /** How s_t goes. */
  public enum Decay {
    /** {@code (offset + t)^(-1/3)}. */
    CUBE_ROOT,
    /** 1 in every step. */
    CONSTANT;
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param previousX x a step before, shape [n]
   * @param previousY y a step before, shape [p]
   * @param u recursive momentum of the lower gradient, shape [p]
   * @param v recursive momentum of the hypergradient, shape [n]
   */
  public record State(
      @LikeX Tensor x,
      Tensor y,
      @LikeX Tensor previousX,
      Tensor previousY,
      Tensor u,
      @LikeX Tensor v)
      implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Sustain {
    var rules = new Rules("sustain");
    rules.positive("offset", offset);
    rules.positive("upperRate", upperRate);
    rules.positive("lowerRate", lowerRate);
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
  }

  @Override
  public Sustain suitedTo(Scales scales) {
    Sustain usual = Suited.to(scales, UpperStep.PLAIN, this);
    // Both step sizes are multiplied with what falls from ½.
    return switch (scales.structure()) {
      case WEIGHTS ->
          usual
              .withUpperLr(scales.examples(1000))
              .withLowerLr(2 * scales.lowerLr())
              .withUpperRate(RecursiveMomentum.rateOfNone(usual.scale(scales.steps())));
      case NETWORK_WEIGHTS ->
          usual
              .withUpperLr(scales.examples(10))
              .withLowerLr(2 * scales.lowerLr())
              .withUpperRate(RecursiveMomentum.rateOfNone(usual.scale(scales.steps())));
      case HEADS -> usual.withUpperLr(Scales.rounded(3 * scales.upperLr(UpperStep.PLAIN).at(0)));
      case SMOOTH ->
          usual
              .withUpperLr(scales.fallingUpperLr(offset, 1.0 / 3))
              .withLowerLr(2 * scales.lowerLr());
      case SADDLE -> usual.withUpperLr(5);
      default -> usual;
    };
  }

  @Override
  public boolean reusesSamples() {
    return true;
  }

  @Override
  public Neumann estimator(long t) {
    return new Neumann(neumannForm, neumannTerms, neumannStep);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor x = start.x();
    Tensor y = start.y();
    return new State(x, y, x, y, Tensors.zerosLike(y), Tensors.zerosLike(x));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    SampledHypergradient estimate = estimator(t).sample(oracle);
    SampledObjective lower = oracle.lower();
    Tensor u = lower.gradientY(s.x(), s.y());
    Tensor v = estimate.at(s.x(), s.y()).direction();
    if (t > 0) {
      double square = Math.pow(scale(t - 1), 2);
      u =
          RecursiveMomentum.update(
              1 - Math.min(1, lowerRate * square),
              s.u(),
              u,
              () -> lower.gradientY(s.previousX(), s.previousY()));
      v =
          RecursiveMomentum.update(
              1 - Math.min(1, upperRate * square),
              s.v(),
              v,
              () -> estimate.at(s.previousX(), s.previousY()).direction());
    }
    Tensor y = Tensors.axpy(s.y(), -lowerLr.at(t) * scale(t), u);
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t) * scale(t), v);
    return new State(x, y, s.x(), s.y(), u, v);
  }

  private double scale(long t) {
    return decay == Decay.CONSTANT ? 1 : 1 / Math.cbrt(offset + t);
  }
}
