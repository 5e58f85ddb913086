package org.stackel.algorithm;

import java.util.ArrayList;
import java.util.List;
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
 * MAML (Finn, Abbeel, Levine: "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks",
 * ICML 2017, Algorithm 1), in terms of a bilevel problem: x and y together are what is learned, a
 * start from which few steps on the lower loss lead to a small upper loss.
 *
 * <pre>
 *   (x₀, y₀) = (x, y);  adaptSteps times  (xᵢ₊₁, yᵢ₊₁) = (xᵢ, yᵢ) - adaptLr ∇G(xᵢ, yᵢ)
 *   (x, y)⁺ = (x, y) - upperLr d/d(x, y) F(x_adaptSteps, y_adaptSteps)
 * </pre>
 *
 * <p>Order {@code second} differentiates through the adaptation, {@code first} takes the gradient
 * at its end. y of the state is the learned start, not an adapted lower variable. One step asks for
 * one upper gradient, K lower ones, and for order {@code second} K products with the whole Hessian
 * of the lower loss, each counted as a Hessian and a cross product.
 *
 * <p>It minimises {@code F} after adaptation over x and y, which is not the bilevel problem: its
 * stationary points are others, unless the adaptation finds the lower minimiser from everywhere.
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
    name = "maml",
    title = "MAML",
    paper = "Finn, Abbeel, Levine, ICML 2017",
    calls = "1 ∇f, K ∇g, K Hv, K Jv",
    traits = {Trait.ADAPTS_TO_A_TASK, Trait.MINIMIZES_F_OVER_Y})
public record Maml(int adaptSteps, Schedule adaptLr, Schedule upperLr, Order order)
    implements BilevelAlgorithm<Maml.State>, MamlBuilder.With {

  /** Five steps, as usual; step sizes for curvatures of up to about 30. */
  public Maml() {
    this(5, Schedule.constant(0.05), Schedule.constant(0.05), Order.SECOND);
  }

  /** Starts from the defaults. */
  public static MamlBuilder builder() {
    return MamlBuilder.of(new Maml());
  }

  /** Of the derivatives through the adaptation. */
  public enum Order {
    /** All of them. */
    SECOND,
    /** None: the adaptation counts as a constant shift. */
    FIRST
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y where the adaptation of the lower variable starts, shape [p]
   */
  public record State(@LikeX Tensor x, Tensor y) implements AlgorithmState {
    State moved(double lr, Gradient direction) {
      return new State(Tensors.axpy(x, -lr, direction.x()), Tensors.axpy(y, -lr, direction.y()));
    }
  }

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Maml {
    var rules = new Rules("maml");
    rules.atLeast("adaptSteps", adaptSteps, 1);
  }

  /** Every step of the adaptation has a sample of its own. */
  @Override
  public Sampling sampling() {
    return Sampling.INDEPENDENT;
  }

  @Override
  public Maml suitedTo(Scales scales) {
    Maml usual = Suited.to(scales, UpperStep.PLAIN, this);
    return switch (scales.structure()) {
      case WEIGHTS, NETWORK_WEIGHTS -> usual.withUpperLr(usual.adaptLr());
      case HEADS -> // the encoder adapts too, and the adaptation moves it away
          usual
              .withAdaptLr(Scales.rounded(usual.adaptLr().at(0) / 10))
              .withUpperLr(Scales.rounded(0.3 * scales.upperLr(UpperStep.NORMALIZED).at(0)));
      default -> usual;
    };
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y());
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    double lr = adaptLr.at(t);
    List<SampledObjective> samples = new ArrayList<>();
    List<State> points = new ArrayList<>(List.of(s));
    for (int i = 0; i < adaptSteps; i++) {
      SampledObjective sample = oracle.freshLower();
      samples.add(sample);
      points.add(points.get(i).moved(lr, sample.gradient(points.get(i).x(), points.get(i).y())));
    }
    State adapted = points.get(adaptSteps);
    Gradient v = oracle.upper().gradient(adapted.x(), adapted.y());
    for (int i = adaptSteps - 1; i >= 0 && order == Order.SECOND; i--) {
      State at = points.get(i);
      Gradient product = samples.get(i).hessianVector(at.x(), at.y(), v);
      v =
          new Gradient(
              Tensors.axpy(v.x(), -lr, product.x()), Tensors.axpy(v.y(), -lr, product.y()));
    }
    return s.moved(upperLr.at(t), v);
  }
}
