package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Carried;
import org.stackel.algorithm.LowerSteps;
import org.stackel.algorithm.Slip;
import org.stackel.algorithm.Suited;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.optim.Directions;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.tensor.Tensors;

/**
 * {@link Slip} (Gong, Hao, Liu: "A Nearly Optimal Single Loop Algorithm for Stochastic Bilevel
 * Optimization under Unbounded Smoothness", ICML 2024) as the few-shot scripts have it: that of
 * SLIP's repository, Single-Loop-bilevel-Optimizer-under-Unbounded-Smoothness, and that of
 * AdamBO's, jhao6/d3x645.
 *
 * <pre>
 *   y₀ : warmStartSteps times  y ← y - warmStartLr ∇y G(x₀, y)
 *   y⁺ = y - lowerLr (∇y G(x, y) + ∇y F of the step before)
 *   z⁺ = z - linearSystemLr (∇²yy G(x, y) z - ∇y F(x, y⁺))
 *   m⁺ = momentum m + (1 - momentum) (∇x F(x, y⁺) - ∇²xy G(x, y⁺) z⁺)
 *   x⁺ = x - upperLr m⁺ / (|m⁺| + 1e-10)
 * </pre>
 *
 * <p>Both products with G at y are on one sample. z, m and ∇y F start at 0. One step asks for one
 * gradient of each loss, one Hessian and one cross product. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: the last ∇y F is added to the gradient of y, because the
 * script does not clear it. The derivatives of f and the cross derivative are at the new y, and the
 * hypergradient has the new z. {@code linearSystemRadius} is as in {@link Slip}.
 *
 * <p><b>Difference from the scripts</b>: SLIP's first step, in which x stays and y moves along
 * three times the loss, is not reproduced; 0 {@code warmStartSteps} start without one. AdamBO's
 * script has no warm start in effect. Its z and m, and SLIP's, advance with every task of a step,
 * here once a step.
 *
 * @param upperLr length of each step of x, whose direction is normalised (η in the paper)
 * @param lowerLr step size of y
 * @param linearSystemLr step size of z, the solution of the linear system (ν in the paper); below 2
 *     over the largest curvature of g in y
 * @param momentum weight of the previous momentum of the hypergradient (β in the paper), in [0, 1)
 * @param warmStartSteps number of warm-start steps of y before the first step (T₀ in the paper), at
 *     least 0
 * @param warmStartLr step size of y in the warm start; if left out, the value of lowerLr at the
 *     first step
 * @param linearSystemRadius largest norm of z, onto which longer ones are projected, greater than
 *     0; no projection if left out
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "slip-authors-few-shot",
    title = "SLIP, few-shot script",
    paper = "Gong, Hao, Liu, ICML 2024",
    calls = "1 ∇f, 1 ∇g, 1 Hv, 1 Jv")
public record SlipAuthorsFewShot(
    Schedule upperLr,
    Schedule lowerLr,
    Schedule linearSystemLr,
    double momentum,
    long warmStartSteps,
    @Nullable Schedule warmStartLr,
    @Nullable Double linearSystemRadius,
    Sampling sampling)
    implements BilevelAlgorithm<SlipAuthorsFewShot.State>, SlipAuthorsFewShotBuilder.With {

  /** The defaults of {@link Slip}. */
  public SlipAuthorsFewShot() {
    this(
        Schedule.constant(0.05),
        Schedule.constant(0.05),
        Schedule.constant(0.01),
        0.9,
        3,
        null,
        null,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static SlipAuthorsFewShotBuilder builder() {
    return SlipAuthorsFewShotBuilder.of(new SlipAuthorsFewShot());
  }

  /**
   * State.
   *
   * @param x upper variable
   * @param y lower variable
   * @param z estimate of {@code [∇²yy g]⁻¹ ∇y f}
   * @param m momentum of the hypergradient
   * @param leaked ∇y F of the step before
   */
  public record State(Tensor x, Tensor y, Tensor z, Tensor m, Tensor leaked)
      implements AlgorithmState {}

  /**
   * Checks the values.
   *
   * @throws InvalidInputException for one out of its range
   */
  public SlipAuthorsFewShot {
    var rules = new Rules("slip-authors-few-shot");
    rules.fraction("momentum", momentum);
    rules.atLeast("warmStartSteps", warmStartSteps, 0);
    rules.positiveIfGiven("linearSystemRadius", linearSystemRadius);
  }

  @Override
  public SlipAuthorsFewShot suitedTo(Scales scales) {
    return Suited.like(new Slip().suitedTo(scales), this);
  }

  @Override
  public Carried<State> carried() {
    return new Carried<>(State::z, linearSystemLr::at);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Schedule lr = LowerSteps.warmStart(warmStartLr, lowerLr);
    Tensor y = LowerSteps.descend(start.x(), start.y(), warmStartSteps, lr, oracle);
    Tensor m = Tensors.zerosLike(start.x());
    return new State(start.x(), y, Tensors.zerosLike(y), m, Tensors.zerosLike(y));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    var rates = new ScriptStep.Rates(lowerLr.at(t), linearSystemLr.at(t), linearSystemRadius);
    ScriptStep next = ScriptStep.of(s.x(), s.y(), s.z(), s.leaked(), 1, rates, oracle);
    Tensor m = Directions.average(momentum, s.m(), next.h());
    Tensor x = Directions.normalizedStep(s.x(), m, oracle.normX(m), upperLr.at(t), 1e-10);
    return new State(x, next.y(), next.z(), m, next.leaked());
  }
}
