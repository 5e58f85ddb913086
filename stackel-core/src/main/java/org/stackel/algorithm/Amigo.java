package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;

/**
 * AmIGO (Arbel, Mairal: "Amortized Implicit Differentiation for Stochastic Bilevel Optimization",
 * ICLR 2022, Algorithm 1): lower steps and steps of the linear system, both from where the last
 * ones ended, then x.
 *
 * <pre>
 *   lowerSteps times         y ← y - lowerLr ∇y G(x, y)
 *   linearSystemSteps times  z ← z - linearSystemLr (∇²yy G(x, y) z + ∇y F(x, y))
 *   x⁺ = x - upperLr (∇x F(x, y) + ∇²xy G(x, y) z)
 * </pre>
 *
 * <p>∇F is asked for once a step, at the new y. One step asks for one upper gradient, N lower ones,
 * S Hessian products and one cross product.
 *
 * <p>Sign: z tends to {@code -[∇²yy g]⁻¹ ∇y f}, as in the paper, unlike z in other algorithms here.
 *
 * <p><b>Difference from the paper</b>: none; the defaults of the step sizes are ours.
 *
 * @param lowerSteps number of lower steps per upper-level step (T in the paper), at least 1
 * @param lowerLr step size of y (α in the paper)
 * @param linearSystemSteps number of steps of the linear system's solver (M in the paper), at least
 *     1
 * @param linearSystemLr step size of z, the solution of the linear system (β in the paper); below 2
 *     over the largest curvature of g in y
 * @param upperLr step size of x (γ in the paper)
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "amigo",
    title = "AmIGO",
    paper = "Arbel, Mairal, ICLR 2022",
    calls = "1 ∇f, N ∇g, S Hv, 1 Jv")
public record Amigo(
    long lowerSteps,
    Schedule lowerLr,
    int linearSystemSteps,
    Schedule linearSystemLr,
    Schedule upperLr,
    Sampling sampling)
    implements BilevelAlgorithm<Amigo.State>, AmigoBuilder.With {

  /** Steps as in public comparisons, step sizes for lower curvatures of up to about 30. */
  public Amigo() {
    this(
        10,
        Schedule.constant(0.05),
        10,
        Schedule.constant(0.05),
        Schedule.constant(0.05),
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static AmigoBuilder builder() {
    return AmigoBuilder.of(new Amigo());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param z estimate of {@code -[∇²yy g]⁻¹ ∇y f}, shape [p]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor z) implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Amigo {
    var rules = new Rules("amigo");
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.atLeast("linearSystemSteps", linearSystemSteps, 1);
  }

  @Override
  public Amigo suitedTo(Scales scales) {
    Amigo usual = Suited.to(scales, UpperStep.PLAIN, this);
    // Where the Hessian is negative, z grows with the steps that it makes in the whole run.
    return switch (scales.structure()) {
      case NETWORK_WEIGHTS -> usual.withShorterSystemSteps(1);
      case STRENGTHS -> usual.withShorterSystemSteps(4);
      default -> usual;
    };
  }

  /** Steps of z in one step of x that are as long together as one usual step, or a part of it. */
  private Amigo withShorterSystemSteps(int parts) {
    double lr = linearSystemLr.at(0) / ((double) parts * linearSystemSteps);
    return withLinearSystemLr(Scales.rounded(lr));
  }

  @Override
  public Carried<State> carried() {
    return new Carried<>(s -> s.z().neg(), linearSystemLr::at);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y(), Tensors.zerosLike(start.y()));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    Tensor y = LowerSteps.descend(s.x(), s.y(), lowerSteps, lowerLr.at(t), oracle);
    Gradient f = oracle.upper().gradient(s.x(), y);
    Tensor right = f.y().neg();
    Tensor z = s.z();
    for (int i = 0; i < linearSystemSteps; i++) {
      Tensor product = oracle.lower().hessianVector(s.x(), y, z);
      z = LinearSystem.step(z, linearSystemLr.at(t), product, right);
    }
    Tensor h = f.x().add(oracle.lower().crossVector(s.x(), y, z));
    return new State(Tensors.axpy(s.x(), -upperLr.at(t), h), y, z);
  }
}
