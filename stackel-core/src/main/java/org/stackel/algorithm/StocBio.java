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
import org.stackel.problem.Scales.Structure;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * StocBiO (Ji, Yang, Liang: "Bilevel Optimization: Convergence Analysis and Enhanced Design", ICML
 * 2021, Algorithm 2): a loop of lower steps from where the last one ended, then a step of x along a
 * Neumann estimate.
 *
 * <pre>
 *   y⁺ : lowerSteps times  y ← y - lowerLr ∇y G(x, y)
 *   x⁺ = x - upperLr (∇x F(x, y⁺) - ∇²xy G(x, y⁺) v),   v by Neumann with neumannTerms and neumannStep
 * </pre>
 *
 * <p>One step asks for one upper gradient, {@code lowerSteps} lower gradients, {@code neumannTerms}
 * Hessian products in form B and one cross product. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: every sample has the problem's batch size, while the paper
 * lets those of the Neumann factors grow; x and y are projected where the problem says onto what.
 *
 * <p>The three step sizes are 0.1 by default, which suits a lower Hessian with eigenvalues below
 * 10.
 *
 * <p><b>Difference from the paper</b>: with {@code lowerSolver: newton} a step begins with the
 * lower level of its sample, solved as {@link SolvedLower} says, in place of the steps of y; then
 * the hypergradient is taken there. Before the first step every block of a finite sum is solved.
 *
 * @param upperLr step size of x (β in the paper)
 * @param lowerLr step size of y (α in the paper)
 * @param lowerSteps number of lower steps per upper-level step (D in the paper), at least 1
 * @param neumannTerms number of terms of the Neumann series (Q), at least 1; form B has one more
 * @param neumannStep step size of the Neumann series (η), greater than 0
 * @param neumannForm form of the Neumann series
 * @param lowerSolver how y follows x; with {@code newton} the sample's lower level is solved before
 *     x moves, and the options of lower steps and of the Neumann series have no effect
 * @param sampling whether the derivative products of a step use the same samples; lower steps never
 *     do
 */
@OptionRecord
@AlgorithmInfo(
    name = "stocbio",
    title = "StocBiO",
    paper = "Ji, Yang, Liang, ICML 2021",
    calls = "1 ∇f, N ∇g, Q Hv, 1 Jv",
    traits = Trait.PROJECTS_X)
public record StocBio(
    Schedule upperLr,
    Schedule lowerLr,
    long lowerSteps,
    int neumannTerms,
    double neumannStep,
    Neumann.Form neumannForm,
    LowerSolver lowerSolver,
    Sampling sampling)
    implements BilevelAlgorithm<StocBio.State>, StocBioBuilder.With {

  /** The published numbers of steps and terms, and step sizes for a start. */
  public StocBio() {
    this(
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        3,
        3,
        0.1,
        Neumann.Form.B,
        LowerSolver.STEPS,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static StocBioBuilder builder() {
    return StocBioBuilder.of(new StocBio());
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
  public StocBio {
    var rules = new Rules("stocbio");
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
  }

  @Override
  public StocBio suitedTo(Scales scales) {
    StocBio usual = Suited.to(scales, UpperStep.PLAIN, this);
    // A short series makes the hypergradient small.
    return scales.structure() == Structure.WEIGHTS
        ? usual.withUpperLr(scales.examples(300))
        : usual;
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
    if (lowerSolver == LowerSolver.NEWTON) {
      SolvedLower lower = SolvedLower.at(oracle, s.x(), s.y(), null);
      Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), lower.direction());
      return new State(oracle.projectX(x), oracle.projectY(lower.y()));
    }
    Tensor y = s.y();
    for (long i = 0; i < lowerSteps; i++) {
      Tensor gradY = oracle.freshLower().gradientY(s.x(), y);
      y = oracle.projectY(Tensors.axpy(y, -lowerLr.at(t), gradY));
    }
    SampledHypergradient estimate = estimator(t).sample(oracle);
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), estimate.at(s.x(), y).direction());
    return new State(oracle.projectX(x), y);
  }
}
