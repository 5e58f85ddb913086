package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AccBo;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.LowerSteps;
import org.stackel.algorithm.Suited;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.optim.Directions;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.tensor.Tensors;

/**
 * {@link AccBo} (Gong, Hao, Liu: "An Accelerated Algorithm for Stochastic Bilevel Optimization
 * under Unbounded Smoothness", NeurIPS 2024) as the script that maximises the AUC has it, in its
 * repository, Accelerated-Bilevel-Optimization-Unbounded-Smoothness.
 *
 * <pre>
 *   y₀ = ŷ₀ : warmStartSteps times  y ← y - warmStartLr ∇y G(x₀, y)
 *   y⁺ = w - lowerLr ∇y G(x, w),   w = y + extrapolation (y - y⁻)
 *   ŷ⁺ = (1 - averaging) ŷ + averaging y⁺
 *   m  = ∇x F(x, ŷ⁺) - ∇²xy G(x, ŷ⁺) v,   v = η A^q b  with q uniform in 1 … neumannTerms,
 *        A = I - η ∇²yy G(x, ŷ⁺),  b = ∇y F(x, ŷ⁺),  η = neumannStep
 *   x⁺ = x - upperLr m / |m|   in every parameter tensor by itself
 * </pre>
 *
 * <p>y⁻ is y a step before, y itself after the warm start. A step of x is √(number of tensors)
 * times {@code upperLr} long. The script takes all factors of the series on one minibatch: {@code
 * "sampling": "shared"}. One step asks for one gradient of each loss, one cross product, and for
 * {@code (neumannTerms + 1) / 2} Hessian products on average. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: no momentum is left. The script corrects it by the estimate
 * that it stored, not by one at the old point on the new samples, and the two cancel. Each
 * hypergradient then counts as it is, so a problem may offer whole upper batches. The hypergradient
 * is at ŷ⁺, the one term of its series is not scaled up, so that the mean of v goes to 0 as terms
 * are added, and x is normalised tensor by tensor. The warm start is plain descent.
 *
 * <p><b>Difference from the script</b>: its warm start in every step of the first epoch is not
 * reproduced. The script of the periodic variant never moves x and is not here.
 *
 * @param upperLr length of each step of x in each of its tensors, whose directions are normalised
 *     (η in the paper)
 * @param lowerLr step size of y (α in the paper)
 * @param warmStartSteps number of warm-start steps of y before the first step (T₀ in the paper), at
 *     least 0
 * @param warmStartLr step size of y in the warm start; if left out, the value of lowerLr at the
 *     first step
 * @param extrapolation extrapolation of the lower iterate (κ in the paper), in [0, 1)
 * @param averaging weight of the new lower iterate in its moving average (τ in the paper), in (0,
 *     1]
 * @param neumannTerms largest random power in the only term of the Neumann series (q), at least 1
 * @param neumannStep step size of the Neumann series, greater than 0
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "accbo-authors-auc",
    title = "AccBO, AUC script",
    paper = "Gong, Hao, Liu, NeurIPS 2024",
    calls = "1 ∇f, 1 ∇g, (Q+1)/2 Hv, 1 Jv",
    traits = Trait.WANTS_WHOLE_UPPER_BATCH)
public record AccBoAuthorsAuc(
    Schedule upperLr,
    Schedule lowerLr,
    long warmStartSteps,
    @Nullable Schedule warmStartLr,
    double extrapolation,
    double averaging,
    int neumannTerms,
    double neumannStep,
    Sampling sampling)
    implements BilevelAlgorithm<AccBoAuthorsAuc.State>, AccBoAuthorsAucBuilder.With {

  /** The defaults of {@link AccBo}. */
  public AccBoAuthorsAuc() {
    this(
        Schedule.constant(5e-3),
        Schedule.constant(0.01),
        3,
        null,
        0.5,
        0.5,
        3,
        0.01,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static AccBoAuthorsAucBuilder builder() {
    return AccBoAuthorsAucBuilder.of(new AccBoAuthorsAuc());
  }

  /**
   * State.
   *
   * @param x upper variable
   * @param y lower variable
   * @param previousY y a step before
   * @param average ŷ, average of y
   * @param m the direction of the last step of x
   */
  public record State(Tensor x, Tensor y, Tensor previousY, Tensor average, Tensor m)
      implements AlgorithmState {}

  /**
   * Checks the values.
   *
   * @throws InvalidInputException for one out of its range
   */
  public AccBoAuthorsAuc {
    var rules = new Rules("accbo-authors-auc");
    rules.atLeast("warmStartSteps", warmStartSteps, 0);
    rules.fraction("extrapolation", extrapolation);
    rules.share("averaging", averaging);
    rules.atLeast("neumannTerms", neumannTerms, 1);
    rules.positive("neumannStep", neumannStep);
  }

  @Override
  public AccBoAuthorsAuc suitedTo(Scales scales) {
    return Suited.like(new AccBo().suitedTo(scales), this);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Schedule lr = LowerSteps.warmStart(warmStartLr, lowerLr);
    Tensor y = LowerSteps.descend(start.x(), start.y(), warmStartSteps, lr, oracle);
    return new State(start.x(), y, y, y, Tensors.zerosLike(start.x()));
  }

  @Override
  public ScriptSeries estimator(long t) {
    return new ScriptSeries(ScriptSeries.Form.RANDOM, neumannTerms, neumannStep);
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    SampledHypergradient estimate = estimator(t).sample(oracle);
    Tensor w = Tensors.axpy(s.y(), extrapolation, s.y().sub(s.previousY()));
    Tensor y = Tensors.axpy(w, -lowerLr.at(t), oracle.lower().gradientY(s.x(), w));
    Tensor average = Directions.average(1 - averaging, s.average(), y);
    Tensor m = estimate.at(s.x(), average).direction();
    Tensor x = Directions.normalizedStep(s.x(), m, upperLr.at(t), oracle.upperLayout());
    return new State(x, y, s.y(), average, m);
  }
}
