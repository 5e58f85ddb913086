package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.LikeX;
import org.stackel.algorithm.StocBio;
import org.stackel.algorithm.Suited;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.tensor.Tensors;

/**
 * {@link StocBio} (Ji, Yang, Liang: "Bilevel Optimization: Convergence Analysis and Enhanced
 * Design", ICML 2021) as the data cleaning script of SLIP's repository,
 * Single-Loop-bilevel-Optimizer-under-Unbounded-Smoothness, has it.
 *
 * <pre>
 *   u  = 0;  lowerSteps times  u ← u + ∇y G(x, y),  y ← y - lowerLr u
 *   x⁺ = x - upperLr (∇x F(x, y⁺) - ∇²xy G(x, y⁺) v),   v = η A^Q b + Σ A^q b  over q = 1 … Q,
 *        A = I - η ∇²yy G(x, y⁺),  b = ∇y F(x, y⁺),  Q = neumannTerms,  η = neumannStep
 * </pre>
 *
 * <p>The script takes all factors of the series on one minibatch: {@code "sampling": "shared"}. One
 * step asks for one upper gradient, {@code lowerSteps} lower ones, Q Hessian products and one cross
 * product. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: lower gradients add up within a step, because the script
 * does not clear them. The series lacks its first term and is not scaled, as in StocBiO's own
 * repository, so that v tends to {@code A H⁻¹ b / η}: the implicit term is about {@code 1 / η}
 * times too large. x and y are projected where the problem says onto what.
 *
 * @param upperLr step size of x (β in the paper)
 * @param lowerLr step size of y (α in the paper)
 * @param lowerSteps number of lower steps per upper-level step (D in the paper), at least 1
 * @param neumannTerms number of terms of the Neumann series (Q), at least 1
 * @param neumannStep step size of the Neumann series (η), greater than 0
 * @param sampling whether the derivative products of a step use the same samples; lower steps never
 *     do
 */
@OptionRecord
@AlgorithmInfo(
    name = "stocbio-authors-cleaning",
    title = "StocBiO, cleaning script",
    paper = "Ji, Yang, Liang, ICML 2021",
    calls = "1 ∇f, N ∇g, Q Hv, 1 Jv",
    traits = Trait.PROJECTS_X)
public record StocBioAuthorsCleaning(
    Schedule upperLr,
    Schedule lowerLr,
    long lowerSteps,
    int neumannTerms,
    double neumannStep,
    Sampling sampling)
    implements BilevelAlgorithm<StocBioAuthorsCleaning.State>, StocBioAuthorsCleaningBuilder.With {

  /** The defaults of {@link StocBio}. */
  public StocBioAuthorsCleaning() {
    this(Schedule.constant(0.1), Schedule.constant(0.1), 3, 3, 0.1, Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static StocBioAuthorsCleaningBuilder builder() {
    return StocBioAuthorsCleaningBuilder.of(new StocBioAuthorsCleaning());
  }

  /**
   * State.
   *
   * @param x upper variable
   * @param y lower variable
   */
  public record State(@LikeX Tensor x, Tensor y) implements AlgorithmState {}

  /**
   * Checks the values.
   *
   * @throws InvalidInputException for one out of its range
   */
  public StocBioAuthorsCleaning {
    var rules = new Rules("stocbio-authors-cleaning");
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
  }

  @Override
  public StocBioAuthorsCleaning suitedTo(Scales scales) {
    return Suited.like(new StocBio().suitedTo(scales), this);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y());
  }

  @Override
  public ScriptSeries estimator(long t) {
    return new ScriptSeries(ScriptSeries.Form.UNSCALED, neumannTerms, neumannStep);
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    Tensor y = s.y();
    Tensor sum = Tensors.zerosLike(y);
    for (long i = 0; i < lowerSteps; i++) {
      sum = sum.add(oracle.freshLower().gradientY(s.x(), y));
      y = oracle.projectY(Tensors.axpy(y, -lowerLr.at(t), sum));
    }
    Tensor direction = estimator(t).sample(oracle).at(s.x(), y).direction();
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), direction);
    return new State(oracle.projectX(x), y);
  }
}
