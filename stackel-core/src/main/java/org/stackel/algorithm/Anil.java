package org.stackel.algorithm;

import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.Unrolled;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;

/**
 * ANIL (Raghu, Raghu, Bengio, Vinyals: "Rapid Learning or Feature Reuse? Towards Understanding the
 * Effectiveness of MAML", ICLR 2020), in terms of a bilevel problem: {@link Maml} in which the
 * lower variable alone adapts.
 *
 * <pre>
 *   y₀ = y;  adaptSteps times  yᵢ₊₁ = yᵢ - adaptLr ∇y G(x, yᵢ)
 *   (x, y)⁺ = (x, y) - upperLr d/d(x, y) F(x, y_adaptSteps)
 * </pre>
 *
 * <p>Order {@code second} differentiates through the adaptation ({@link Unrolled}), {@code first}
 * takes the gradient at its end. y of the state is the learned start, not an adapted lower
 * variable. One step asks for one upper gradient, K lower ones, and for order {@code second} K
 * Hessian and K cross products.
 *
 * <p>Like MAML it minimises another function than the bilevel problem's.
 *
 * <p><b>Difference from the paper</b>: none; a problem of many tasks has their mean as its losses.
 * The defaults of the step sizes are ours.
 *
 * @param adaptSteps number of gradient steps of the adaptation (K in the paper), at least 1
 * @param adaptLr step size of the adaptation
 * @param upperLr step size of x and y
 * @param order order of the derivatives through the adaptation, first or second
 */
@OptionRecord
@AlgorithmInfo(
    name = "anil",
    title = "ANIL",
    paper = "Raghu et al., ICLR 2020",
    calls = "1 ∇f, K ∇g, K Hv, K Jv",
    traits = {Trait.ADAPTS_TO_A_TASK, Trait.MINIMIZES_F_OVER_Y})
public record Anil(int adaptSteps, Schedule adaptLr, Schedule upperLr, Maml.Order order)
    implements BilevelAlgorithm<Maml.State>, AnilBuilder.With {

  /** Five steps, as usual; step sizes for curvatures of up to about 30. */
  public Anil() {
    this(5, Schedule.constant(0.05), Schedule.constant(0.05), Maml.Order.SECOND);
  }

  /** Starts from the defaults. */
  public static AnilBuilder builder() {
    return AnilBuilder.of(new Anil());
  }

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Anil {
    var rules = new Rules("anil");
    rules.atLeast("adaptSteps", adaptSteps, 1);
  }

  /** Every step of the adaptation has a sample of its own. */
  @Override
  public Sampling sampling() {
    return Sampling.INDEPENDENT;
  }

  @Override
  public Anil suitedTo(Scales scales) {
    Anil usual = Suited.to(scales, UpperStep.PLAIN, this);
    return switch (scales.structure()) {
      case WEIGHTS, NETWORK_WEIGHTS -> usual.withUpperLr(usual.adaptLr());
      case HEADS -> usual.withUpperLr(scales.upperLr(UpperStep.NORMALIZED));
      default -> usual;
    };
  }

  @Override
  public Maml.State init(Start start, StochasticOracle oracle) {
    return new Maml.State(start.x(), start.y());
  }

  @Override
  public Maml.State step(long t, Maml.State s, StochasticOracle oracle) {
    Integer differentiated = order == Maml.Order.SECOND ? adaptSteps : 0;
    var adapt = new Unrolled(adaptSteps, adaptLr.at(t), differentiated, Unrolled.Memory.KEEP);
    Unrolled.Pass pass = adapt.run(s.x(), s.y(), oracle);
    return s.moved(upperLr.at(t), new Gradient(pass.direction(), pass.adjoint()));
  }
}
