package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.Unrolled;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Start;
import org.stackel.tensor.Tensors;

/**
 * Iterative differentiation (Franceschi, Donini, Frasconi, Pontil: "Forward and Reverse
 * Gradient-Based Hyperparameter Optimization", ICML 2017; truncated as in Shaban, Cheng, Hatch,
 * Boots, AISTATS 2019): the derivative through the lower steps themselves.
 *
 * <pre>
 *   y₀ = y;  lowerSteps times  yᵢ₊₁ = yᵢ - lowerLr ∇y G(x, yᵢ)
 *   x⁺ = x - upperLr d/dx F(x, y_lowerSteps(x)), through the last truncate steps   ({@link Unrolled})
 *   y⁺ = y_lowerSteps
 * </pre>
 *
 * <p>One step asks for one upper gradient, N lower ones, and one Hessian and one cross product for
 * each differentiated step; with {@code recompute} for up to one lower gradient more each, in the
 * memory of about {@code 2√N} iterates and one graph instead of N graphs.
 *
 * <p><b>Difference from the paper</b>: y goes on from the last step (warm start), its dependence on
 * earlier x being ignored, where the papers start each time from one fixed point. The defaults are
 * ours.
 *
 * @param lowerSteps number of lower steps per upper-level step (T in the paper), at least 1
 * @param lowerLr step size of y
 * @param upperLr step size of x
 * @param truncate number of last lower steps that are differentiated (K in the paper), at least 1;
 *     all if left out
 * @param recompute whether the backward pass computes the iterates and their graphs again instead
 *     of storing them
 */
@OptionRecord
@AlgorithmInfo(
    name = "itd",
    title = "ITD",
    paper = "Franceschi et al., ICML 2017",
    calls = "1 ∇f, N ∇g, N Hv, N Jv")
public record Itd(
    int lowerSteps,
    Schedule lowerLr,
    Schedule upperLr,
    @Nullable Integer truncate,
    boolean recompute)
    implements BilevelAlgorithm<Itd.State>, ItdBuilder.With {

  /** For lower curvatures of up to about 30. */
  public Itd() {
    this(20, Schedule.constant(0.05), Schedule.constant(0.05), null, false);
  }

  /** Starts from the defaults. */
  public static ItdBuilder builder() {
    return ItdBuilder.of(new Itd());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   */
  public record State(@LikeX Tensor x, Tensor y) implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Itd {
    var rules = new Rules("itd");
    rules.atLeast("lowerSteps", lowerSteps, 1);
    if (truncate != null) {
      rules.atLeast("truncate", truncate, 1);
    }
  }

  /** No choice: every lower step has a sample of its own, and the upper loss is asked once. */
  @Override
  public Sampling sampling() {
    return Sampling.INDEPENDENT;
  }

  @Override
  public Unrolled estimator(long t) {
    var memory = recompute ? Unrolled.Memory.RECOMPUTE : Unrolled.Memory.KEEP;
    return new Unrolled(lowerSteps, lowerLr.at(t), truncate, memory);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y());
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    Unrolled.Pass pass = estimator(t).run(s.x(), s.y(), oracle);
    return new State(Tensors.axpy(s.x(), -upperLr.at(t), pass.direction()), pass.y());
  }
}
