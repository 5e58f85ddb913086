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
 * VRBO (Yang, Ji, Liang: "Provably Faster Algorithms for Bilevel Optimization", NeurIPS 2021,
 * Algorithm 2): both estimates are renewed every period-th step and corrected by differences in
 * between (SPIDER), with a loop on the lower level.
 *
 * <pre>
 *   every period-th step, from the first on:  v = ĝ(x, y),  u = ∇y G(x, y)
 *   x⁺ = x - upperLr v;   (X, Y)⁻ = (x, y),  (X, Y) = (x⁺, y)
 *   for j = 0 … innerSteps+1:
 *        v ← v + ĝ(X, Y) - ĝ((X, Y)⁻),  u ← u + ∇y G(X, Y) - ∇y G((X, Y)⁻)    on the same samples
 *        (X, Y)⁻ = (X, Y);   Y ← Y - lowerLr u  but for the last j
 *   y⁺ = Y
 *   ĝ = ∇x F - ∇²xy G w,   w by Neumann with neumannTerms and neumannStep
 * </pre>
 *
 * <p>So Y moves {@code innerSteps + 1} times, and u and v end where x and y do. One step asks for
 * {@code 2 (innerSteps + 2)} gradients of each loss and cross products, and one more every
 * period-th step; each cross product comes with {@code neumannTerms} Hessian products in form B.
 * Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: the samples of the renewal have the problem's batch size, as
 * all others do. The three step sizes are 0.1 by default, and the series has 10 terms, which suits
 * a lower Hessian with eigenvalues between 0.1 and 10.
 *
 * @param upperLr step size of x (α in the paper)
 * @param lowerLr step size of y (β in the paper)
 * @param innerSteps size of the inner loop (m in the paper), which moves y m + 1 times in each
 *     step, at least 0
 * @param period number of steps between two fresh estimates (q in the paper), at least 1; 1 by
 *     default where x has a component for each example
 * @param neumannTerms number of terms of the Neumann series (Q), at least 1; form B has one more
 * @param neumannStep step size of the Neumann series, greater than 0
 * @param neumannForm form of the Neumann series
 * @param sampling whether the derivative products of a step use the same samples; lower gradients
 *     never do
 */
@OptionRecord
@AlgorithmInfo(
    name = "vrbo",
    title = "VRBO",
    paper = "Yang, Ji, Liang, NeurIPS 2021",
    calls = "2M+4+1/I ∇f, 2M+4+1/I ∇g, (2M+4+1/I)Q Hv, 2M+4+1/I Jv")
public record Vrbo(
    Schedule upperLr,
    Schedule lowerLr,
    long innerSteps,
    long period,
    int neumannTerms,
    double neumannStep,
    Neumann.Form neumannForm,
    Sampling sampling)
    implements BilevelAlgorithm<Vrbo.State>, VrboBuilder.With {

  /** Rates for a start. */
  public Vrbo() {
    this(
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        2,
        2,
        10,
        0.1,
        Neumann.Form.B,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static VrboBuilder builder() {
    return VrboBuilder.of(new Vrbo());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param u estimate of the lower gradient, shape [p]
   * @param v estimate of the hypergradient, shape [n]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor u, @LikeX Tensor v)
      implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Vrbo {
    var rules = new Rules("vrbo");
    rules.atLeast("innerSteps", innerSteps, 0);
    rules.atLeast("period", period, 1);
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
  }

  @Override
  public Vrbo suitedTo(Scales scales) {
    Vrbo usual = Suited.to(scales, UpperStep.PLAIN, this);
    return switch (scales.structure()) {
      case WEIGHTS -> usual.withUpperLr(scales.examples(100)).withPeriod(1);
      case NETWORK_WEIGHTS -> usual.withPeriod(1);
      case SMOOTH -> scales.isWhole() ? usual : usual.withQuarterOf(scales.lowerLr());
      default -> usual;
    };
  }

  @Override
  public boolean reusesSamples() {
    return true;
  }

  /** Sums of differences on minibatches need smaller steps than plain descent to stay stable. */
  private Vrbo withQuarterOf(double lowerLr) {
    double quarter = Scales.rounded(lowerLr / 4);
    return withLowerLr(quarter).withNeumannStep(quarter);
  }

  @Override
  public Neumann estimator(long t) {
    return new Neumann(neumannForm, neumannTerms, neumannStep);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor x = start.x();
    Tensor y = start.y();
    return new State(x, y, Tensors.zerosLike(y), Tensors.zerosLike(x));
  }

  @Override
  public State step(long k, State s, StochasticOracle oracle) {
    var neumann = estimator(k);
    Tensor u = s.u();
    Tensor v = s.v();
    if (k % period == 0) {
      v = neumann.sample(oracle).at(s.x(), s.y()).direction();
      u = oracle.freshLower().gradientY(s.x(), s.y());
    }
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(k), v);
    Tensor y = s.y();
    Tensor oldX = s.x();
    Tensor oldY = y;
    for (long j = 0; j <= innerSteps + 1; j++) {
      SampledHypergradient estimate = neumann.sample(oracle);
      SampledObjective lower = oracle.freshLower();
      v = v.add(estimate.at(x, y).direction()).sub(estimate.at(oldX, oldY).direction());
      u = u.add(lower.gradientY(x, y)).sub(lower.gradientY(oldX, oldY));
      oldX = x;
      oldY = y;
      if (j <= innerSteps) {
        y = Tensors.axpy(y, -lowerLr.at(k), u);
      }
    }
    return new State(x, y, u, v);
  }
}
