package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Suited;
import org.stackel.algorithm.Ttsa;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.tensor.Tensors;

/**
 * {@link Ttsa} (Hong, Wai, Wang, Yang: "A Two-Timescale Stochastic Algorithm Framework for Bilevel
 * Optimization", SIAM Journal on Optimization 2023) as the few-shot script of AdamBO's repository,
 * jhao6/d3x645, has it.
 *
 * <pre>
 *   y⁺ = y - lowerLr ∇y G(x, y)
 *   x⁺ = x - upperLr (∇x F(x, y⁺) - ∇²xy G(x, y⁺) v),   v = η (A^Q b + Σ A^q b)  over q = 1 … Q,
 *        A = I - η ∇²yy G(x, y⁺),  b = ∇y F(x, y⁺),  η = neumannStep,
 *        Q uniform in 1 … neumannTerms-1, drawn in every step
 * </pre>
 *
 * <p>The script takes all factors of the series on one minibatch: {@code "sampling": "shared"}. One
 * step asks for one gradient of each loss, {@code neumannTerms / 2} Hessian products on average and
 * one cross product. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: step sizes do not fall. The series is a sum of random length
 * that lacks its first term and has the last one twice. y is projected too where the problem says
 * onto what.
 *
 * <p>The few-shot script of SLIP's repository is not reproduced. It loses the implicit term: it
 * joins two lists where it should add them.
 *
 * @param upperLr step size of x (α₀ in the paper)
 * @param lowerLr step size of y (β₀ in the paper)
 * @param neumannTerms largest random number of terms of the Neumann series (Q) plus one, at least 2
 * @param neumannStep step size of the Neumann series (η), greater than 0
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "ttsa-authors-few-shot",
    title = "TTSA, few-shot script",
    paper = "Hong, Wai, Wang, Yang, SIAM J. Optim. 2023",
    calls = "1 ∇f, 1 ∇g, Q/2 Hv, 1 Jv",
    traits = Trait.PROJECTS_X)
public record TtsaAuthorsFewShot(
    Schedule upperLr, Schedule lowerLr, int neumannTerms, double neumannStep, Sampling sampling)
    implements BilevelAlgorithm<TtsaAuthorsFewShot.State>, TtsaAuthorsFewShotBuilder.With {

  /** The defaults of {@link Ttsa}. */
  public TtsaAuthorsFewShot() {
    this(Schedule.constant(0.1), Schedule.constant(0.1), 10, 0.1, Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static TtsaAuthorsFewShotBuilder builder() {
    return TtsaAuthorsFewShotBuilder.of(new TtsaAuthorsFewShot());
  }

  /**
   * State.
   *
   * @param x upper variable
   * @param y lower variable
   */
  public record State(Tensor x, Tensor y) implements AlgorithmState {}

  /**
   * Checks the values.
   *
   * @throws InvalidInputException for one out of its range
   */
  public TtsaAuthorsFewShot {
    var rules = new Rules("ttsa-authors-few-shot");
    rules.atLeast("neumannTerms", neumannTerms, 2);
    rules.positive("neumannStep", neumannStep);
  }

  @Override
  public TtsaAuthorsFewShot suitedTo(Scales scales) {
    return Suited.like(new Ttsa().suitedTo(scales), this);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y());
  }

  @Override
  public ScriptSeries estimator(long t) {
    return new ScriptSeries(ScriptSeries.Form.RANDOM_LENGTH, neumannTerms - 1, neumannStep);
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    Tensor gradY = oracle.lower().gradientY(s.x(), s.y());
    Tensor y = oracle.projectY(Tensors.axpy(s.y(), -lowerLr.at(t), gradY));
    SampledHypergradient estimate = estimator(t).sample(oracle);
    Tensor direction = estimate.at(s.x(), y).direction();
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), direction);
    return new State(oracle.projectX(x), y);
  }
}
