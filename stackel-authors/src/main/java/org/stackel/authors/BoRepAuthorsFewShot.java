package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.BoRep;
import org.stackel.algorithm.Carried;
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
 * {@link BoRep} (Hao, Gong, Liu: "Bilevel Optimization under Unbounded Smoothness: A New Algorithm
 * and Convergence Analysis", ICLR 2024) as the scripts for few-shot tasks and for regularization on
 * reviews of BO-REP's repository, Bilevel-Optimization-under-Unbounded-Smoothness, have it.
 *
 * <pre>
 *   y₀ = EPOCHSGD(x₀, y)
 *   every period-th step, from the first on:
 *        u = ∇y F of the step before;  lowerSteps times  u ← u + ∇y G(x, y),  y ← y - lowerLr u
 *   z⁺ = z - linearSystemLr (∇²yy G(x, y⁺) z - ∇y F(x, y⁺))
 *   m⁺ = momentum m + (1 - momentum) (∇x F(x, y⁺) - ∇²xy G(x, y⁺) z⁺)
 *   x⁺ = x - upperLr m⁺ / (|m⁺| + 1e-10)
 * </pre>
 *
 * <p>Every lower step has a sample of its own. z, m and ∇y F start at 0. One step asks for one
 * upper gradient, one Hessian and one cross product, and every period-th step for {@code
 * lowerSteps} lower gradients more. Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: lower steps begin with the first step, without a ball and
 * without an average. Their gradients add up on top of the last ∇y F, because the scripts do not
 * clear them. The hypergradient has the new z. {@code linearSystemRadius} is as in {@link BoRep}.
 *
 * <p><b>Difference from the scripts</b>: their period, z and m advance with every task of a step,
 * here once a step. The script for few-shot tasks of AdamBO's repository is {@link
 * BoRepAuthorsCleaning} with one lower step.
 *
 * @param upperLr length of each step of x, whose direction is normalised (η in the paper)
 * @param lowerLr step size of y
 * @param linearSystemLr step size of z, the solution of the linear system (ν in the paper); below 2
 *     over the largest curvature of g in y
 * @param momentum weight of the previous momentum of the hypergradient (β in the paper), in [0, 1)
 * @param period number of steps between two rounds of lower steps (I in the paper), at least 1
 * @param lowerSteps number of lower steps in a round (N in the paper), at least 1
 * @param refinement refinement of y before the first step (EPOCHSGD), which no script has: 0 epochs
 *     leave it out
 * @param linearSystemRadius largest norm of z, onto which longer ones are projected, greater than
 *     0; no projection if left out
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "bo-rep-authors-few-shot",
    title = "BO-REP, few-shot script",
    paper = "Hao, Gong, Liu, ICLR 2024",
    calls = "1 ∇f, N/I ∇g, 1 Hv, 1 Jv")
public record BoRepAuthorsFewShot(
    Schedule upperLr,
    Schedule lowerLr,
    Schedule linearSystemLr,
    double momentum,
    long period,
    long lowerSteps,
    BoRep.Refinement refinement,
    @Nullable Double linearSystemRadius,
    Sampling sampling)
    implements BilevelAlgorithm<BoRepAuthorsFewShot.State>, BoRepAuthorsFewShotBuilder.With {

  /** The defaults of {@link BoRep}. */
  public BoRepAuthorsFewShot() {
    this(
        Schedule.constant(0.05),
        Schedule.constant(0.05),
        Schedule.constant(0.01),
        0.9,
        2,
        3,
        BoRep.Refinement.DEFAULTS,
        null,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static BoRepAuthorsFewShotBuilder builder() {
    return BoRepAuthorsFewShotBuilder.of(new BoRepAuthorsFewShot());
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
  public BoRepAuthorsFewShot {
    var rules = new Rules("bo-rep-authors-few-shot");
    rules.fraction("momentum", momentum);
    rules.atLeast("period", period, 1);
    rules.atLeast("lowerSteps", lowerSteps, 1);
    refinement.check("bo-rep-authors-few-shot");
    rules.positiveIfGiven("linearSystemRadius", linearSystemRadius);
  }

  @Override
  public BoRepAuthorsFewShot suitedTo(Scales scales) {
    return Suited.like(new BoRep().suitedTo(scales), this);
  }

  @Override
  public Carried<State> carried() {
    return new Carried<>(State::z, linearSystemLr::at);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor y = refinement.refine(start.x(), start.y(), lowerLr.at(0), oracle);
    Tensor m = Tensors.zerosLike(start.x());
    return new State(start.x(), y, Tensors.zerosLike(y), m, Tensors.zerosLike(y));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    var rates = new ScriptStep.Rates(lowerLr.at(t), linearSystemLr.at(t), linearSystemRadius);
    long steps = t % period == 0 ? lowerSteps : 0;
    ScriptStep next = ScriptStep.hessianLast(s.x(), s.y(), s.z(), s.leaked(), steps, rates, oracle);
    Tensor m = Directions.average(momentum, s.m(), next.h());
    Tensor x = Directions.normalizedStep(s.x(), m, oracle.normX(m), upperLr.at(t), 1e-10);
    return new State(x, next.y(), next.z(), m, next.leaked());
  }
}
