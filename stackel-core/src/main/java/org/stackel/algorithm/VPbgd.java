package org.stackel.algorithm;

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
 * V-PBGD (Shen, Chen: "On Penalty-based Bilevel Gradient Descent Method", ICML 2023, Algorithm 1):
 * projected descent of {@code f(x, y) + penalty (g(x, y) - min g(x, ·))} in x and y.
 *
 * <pre>
 *   ω from the step before, or y; then lowerSteps times  ω ← ω - valueLr ∇y G(x, ω)
 *   x⁺ = P(x - stepSize (∇x F(x, y) + penalty (∇x G(x, y) - ∇x G(x, ω))))
 *   y⁺ = P(y - stepSize (∇y F(x, y) + penalty ∇y G(x, y)))
 * </pre>
 *
 * <p>P are the problem's projections. One step asks for one upper and {@code N+2} lower gradients;
 * the two lower gradients of the penalty are on one sample.
 *
 * <p>The limit differs from the bilevel solution by O(1/penalty). Steps are stable while {@code
 * stepSize · penalty · (curvature of g)} is below 1 or so.
 *
 * <p><b>Difference from the paper</b>: none; the defaults of the step sizes are ours.
 *
 * @param lowerSteps number of lower steps per upper-level step (T in the paper), at least 1
 * @param valueLr step size of ω, the approximate minimiser of the lower level (β in the paper)
 * @param stepSize step size of x and y (α in the paper)
 * @param penalty factor of the penalty on the lower level's suboptimality (γ in the paper), greater
 *     than 0
 * @param valueStart point from which the steps of ω start
 */
@OptionRecord
@AlgorithmInfo(
    name = "v-pbgd",
    title = "V-PBGD",
    paper = "Shen, Chen, ICML 2023",
    calls = "1 ∇f, N+2 ∇g",
    traits = Trait.PROJECTS_X)
public record VPbgd(
    long lowerSteps, Schedule valueLr, Schedule stepSize, double penalty, ValueStart valueStart)
    implements BilevelAlgorithm<VPbgd.State>, VPbgdBuilder.With {

  /** For curvatures of up to about 10. */
  public VPbgd() {
    this(1, Schedule.constant(0.05), Schedule.constant(0.01), 10, ValueStart.PREVIOUS);
  }

  /** Starts from the defaults. */
  public static VPbgdBuilder builder() {
    return VPbgdBuilder.of(new VPbgd());
  }

  /** Where the steps of ω start. */
  public enum ValueStart {
    /** Where those of the step before ended. */
    PREVIOUS,
    /** At y. */
    Y
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param omega ω, minimiser of the lower level, shape [p]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor omega) implements AlgorithmState {
    static State first(Start start) {
      return new State(start.x(), start.y(), start.y());
    }

    Tensor valueStart(ValueStart from) {
      return from == ValueStart.PREVIOUS ? omega : y;
    }
  }

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public VPbgd {
    check("v-pbgd", lowerSteps, penalty);
  }

  static void check(String name, long lowerSteps, double penalty) {
    var rules = new Rules(name);
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.positive("penalty", penalty);
  }

  /** No choice: outside the steps of ω each level is asked on one sample. */
  @Override
  public Sampling sampling() {
    return Sampling.INDEPENDENT;
  }

  @Override
  public VPbgd suitedTo(Scales scales) {
    VPbgd usual = Suited.to(scales, UpperStep.PLAIN, this);
    // x and y have one step size, and it must suit y under the penalty.
    return switch (scales.structure()) {
      case SMOOTH -> usual.withStepSize(scales.jointLr() / (scales.isWhole() ? 10 : 30));
      case WEIGHTS, NETWORK_WEIGHTS -> usual.withStepSize(scales.lowerLr() / 10);
      case HEADS -> usual.withStepSize(scales.lowerLr() / 20);
      case SADDLE -> usual.withStepSize(0.3);
      case STRENGTHS -> usual;
    };
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return State.first(start);
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    Tensor from = s.valueStart(valueStart);
    Tensor omega = LowerSteps.descend(s.x(), from, lowerSteps, valueLr.at(t), oracle);
    return descend(s, omega, stepSize.at(t), penalty, oracle);
  }

  /** The step of x and y, ω given. */
  static State descend(
      State s, Tensor omega, double stepSize, double penalty, StochasticOracle oracle) {
    Gradient f = oracle.upper().gradient(s.x(), s.y());
    SampledObjective lower = oracle.lower();
    Gradient g = lower.gradient(s.x(), s.y());
    Tensor value = lower.gradient(s.x(), omega).x();
    Tensor x = Tensors.axpy(f.x(), penalty, g.x().sub(value));
    Tensor y = Tensors.axpy(f.y(), penalty, g.y());
    return new State(
        oracle.projectX(Tensors.axpy(s.x(), -stepSize, x)),
        oracle.projectY(Tensors.axpy(s.y(), -stepSize, y)),
        omega);
  }
}
