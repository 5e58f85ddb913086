package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * V-PBSGD (Shen, Chen: "On Penalty-based Bilevel Gradient Descent Method", ICML 2023, Algorithm 2):
 * {@link VPbgd} with stochastic steps of ω whose size falls.
 *
 * <pre>
 *   ω from the step before, or y; then for i = 1 … lowerSteps  ω ← ω - valueLr / √i ∇y G(x, ω)
 *   x⁺ = P(x - stepSize (∇x F(x, y) + penalty (∇x G(x, y) - ∇x G(x, ω))))
 *   y⁺ = P(y - stepSize (∇y F(x, y) + penalty ∇y G(x, y)))
 * </pre>
 *
 * <p>One step asks for one upper and {@code N+2} lower gradients. With one lower step it is V-PBGD.
 *
 * <p><b>Difference from the paper</b>: ω is the last of its iterates, not one drawn with
 * probabilities proportional to the step sizes. The size of minibatches is the problem's; 10 is
 * what comparisons use. The defaults of the step sizes are ours.
 *
 * @param lowerSteps number of lower steps per upper-level step (T in the paper), at least 1
 * @param valueLr first step size of ω, the approximate minimiser of the lower level (β in the
 *     paper)
 * @param stepSize step size of x and y (α in the paper)
 * @param penalty factor of the penalty on the lower level's suboptimality (γ in the paper), greater
 *     than 0
 * @param valueStart point from which the steps of ω start
 */
@OptionRecord
@AlgorithmInfo(
    name = "v-pbsgd",
    title = "V-PBSGD",
    paper = "Shen, Chen, ICML 2023",
    calls = "1 ∇f, N+2 ∇g",
    traits = Trait.PROJECTS_X)
public record VPbsgd(
    long lowerSteps,
    Schedule valueLr,
    Schedule stepSize,
    double penalty,
    VPbgd.ValueStart valueStart)
    implements BilevelAlgorithm<VPbgd.State>, VPbsgdBuilder.With {

  /** For curvatures of up to about 10. */
  public VPbsgd() {
    this(1, Schedule.constant(0.05), Schedule.constant(0.01), 10, VPbgd.ValueStart.PREVIOUS);
  }

  /** Starts from the defaults. */
  public static VPbsgdBuilder builder() {
    return VPbsgdBuilder.of(new VPbsgd());
  }

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public VPbsgd {
    VPbgd.check("v-pbsgd", lowerSteps, penalty);
  }

  /** No choice: outside the steps of ω each level is asked on one sample. */
  @Override
  public Sampling sampling() {
    return Sampling.INDEPENDENT;
  }

  @Override
  public VPbsgd suitedTo(Scales scales) {
    VPbsgd usual = Suited.to(scales, UpperStep.PLAIN, this);
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
  public VPbgd.State init(Start start, StochasticOracle oracle) {
    return VPbgd.State.first(start);
  }

  @Override
  public VPbgd.State step(long t, VPbgd.State s, StochasticOracle oracle) {
    Tensor omega = s.valueStart(valueStart);
    for (long i = 1; i <= lowerSteps; i++) {
      double lr = valueLr.at(t) / Math.sqrt((double) i);
      omega = Tensors.axpy(omega, -lr, oracle.freshLower().gradientY(s.x(), omega));
    }
    return VPbgd.descend(s, omega, stepSize.at(t), penalty, oracle);
  }
}
