package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.stackel.algorithm.AdamBo;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.LowerSteps;
import org.stackel.algorithm.Suited;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.optim.Adam;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.tensor.Tensors;

/**
 * {@link AdamBo} ("On the Convergence of Adam-Type Algorithm for Bilevel Optimization under
 * Unbounded Smoothness", TMLR 2026) as the few-shot script of its repository, jhao6/d3x645, has it.
 *
 * <pre>
 *   y₀ : warmStartSteps times  y ← y - lowerLr ∇y G(x₀, y)
 *   y⁺ = y - lowerLr ∇y G(x, y)
 *   ĝ  = ∇x F(x, y⁺) - ∇²xy G(x, y⁺) v,   v = η (A^Q b + Σ A^q b)  over q = 1 … Q,
 *        A = I - η ∇²yy G(x, y⁺),  b = ∇y F(x, y⁺),  Q = neumannTerms,  η = neumannStep
 *   x⁺ = Adam(x, ĝ + weightDecay x; upperLr, beta1, beta2, epsilon), bias corrections from t = 1
 * </pre>
 *
 * <p>The script takes all factors of the series on one minibatch: {@code "sampling": "shared"}. One
 * step asks for one gradient of each loss, Q Hessian products and one cross product. Any shapes; x,
 * y flat.
 *
 * <p><b>Difference from the paper</b>: y moves before the hypergradient is taken. The series lacks
 * its first term and has the last one twice, so that v tends to {@code A H⁻¹ b}. The script's
 * weight decay is 0.01, here it is 0 by default.
 *
 * <p><b>Difference from the script</b>: its further lower steps during the first epoch are not
 * reproduced.
 *
 * @param upperLr step size of x (η in the paper)
 * @param lowerLr step size of y (γ in the paper); the warm start uses its value at the first step
 * @param beta1 decay rate of Adam's first moment (1 - β in the paper), in [0, 1)
 * @param beta2 decay rate of Adam's second moment (1 - β_sq in the paper), in [0, 1)
 * @param epsilon number added to Adam's denominator (λ in the paper), greater than 0
 * @param warmStartSteps number of warm-start steps of y before the first step (T₀ in the paper), at
 *     least 0
 * @param neumannTerms number of terms of the Neumann series (Q), at least 1
 * @param neumannStep step size of the Neumann series, greater than 0
 * @param weightDecay weight decay of x, at least 0
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "adambo-authors-few-shot",
    title = "AdamBO, few-shot script",
    paper = "TMLR 2026, arXiv 2503.03908",
    calls = "1 ∇f, 1 ∇g, Q Hv, 1 Jv",
    traits = Trait.WANTS_WHOLE_UPPER_BATCH)
public record AdamBoAuthorsFewShot(
    Schedule upperLr,
    Schedule lowerLr,
    double beta1,
    double beta2,
    double epsilon,
    long warmStartSteps,
    int neumannTerms,
    double neumannStep,
    double weightDecay,
    Sampling sampling)
    implements BilevelAlgorithm<AdamBoAuthorsFewShot.State>, AdamBoAuthorsFewShotBuilder.With {

  /** The defaults of {@link AdamBo}. */
  public AdamBoAuthorsFewShot() {
    this(
        Schedule.constant(5e-3),
        Schedule.constant(0.01),
        0.9,
        0.999,
        1e-8,
        3,
        3,
        0.01,
        0,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static AdamBoAuthorsFewShotBuilder builder() {
    return AdamBoAuthorsFewShotBuilder.of(new AdamBoAuthorsFewShot());
  }

  /**
   * State.
   *
   * @param x upper variable
   * @param y lower variable
   * @param moments Adam's moments of the hypergradient
   */
  public record State(Tensor x, Tensor y, Adam.Moments moments) implements AlgorithmState {}

  /**
   * Checks the values.
   *
   * @throws InvalidInputException for one out of its range
   */
  public AdamBoAuthorsFewShot {
    var rules = new Rules("adambo-authors-few-shot");
    rules.fraction("beta1", beta1);
    rules.fraction("beta2", beta2);
    rules.positive("epsilon", epsilon);
    rules.atLeast("warmStartSteps", warmStartSteps, 0);
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
    rules.notNegative("weightDecay", weightDecay);
  }

  @Override
  public AdamBoAuthorsFewShot suitedTo(Scales scales) {
    return Suited.like(new AdamBo().suitedTo(scales), this);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Schedule lr = LowerSteps.warmStart(null, lowerLr);
    Tensor y = LowerSteps.descend(start.x(), start.y(), warmStartSteps, lr, oracle);
    return new State(start.x(), y, Adam.Moments.zero(start.x()));
  }

  @Override
  public ScriptSeries estimator(long t) {
    return new ScriptSeries(ScriptSeries.Form.LAST_TWICE, neumannTerms, neumannStep);
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    SampledHypergradient estimate = estimator(t).sample(oracle);
    Tensor gradY = oracle.lower().gradientY(s.x(), s.y());
    Tensor y = Tensors.axpy(s.y(), -lowerLr.at(t), gradY);
    Tensor direction = estimate.at(s.x(), y).direction();
    if (weightDecay > 0) {
      direction = Tensors.axpy(direction, weightDecay, s.x());
    }
    var adam = new Adam(beta1, beta2, epsilon);
    Adam.Moments moments = adam.update(s.moments(), direction);
    return new State(adam.step(s.x(), moments, t + 1, upperLr.at(t)), y, moments);
  }
}
