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
 * MRBO (Yang, Ji, Liang: "Provably Faster Algorithms for Bilevel Optimization", NeurIPS 2021,
 * Algorithm 1): recursive momentum on both levels, Neumann series of fixed length.
 *
 * <pre>
 *   η_k = scale / (offset + k)^(1/3);   e_k = min(1, lowerRate η²_{k-1}),  a_k = min(1, upperRate η²_{k-1})
 *   u = ∇y G(x, y) + (1 - e_k) (u⁻ - ∇y G(x⁻, y⁻))        on the same sample
 *   v = ĝ(x, y)    + (1 - a_k) (v⁻ - ĝ(x⁻, y⁻))           on the same samples
 *   x⁺ = x - upperLr η_k v,   y⁺ = y - lowerLr η_k u
 *   ĝ = ∇x F - ∇²xy G w,   w by Neumann with neumannTerms and neumannStep
 * </pre>
 *
 * <p>A minus marks the step before; the first step takes u and v as they come. One step asks for
 * two gradients of each loss, {@code 2 neumannTerms} Hessian products in form B and two cross
 * products. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: momentum coefficients are capped at 1, and every sample has
 * the problem's batch size. By default η₀ is ½ and both levels start with steps of 0.1 (lowerLr)
 * and 0.1 (upperLr), that is 0.2 η₀, which suits a lower Hessian with eigenvalues below 10; both
 * rates are 2, and the series has 10 terms with step 0.1.
 *
 * @param upperLr step size of x (γ in the paper)
 * @param lowerLr step size of y (λ in the paper)
 * @param scale scale of the decreasing step size (d in the paper), greater than 0
 * @param offset offset of the step number in the decreasing step size (m in the paper), greater
 *     than 0
 * @param upperRate coefficient of the momentum of the hypergradient (c₁ in the paper), greater than
 *     0; where x has a component for each example, so large by default that there is no momentum
 * @param lowerRate coefficient of the momentum of the lower gradient (c₂ in the paper), greater
 *     than 0
 * @param neumannTerms number of terms of the Neumann series (Q), at least 1; form B has one more
 * @param neumannStep step size of the Neumann series, greater than 0
 * @param neumannForm form of the Neumann series
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "mrbo",
    title = "MRBO",
    paper = "Yang, Ji, Liang, NeurIPS 2021",
    calls = "2 ∇f, 2 ∇g, 2Q Hv, 2 Jv")
public record Mrbo(
    Schedule upperLr,
    Schedule lowerLr,
    double scale,
    double offset,
    double upperRate,
    double lowerRate,
    int neumannTerms,
    double neumannStep,
    Neumann.Form neumannForm,
    Sampling sampling)
    implements BilevelAlgorithm<Mrbo.State>, MrboBuilder.With {

  /** Rates for a start. */
  public Mrbo() {
    this(
        Schedule.constant(0.2),
        Schedule.constant(0.2),
        1,
        8,
        2,
        2,
        10,
        0.1,
        Neumann.Form.B,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static MrboBuilder builder() {
    return MrboBuilder.of(new Mrbo());
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
  public Mrbo {
    var rules = new Rules("mrbo");
    rules.positive("scale", scale);
    rules.positive("offset", offset);
    rules.positive("upperRate", upperRate);
    rules.positive("lowerRate", lowerRate);
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
  }

  @Override
  public Mrbo suitedTo(Scales scales) {
    Mrbo usual = Suited.to(scales, UpperStep.PLAIN, this);
    // Both step sizes are multiplied with what falls from ½.
    return switch (scales.structure()) {
      case WEIGHTS ->
          usual
              .withUpperLr(scales.examples(1000))
              .withLowerLr(2 * scales.lowerLr())
              .withUpperRate(RecursiveMomentum.rateOfNone(usual.eta(scales.steps())));
      case NETWORK_WEIGHTS ->
          usual
              .withUpperLr(scales.examples(10))
              .withLowerLr(2 * scales.lowerLr())
              .withUpperRate(RecursiveMomentum.rateOfNone(usual.eta(scales.steps())));
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
  public State step(long k, State s, StochasticOracle oracle) {
    SampledHypergradient estimate = estimator(k).sample(oracle);
    SampledObjective lower = oracle.lower();
    Tensor u = lower.gradientY(s.x(), s.y());
    Tensor v = estimate.at(s.x(), s.y()).direction();
    if (k > 0) {
      double square = Math.pow(eta(k - 1), 2);
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
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(k) * eta(k), v);
    Tensor y = Tensors.axpy(s.y(), -lowerLr.at(k) * eta(k), u);
    return new State(x, y, s.x(), s.y(), u, v);
  }

  private double eta(long k) {
    return scale / Math.cbrt(offset + k);
  }
}
