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
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.tensor.Tensors;

/**
 * {@link Ttsa} (Hong, Wai, Wang, Yang: "A Two-Timescale Stochastic Algorithm Framework for Bilevel
 * Optimization", SIAM Journal on Optimization 2023) as the scripts of AccBO's repository,
 * Accelerated-Bilevel-Optimization-Unbounded-Smoothness, have it: that which maximises the AUC and
 * that of data cleaning.
 *
 * <pre>
 *   y⁺ = y - lowerLr ∇y G(x, y)
 *   x⁺ = x - upperLr (∇x F(x, y⁺) - ∇²xy G(x, y⁺) v),   v = η A^q b,
 *        A = I - η ∇²yy G(x, y⁺),  b = ∇y F(x, y⁺),  q uniform in 1 … neumannTerms,  η = neumannStep
 * </pre>
 *
 * <p>The script takes all factors of the series on one minibatch: {@code "sampling": "shared"}. One
 * step asks for one gradient of each loss, {@code (neumannTerms + 1) / 2} Hessian products on
 * average and one cross product. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: step sizes do not fall. The one term of the series is not
 * scaled up by their number, and the first one never comes, so that the mean of v goes to 0 as
 * terms are added. y is projected too where the problem says onto what.
 *
 * @param upperLr step size of x (α₀ in the paper)
 * @param lowerLr step size of y (β₀ in the paper)
 * @param neumannTerms largest random power in the only term of the Neumann series (q), at least 1
 * @param neumannStep step size of the Neumann series (η), greater than 0
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "ttsa-authors-auc",
    title = "TTSA, AUC script",
    paper = "Hong, Wai, Wang, Yang, SIAM J. Optim. 2023",
    calls = "1 ∇f, 1 ∇g, (Q+1)/2 Hv, 1 Jv",
    traits = Trait.PROJECTS_X)
public record TtsaAuthorsAuc(
    Schedule upperLr, Schedule lowerLr, int neumannTerms, double neumannStep, Sampling sampling)
    implements BilevelAlgorithm<TtsaAuthorsAuc.State>, TtsaAuthorsAucBuilder.With {

  /** The defaults of {@link Ttsa}. */
  public TtsaAuthorsAuc() {
    this(Schedule.constant(0.1), Schedule.constant(0.1), 10, 0.1, Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static TtsaAuthorsAucBuilder builder() {
    return TtsaAuthorsAucBuilder.of(new TtsaAuthorsAuc());
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
  public TtsaAuthorsAuc {
    var rules = new Rules("ttsa-authors-auc");
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
  }

  @Override
  public TtsaAuthorsAuc suitedTo(Scales scales) {
    return Suited.like(new Ttsa().suitedTo(scales), this);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y());
  }

  @Override
  public ScriptSeries estimator(long t) {
    return new ScriptSeries(ScriptSeries.Form.RANDOM, neumannTerms, neumannStep);
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
