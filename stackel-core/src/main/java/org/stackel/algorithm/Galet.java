package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.Hypergradient;
import org.stackel.hypergradient.NormalEquation;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * GALET (Xiao, Lu, Chen: "An Alternating Optimization Method for Bilevel Problems under the
 * Polyak-Łojasiewicz Condition", NeurIPS 2023, Algorithm 1): lower steps, then the least-norm
 * solution of a linear system that may be singular, then x.
 *
 * <pre>
 *   lowerSteps times  y ← y - lowerLr ∇y G(x, y)
 *   w = 0, then linearSystemSteps times  w ← w - linearSystemLr H (∇y F + H w),  H = ∇²yy G(x, y)
 *   x⁺ = x - upperLr (∇x F + ∇²xy G w)
 * </pre>
 *
 * <p>∇F, H and the cross derivative are at the new y. One step asks for one upper gradient, N lower
 * ones, {@code 2S} Hessian products and one cross product.
 *
 * <p>Sign: w tends to {@code -H⁺ ∇y F}, as in the paper, unlike z in other algorithms here.
 *
 * <p><b>Difference from the paper</b>: none; the defaults of the step sizes are ours.
 *
 * @param lowerSteps number of lower steps per upper-level step (N in the paper), at least 1
 * @param lowerLr step size of y (β in the paper)
 * @param linearSystemSteps number of steps of the linear system's solver (T in the paper), at least
 *     1
 * @param linearSystemLr step size of w, the solution of the linear system (ρ in the paper); below 2
 *     over the square of g's largest curvature in y
 * @param upperLr step size of x (α in the paper)
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "galet",
    title = "GALET",
    paper = "Xiao, Lu, Chen, NeurIPS 2023",
    calls = "1 ∇f, N ∇g, 2S Hv, 1 Jv")
public record Galet(
    long lowerSteps,
    Schedule lowerLr,
    int linearSystemSteps,
    Schedule linearSystemLr,
    Schedule upperLr,
    Sampling sampling)
    implements BilevelAlgorithm<Galet.State>, GaletBuilder.With {

  /** For lower curvatures of up to about 6. */
  public Galet() {
    this(
        1,
        Schedule.constant(0.05),
        10,
        Schedule.constant(0.05),
        Schedule.constant(0.05),
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static GaletBuilder builder() {
    return GaletBuilder.of(new Galet());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param w the last estimate of {@code -[∇²yy g]⁺ ∇y f}, shape [p]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor w) implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Galet {
    var rules = new Rules("galet");
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.atLeast("linearSystemSteps", linearSystemSteps, 1);
  }

  @Override
  public Galet suitedTo(Scales scales) {
    Galet usual = Suited.to(scales, UpperStep.PLAIN, this);
    // Descent on |Hv - b|² has the square of the curvature.
    return switch (scales.structure()) {
      case SMOOTH, WEIGHTS, NETWORK_WEIGHTS, HEADS, STRENGTHS -> {
        double lr = usual.linearSystemLr().at(0);
        yield usual.withLinearSystemLr(Scales.rounded(lr * lr / 2));
      }
      default -> usual;
    };
  }

  @Override
  public Carried<State> carried() {
    return Carried.of(s -> s.w().neg());
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y(), Tensors.zerosLike(start.y()));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    Tensor y = LowerSteps.descend(s.x(), s.y(), lowerSteps, lowerLr.at(t), oracle);
    var system = new NormalEquation(linearSystemSteps, linearSystemLr.at(t));
    Hypergradient h = system.sample(oracle).at(s.x(), y);
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), h.direction());
    return new State(x, y, h.solution().neg());
  }
}
