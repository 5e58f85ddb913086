package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.LikeX;
import org.stackel.algorithm.Suited;
import org.stackel.algorithm.Ttsa;
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
 * {@link Ttsa} (Hong, Wai, Wang, Yang: "A Two-Timescale Stochastic Algorithm Framework for Bilevel
 * Optimization", SIAM Journal on Optimization 2023) as the data cleaning script of SLIP's
 * repository, Single-Loop-bilevel-Optimizer-under-Unbounded-Smoothness, has it.
 *
 * <pre>
 *   y⁺ = y - lowerLr ∇y G(x, y)
 *   x⁺ = x - upperLr (∇x F(x, y⁺) - ∇²xy G(x, y⁺) v),   v = η A^Q b + Σ A^q b  over q = 1 … Q,
 *        A = I - η ∇²yy G(x, y⁺),  b = ∇y F(x, y⁺),  Q = neumannTerms,  η = neumannStep
 * </pre>
 *
 * <p>The script takes all factors of the series on one minibatch: {@code "sampling": "shared"}. One
 * step asks for one gradient of each loss, Q Hessian products and one cross product. Any shapes; x,
 * y flat.
 *
 * <p><b>Difference from the paper</b>: step sizes do not fall. The series has a fixed length, lacks
 * its first term and is not scaled, so that v tends to {@code A H⁻¹ b / η}: the implicit term is
 * about {@code 1 / η} times too large. y is projected too where the problem says onto what.
 *
 * @param upperLr step size of x (α₀ in the paper)
 * @param lowerLr step size of y (β₀ in the paper)
 * @param neumannTerms number of terms of the Neumann series (Q), at least 1
 * @param neumannStep step size of the Neumann series (η), greater than 0
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "ttsa-authors-cleaning",
    title = "TTSA, cleaning script",
    paper = "Hong, Wai, Wang, Yang, SIAM J. Optim. 2023",
    calls = "1 ∇f, 1 ∇g, Q Hv, 1 Jv",
    traits = Trait.PROJECTS_X)
public record TtsaAuthorsCleaning(
    Schedule upperLr, Schedule lowerLr, int neumannTerms, double neumannStep, Sampling sampling)
    implements BilevelAlgorithm<TtsaAuthorsCleaning.State>, TtsaAuthorsCleaningBuilder.With {

  /** The defaults of {@link Ttsa}. */
  public TtsaAuthorsCleaning() {
    this(Schedule.constant(0.1), Schedule.constant(0.1), 10, 0.1, Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static TtsaAuthorsCleaningBuilder builder() {
    return TtsaAuthorsCleaningBuilder.of(new TtsaAuthorsCleaning());
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
  public TtsaAuthorsCleaning {
    var rules = new Rules("ttsa-authors-cleaning");
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
  }

  @Override
  public TtsaAuthorsCleaning suitedTo(Scales scales) {
    return Suited.like(new Ttsa().suitedTo(scales), this);
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
    Tensor gradY = oracle.lower().gradientY(s.x(), s.y());
    Tensor y = oracle.projectY(Tensors.axpy(s.y(), -lowerLr.at(t), gradY));
    Tensor direction = estimator(t).sample(oracle).at(s.x(), y).direction();
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), direction);
    return new State(oracle.projectX(x), y);
  }
}
