package org.stackel.algorithm;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * BVFSM (Liu, Liu, Yuan, Zeng, Zhang: "A Value-Function-based Interior-point Method for Non-convex
 * Bi-level Optimization", ICML 2021, and its sequel with other penalties): y minimises f under a
 * penalty on {@code g(x, y) - V(x)}, V being the regularised value of the lower level, and x
 * descends the result. Gradients and values only.
 *
 * <pre>
 *   μ, θ, σ = r valueRegularization, r lowerRegularization, r penalty;   r falls with t (decay)
 *   valueSteps times  z ← z - valueLr (∇y G(x, z) + μ z);   V = G(x, z) + ½ μ |z|²
 *   P(s) = max(s, 0)² / (2σ)
 *   lowerSteps times  y ← y - lowerLr (∇y F(x, y) + P'(G(x, y) - V) ∇y G(x, y) + θ y)
 *   x⁺ = x - upperLr (∇x F(x, y) + P'(G(x, y) - V) (∇x G(x, y) - ∇x G(x, z)))
 * </pre>
 *
 * <p>z and y go on from the step before; z starts where y does. V and the penalty are on one lower
 * sample a step. One step asks for {@code N+1} upper gradients and {@code 2N+V+4} lower gradients
 * and values.
 *
 * <p>The regularisation biases the solution: {@code G(x, y) ≤ V} is a ball around the minimiser
 * whose radius is of order √μ, and the penalty widens it. Small σ make the steps of y stiff.
 *
 * <p><b>Difference from the paper</b>: the penalty is quadratic; the published code's barrier has a
 * slope that does not depend on the distance to the constraint. Plain descent at all three levels,
 * where the authors use Adam.
 *
 * @param valueSteps number of steps of z per upper-level step (T_z in the paper), at least 1
 * @param lowerSteps number of steps of y per upper-level step (T_y in the paper), at least 1
 * @param valueLr step size of z, the approximate minimiser of the lower level
 * @param lowerLr step size of y
 * @param upperLr step size of x
 * @param valueRegularization weight of the regularisation of the value function (μ), at least 0
 * @param lowerRegularization weight of the regularisation of the lower level (θ), at least 0
 * @param penalty width of the penalty (σ), where smaller ones penalise more, greater than 0
 * @param decay how the factor r of the regularisation and the penalty decreases over the steps
 * @param sampling whether the gradients of a step use the same samples; steps of z never do
 */
@OptionRecord
@AlgorithmInfo(
    name = "bvfsm",
    title = "BVFSM",
    paper = "Liu et al., ICML 2021",
    calls = "N+1 ∇f, 2N+V+4 ∇g",
    traits = Trait.MINIMIZES_F_OVER_Y)
public record Bvfsm(
    long valueSteps,
    long lowerSteps,
    Schedule valueLr,
    Schedule lowerLr,
    Schedule upperLr,
    double valueRegularization,
    double lowerRegularization,
    double penalty,
    Decay decay,
    Sampling sampling)
    implements BilevelAlgorithm<Bvfsm.State>, BvfsmBuilder.With {

  /** The authors', but for a smaller lower step: theirs diverges where g has curvature 2. */
  public Bvfsm() {
    this(
        50,
        25,
        Schedule.constant(0.01),
        Schedule.constant(0.001),
        Schedule.constant(0.01),
        0.01,
        0.01,
        0.001,
        Decay.LOG,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static BvfsmBuilder builder() {
    return BvfsmBuilder.of(new Bvfsm());
  }

  /** How the regularisation falls with the step t, from 0 on. */
  public enum Decay {
    /** {@code 1 / ln(1.1 (t+1))}. */
    LOG,
    /** {@code 1.1^-(t+1)}. */
    EXPONENTIAL,
    /** {@code (t+1)^-1.1}. */
    POWER,
    /** {@code 1 / (1.1 (t+1))}. */
    RECIPROCAL,
    /** 1. */
    NONE;

    double at(long t) {
      double n = t + 1.0;
      return switch (this) {
        case LOG -> 1 / Math.log(1.1 * n);
        case EXPONENTIAL -> Math.pow(1.1, -n);
        case POWER -> Math.pow(n, -1.1);
        case RECIPROCAL -> 1 / (1.1 * n);
        case NONE -> 1;
      };
    }
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param z minimiser of the regularised lower level, shape [p]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor z) implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Bvfsm {
    var rules = new Rules("bvfsm");
    rules.atLeast("valueSteps", valueSteps, 1);
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.notNegative("valueRegularization", valueRegularization);
    rules.notNegative("lowerRegularization", lowerRegularization);
    rules.positive("penalty", penalty);
  }

  @Override
  public Bvfsm suitedTo(Scales scales) {
    Bvfsm usual = Suited.to(scales, UpperStep.PLAIN, this);
    // The published penalty is stiff.
    return switch (scales.structure()) {
      case SMOOTH -> usual.withPenalty(1).withLowerLr(scales.jointLr() / 10);
      case WEIGHTS, HEADS -> usual.withLowerLr(scales.lowerLr() / 100);
      case NETWORK_WEIGHTS, STRENGTHS ->
          usual.withPenalty(1).withLowerLr(Scales.rounded(scales.lowerLr() / 10));
      case SADDLE -> usual.withUpperLr(upperLr).withPenalty(1).withLowerLr(0.05);
    };
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y(), start.y());
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    double r = decay.at(t);
    Tensor x = s.x();
    Tensor z = s.z();
    for (long i = 0; i < valueSteps; i++) {
      Tensor g = oracle.freshLower().gradientY(x, z);
      z = Tensors.axpy(z, -valueLr.at(t), Tensors.axpy(g, r * valueRegularization, z));
    }
    SampledObjective lower = oracle.lower();
    Tensor value = Tensors.axpy(lower.value(x, z), 0.5 * r * valueRegularization, z.dot(z));
    Tensor y = s.y();
    for (long i = 0; i < lowerSteps; i++) {
      Tensor pull = slope(lower.value(x, y), value, r).mul(lower.gradientY(x, y));
      Tensor f = oracle.upper().gradientY(x, y).add(pull);
      y = Tensors.axpy(y, -lowerLr.at(t), Tensors.axpy(f, r * lowerRegularization, y));
    }
    Gradient f = oracle.upper().gradient(x, y);
    Tensor apart = lower.gradient(x, y).x().sub(lower.gradient(x, z).x());
    Tensor direction = f.x().add(slope(lower.value(x, y), value, r).mul(apart));
    return new State(Tensors.axpy(x, -upperLr.at(t), direction), y, z);
  }

  /** {@code P'(g - V)}. */
  private Tensor slope(Tensor g, Tensor value, double r) {
    return g.sub(value).clamp_min(new Scalar(0.0)).div(new Scalar(r * penalty));
  }
}
