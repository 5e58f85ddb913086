package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Carried;
import org.stackel.algorithm.LikeX;
import org.stackel.algorithm.Saba;
import org.stackel.algorithm.Suited;
import org.stackel.config.OptionRecord;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.tensor.Tensors;

/**
 * What the comparisons of SLIP's repository (data cleaning),
 * Single-Loop-bilevel-Optimizer-under-Unbounded-Smoothness, and of AdamBO's (few-shot tasks),
 * jhao6/d3x645, call SABA. It has nothing of {@link Saba}'s memory (Dagréou, Ablin, Vaiter, Moreau,
 * NeurIPS 2022).
 *
 * <pre>
 *   y⁺ = y - lowerLr (∇y G(x, y) + ∇y F of the step before)
 *   z⁺ = z - lowerLr (∇²yy G(x, y) z - ∇y F(x, y⁺))
 *   x⁺ = x - upperLr (∇x F(x, y⁺) - ∇²xy G(x, y⁺) z⁺)
 * </pre>
 *
 * <p>Both products with G at y are on one sample. z and ∇y F start at 0. One step asks for one
 * gradient of each loss, one Hessian and one cross product. The problem need not be a finite sum.
 * Any shapes; x, y flat.
 *
 * <p><b>Difference from the paper</b>: no memory of minibatches, hence no reduced variance. The
 * last ∇y F is added to the gradient of y, because the scripts do not clear it; the derivatives of
 * f and the cross derivative are at the new y, and the hypergradient has the new z. x and y are
 * projected where the problem says onto what. The script of AccBO's comparison, which is no SAGA
 * either, is not reproduced.
 *
 * @param upperLr step size of x (γ in the paper)
 * @param lowerLr step size of y and z (ρ in the paper), below 2 over the largest curvature of g in
 *     y
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "saba-authors",
    title = "SABA, script",
    paper = "Dagréou, Ablin, Vaiter, Moreau, NeurIPS 2022",
    calls = "1 ∇f, 1 ∇g, 1 Hv, 1 Jv",
    traits = Trait.PROJECTS_X)
public record SabaAuthors(Schedule upperLr, Schedule lowerLr, Sampling sampling)
    implements BilevelAlgorithm<SabaAuthors.State>, SabaAuthorsBuilder.With {

  /** The defaults of {@link Saba}. */
  public SabaAuthors() {
    this(Schedule.constant(0.1), Schedule.constant(0.1), Sampling.SHARED);
  }

  /** Starts from the defaults. */
  public static SabaAuthorsBuilder builder() {
    return SabaAuthorsBuilder.of(new SabaAuthors());
  }

  /**
   * State.
   *
   * @param x upper variable
   * @param y lower variable
   * @param z estimate of {@code [∇²yy g]⁻¹ ∇y f}
   * @param leaked ∇y F of the step before
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor z, Tensor leaked)
      implements AlgorithmState {}

  @Override
  public SabaAuthors suitedTo(Scales scales) {
    return Suited.like(new Saba().suitedTo(scales), this);
  }

  @Override
  public Carried<State> carried() {
    return Carried.of(State::z);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor y = start.y();
    return new State(start.x(), y, Tensors.zerosLike(y), Tensors.zerosLike(y));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    var rates = new ScriptStep.Rates(lowerLr.at(t), lowerLr.at(t), null);
    ScriptStep next = ScriptStep.of(s.x(), s.y(), s.z(), s.leaked(), 1, rates, oracle);
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), next.h());
    return new State(oracle.projectX(x), oracle.projectY(next.y()), next.z(), next.leaked());
  }
}
