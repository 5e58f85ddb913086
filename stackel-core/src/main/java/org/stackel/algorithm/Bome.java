package org.stackel.algorithm;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * BOME (Ye, Liu, Wright, Stone, Liu: "BOME! Bilevel Optimization Made Easy: A Simple First-Order
 * Approach", NeurIPS 2022, Algorithm 1): x and y descend f together, along a direction that also
 * lowers {@code q = g(x, y) - min g(x, ·)} as fast as a barrier asks.
 *
 * <pre>
 *   θ  = y, then lowerSteps times  θ ← θ - lowerLr ∇y G(x, θ)
 *   ∇q = (∇x G(x, y) - ∇x G(x, θ), ∇y G(x, y))
 *   φ  = barrier |∇q|²  or  barrier (G(x, y) - G(x, θ))
 *   λ  = max((φ - ⟨∇F, ∇q⟩) / (|∇q|² + epsilon), 0),  0 where ∇q = 0
 *   (x, y)⁺ = (x, y) - stepSize (∇F + λ ∇q)
 * </pre>
 *
 * <p>One step asks for one upper and {@code N+2} lower gradients, with barrier type {@code value}
 * for two lower values more. Both terms of q are on one sample. Gradients only, and the lower level
 * may have many minimisers.
 *
 * <p>With few lower steps the fixed point is biased: q is then measured against a θ that is no
 * minimiser. Iterates chatter around it with an amplitude of about stepSize.
 *
 * <p><b>Difference from the paper</b>: epsilon in the denominator, as in the authors' code. The
 * defaults of the step sizes are ours.
 *
 * @param lowerSteps number of lower steps per upper-level step (T in the paper), at least 1
 * @param lowerLr step size of θ, the approximate minimiser of the lower level (α in the paper)
 * @param stepSize step size of x and y (ξ in the paper)
 * @param barrier factor of the barrier φ (η in the paper), greater than 0
 * @param barrierType form of the barrier φ
 * @param epsilon number added to the denominator of λ, at least 0
 */
@OptionRecord
@AlgorithmInfo(
    name = "bome",
    title = "BOME",
    paper = "Ye et al., NeurIPS 2022",
    calls = "1 ∇f, N+2 ∇g")
public record Bome(
    long lowerSteps,
    Schedule lowerLr,
    Schedule stepSize,
    double barrier,
    BarrierType barrierType,
    double epsilon)
    implements BilevelAlgorithm<Bome.State>, BomeBuilder.With {

  /** The published defaults, with step sizes for curvatures of up to about 10. */
  public Bome() {
    this(
        10, Schedule.constant(0.05), Schedule.constant(0.01), 0.5, BarrierType.GRADIENT_NORM, 1e-8);
  }

  /** Starts from the defaults. */
  public static BomeBuilder builder() {
    return BomeBuilder.of(new Bome());
  }

  /** How fast q must fall. */
  public enum BarrierType {
    /** By {@code barrier |∇q|²}. */
    GRADIENT_NORM,
    /** By {@code barrier · q}. */
    VALUE
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param lambda the last λ, a scalar
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor lambda) implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Bome {
    var rules = new Rules("bome");
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.positive("barrier", barrier);
    rules.notNegative("epsilon", epsilon);
  }

  /** No choice: outside the steps of θ each level is asked on one sample. */
  @Override
  public Sampling sampling() {
    return Sampling.INDEPENDENT;
  }

  @Override
  public Bome suitedTo(Scales scales) {
    Bome usual = Suited.to(scales, UpperStep.PLAIN, this);
    // x and y have one step size, and it must suit y.
    return switch (scales.structure()) {
      case SMOOTH -> usual.withStepSize(scales.jointLr() / 5);
      case WEIGHTS, NETWORK_WEIGHTS -> usual.withStepSize(scales.lowerLr() / 2);
      case HEADS -> usual.withStepSize(scales.lowerLr() / 10);
      case SADDLE -> usual.withStepSize(0.5);
      case STRENGTHS -> usual;
    };
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y(), Tensors.zerosLike(start.x().narrow(0, 0, 1)));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    Tensor theta = LowerSteps.descend(s.x(), s.y(), lowerSteps, lowerLr.at(t), oracle);
    SampledObjective lower = oracle.lower();
    Gradient g = lower.gradient(s.x(), s.y());
    var q = new Gradient(g.x().sub(lower.gradient(s.x(), theta).x()), g.y());
    Gradient f = oracle.upper().gradient(s.x(), s.y());
    Tensor square = dot(q, q, oracle);
    Tensor phi =
        Tensors.scale(
            barrier,
            barrierType == BarrierType.GRADIENT_NORM
                ? square
                : lower.value(s.x(), s.y()).sub(lower.value(s.x(), theta)));
    Tensor quotient = phi.sub(dot(f, q, oracle)).div(square.add(new Scalar(epsilon)));
    Tensor lambda =
        torch
            .where(
                square.gt(new Scalar(0.0)),
                quotient.clamp_min(new Scalar(0.0)),
                Tensors.zerosLike(square))
            .reshape(1);
    double step = -stepSize.at(t);
    return new State(
        Tensors.axpy(s.x(), step, f.x().add(lambda.mul(q.x()))),
        Tensors.axpy(s.y(), step, f.y().add(lambda.mul(q.y()))),
        lambda);
  }

  private static Tensor dot(Gradient a, Gradient b, StochasticOracle oracle) {
    return oracle.dotX(a.x(), b.x()).add(a.y().dot(b.y()));
  }
}
