package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.NormalEquation;
import org.stackel.hypergradient.Unrolled;
import org.stackel.optim.Schedule;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * BGS-Opt (Arbel, Mairal: "Non-Convex Bilevel Games with Critical Point Selection Maps", NeurIPS
 * 2022): AmIGO for lower levels with many minimisers. The last lower steps are differentiated, and
 * the linear system is solved by least squares, so that the Hessian may be singular.
 *
 * <pre>
 *   lowerSteps times  y ← y - lowerLr ∇y G(x, y), the last unrolledSteps of them differentiated:
 *     d = ∇x F + what they add,  b = the derivative of F in the first differentiated iterate
 *   linearSystemSteps times  a ← a - linearSystemLr H (H a + b),  H = ∇²yy G(x, y)
 *   x⁺ = x - upperLr (d + ∇²xy G(x, y) a)
 * </pre>
 *
 * <p>a goes on from the step before and tends to {@code -H⁺ b}: the sign is the paper's. With
 * {@code unrolledSteps} 0, d is ∇x F and b is ∇y F. One step asks for one upper gradient, N lower
 * ones, {@code 2S+U} Hessian products and {@code U+1} cross products.
 *
 * <p><b>Difference from the paper</b>: as in the authors' code, H and the cross derivative are at
 * the last iterate also where b belongs to an earlier one. The defaults of the step sizes are ours.
 *
 * @param lowerSteps number of lower steps per upper-level step (T in the paper), at least 1
 * @param lowerLr step size of y (α in the paper)
 * @param linearSystemSteps number of steps of the linear system's solver (M in the paper), at least
 *     1
 * @param linearSystemLr step size of a, the solution of the linear system (β in the paper); below 2
 *     over the square of g's largest curvature in y
 * @param upperLr step size of x (γ in the paper)
 * @param unrolledSteps number of lower steps that are unrolled (U in the paper), at least 0 and at
 *     most lowerSteps
 * @param sampling whether the derivative products of a step use the same samples; lower steps never
 *     do
 */
@OptionRecord
@AlgorithmInfo(
    name = "bgs-opt",
    title = "BGS-Opt",
    paper = "Arbel, Mairal, NeurIPS 2022",
    calls = "1 ∇f, N ∇g, 2S+U Hv, U+1 Jv")
public record BgsOpt(
    int lowerSteps,
    Schedule lowerLr,
    int linearSystemSteps,
    Schedule linearSystemLr,
    Schedule upperLr,
    int unrolledSteps,
    Sampling sampling)
    implements BilevelAlgorithm<BgsOpt.State>, BgsOptBuilder.With {

  /** As AmIGO's; for lower curvatures of up to about 6. */
  public BgsOpt() {
    this(
        10,
        Schedule.constant(0.05),
        10,
        Schedule.constant(0.05),
        Schedule.constant(0.05),
        0,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static BgsOptBuilder builder() {
    return BgsOptBuilder.of(new BgsOpt());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param a estimate of {@code -[∇²yy g]⁺ b}, shape [p]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor a) implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public BgsOpt {
    var rules = new Rules("bgs-opt");
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.atLeast("linearSystemSteps", linearSystemSteps, 1);
    rules.atLeast("unrolledSteps", unrolledSteps, 0);
    if (unrolledSteps > lowerSteps) {
      throw rules.broken(
          "unrolledSteps",
          unrolledSteps,
          "must not exceed lowerSteps, " + lowerSteps,
          "more lower steps were meant.");
    }
  }

  @Override
  public BgsOpt suitedTo(Scales scales) {
    BgsOpt usual = Suited.to(scales, UpperStep.PLAIN, this);
    // Descent on |Hv - b|² has the square of the curvature.
    return switch (scales.structure()) {
      case SMOOTH, WEIGHTS, HEADS, STRENGTHS -> squared(usual, 2);
      // a is not bounded, and curvatures of minibatches are many times the usual one for moments.
      case NETWORK_WEIGHTS -> squared(usual, 100);
      default -> usual;
    };
  }

  private static BgsOpt squared(BgsOpt usual, double divisor) {
    double lr = usual.linearSystemLr().at(0);
    return usual.withLinearSystemLr(Scales.rounded(lr * lr / divisor));
  }

  @Override
  public Carried<State> carried() {
    return Carried.of(s -> s.a().neg());
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y(), Tensors.zerosLike(start.y()));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    var unrolled = new Unrolled(lowerSteps, lowerLr.at(t), unrolledSteps, Unrolled.Memory.KEEP);
    Unrolled.Pass pass = unrolled.run(s.x(), s.y(), oracle);
    Tensor right = pass.adjoint().neg();
    Tensor a = s.a();
    for (int i = 0; i < linearSystemSteps; i++) {
      SampledObjective inner = oracle.lower();
      SampledObjective outer = oracle.lower();
      a = NormalEquation.step(s.x(), pass.y(), a, linearSystemLr.at(t), inner, outer, right);
    }
    Tensor cross = oracle.lower().crossVector(s.x(), pass.y(), a);
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), pass.direction().add(cross));
    return new State(x, pass.y(), a);
  }
}
