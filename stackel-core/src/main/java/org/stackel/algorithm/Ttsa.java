package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.HypergradientEstimator;
import org.stackel.hypergradient.Neumann;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.hypergradient.SolvedLower;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.LowerSolver;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * TTSA (Hong, Wai, Wang, Yang: "A Two-Timescale Stochastic Algorithm Framework for Bilevel
 * Optimization", SIAM Journal on Optimization 2023, Algorithm 1): one step each, x on the slower
 * scale.
 *
 * <pre>
 *   y⁺ = y - lowerLr / (t+1)^lowerExponent  ∇y G(x, y)
 *   x⁺ = P(x - upperLr / (t+1)^upperExponent  (∇x F(x, y⁺) - ∇²xy G(x, y⁺) v))
 *        v by Neumann with neumannTerms and neumannStep,  P onto the problem's set
 * </pre>
 *
 * <p>One step asks for one gradient of each loss, one cross product, and in form C, whose length is
 * random, for {@code (neumannTerms-1)/2} Hessian products on average. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: the number of terms does not grow with the logarithm of t; y
 * is projected too where the problem says onto what.
 *
 * <p>The three step sizes are 0.1 by default, and there are 10 terms, which suits a lower Hessian
 * with eigenvalues between 0.1 and 10.
 *
 * <p><b>Difference from the paper</b>: with {@code lowerSolver: newton} a step begins with the
 * lower level of its sample, solved as {@link SolvedLower} says, in place of the steps of y; then
 * the hypergradient is taken there. Before the first step every block of a finite sum is solved.
 *
 * @param upperLr step size of x (α₀ in the paper)
 * @param lowerLr step size of y (β₀ in the paper)
 * @param upperExponent exponent of the decrease of the upper step size, at least 0; with 0, upperLr
 *     alone decides
 * @param lowerExponent exponent of the decrease of the lower step size, at least 0; with 0, lowerLr
 *     alone decides
 * @param neumannTerms number of terms of the Neumann series (t_max), at least 1
 * @param neumannStep step size of the Neumann series (c_h / L_g), greater than 0
 * @param neumannForm form of the Neumann series
 * @param lowerSolver how y follows x; with {@code newton} the sample's lower level is solved before
 *     x moves, and the options of lower steps and of the Neumann series have no effect
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "ttsa",
    title = "TTSA",
    paper = "Hong, Wai, Wang, Yang, SIAM J. Optim. 2023",
    calls = "1 ∇f, 1 ∇g, (Q-1)/2 Hv, 1 Jv",
    traits = Trait.PROJECTS_X)
public record Ttsa(
    Schedule upperLr,
    Schedule lowerLr,
    double upperExponent,
    double lowerExponent,
    int neumannTerms,
    double neumannStep,
    Neumann.Form neumannForm,
    LowerSolver lowerSolver,
    Sampling sampling)
    implements BilevelAlgorithm<Ttsa.State>, TtsaBuilder.With {

  /** The published exponents, and step sizes for a start. */
  public Ttsa() {
    this(
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        0.6,
        0.4,
        10,
        0.1,
        Neumann.Form.C,
        LowerSolver.STEPS,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static TtsaBuilder builder() {
    return TtsaBuilder.of(new Ttsa());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   */
  public record State(@LikeX Tensor x, Tensor y) implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Ttsa {
    var rules = new Rules("ttsa");
    rules.notNegative("upperExponent", upperExponent);
    rules.notNegative("lowerExponent", lowerExponent);
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
  }

  @Override
  public Ttsa suitedTo(Scales scales) {
    Ttsa usual = Suited.to(scales, UpperStep.PLAIN, this);
    return switch (scales.structure()) {
      case SMOOTH -> usual.withUpperLr(scales.fallingUpperLr(1, upperExponent));
      case STRENGTHS -> usual;
      case WEIGHTS -> // a short series makes the hypergradient small
          usual.withUpperLr(scales.examples(300)).withUpperExponent(0).withLowerExponent(0);
      case NETWORK_WEIGHTS, HEADS, SADDLE -> // falling steps would not go far
          usual.withUpperExponent(0).withLowerExponent(0);
    };
  }

  @Override
  public HypergradientEstimator estimator(long t) {
    return lowerSolver == LowerSolver.NEWTON
        ? SolvedLower.estimator()
        : new Neumann(neumannForm, neumannTerms, neumannStep);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), started(start, oracle));
  }

  private Tensor started(Start start, StochasticOracle oracle) {
    return lowerSolver == LowerSolver.NEWTON
        ? LowerSteps.solved(start.x(), start.y(), oracle)
        : start.y();
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    double alpha = upperLr.at(t) / Math.pow(t + 1.0, upperExponent);
    if (lowerSolver == LowerSolver.NEWTON) {
      SolvedLower lower = SolvedLower.at(oracle, s.x(), s.y(), null);
      Tensor x = Tensors.axpy(s.x(), -alpha, lower.direction());
      return new State(oracle.projectX(x), oracle.projectY(lower.y()));
    }
    double beta = lowerLr.at(t) / Math.pow(t + 1.0, lowerExponent);
    Tensor gradY = oracle.lower().gradientY(s.x(), s.y());
    Tensor y = oracle.projectY(Tensors.axpy(s.y(), -beta, gradY));
    SampledHypergradient estimate = estimator(t).sample(oracle);
    Tensor x = Tensors.axpy(s.x(), -alpha, estimate.at(s.x(), y).direction());
    return new State(oracle.projectX(x), y);
  }
}
