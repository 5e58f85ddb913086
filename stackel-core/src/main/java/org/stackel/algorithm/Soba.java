package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Products;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.LinearSum;
import org.stackel.tensor.Tensors;

/**
 * SOBA (Dagréou, Ablin, Vaiter, Moreau: "A framework for bilevel optimization that enables
 * stochastic and global variance reduction algorithms", NeurIPS 2022, Algorithm 1 with plain
 * stochastic directions): x, y and z move together.
 *
 * <pre>
 *   ρ = lowerLr / (t+1)^lowerExponent,   γ = upperLr / (t+1)^upperExponent
 *   y⁺ = y - ρ ∇y G(x, y)
 *   z⁺ = z - ρ (∇²yy G(x, y) z - ∇y F(x, y))
 *   x⁺ = x - γ (∇x F(x, y) - ∇²xy G(x, y) z)
 * </pre>
 *
 * <p>Every right-hand side is at the old point, on one lower and one upper sample. One step asks
 * for one gradient of each loss, one Hessian and one cross product. z starts at 0. Any shapes; x, y
 * flat.
 *
 * <p><b>Difference from the paper</b>: x and y are projected where the problem says onto what. The
 * paper's v is -z. Both step sizes are 0.1 by default, which suits a lower Hessian with eigenvalues
 * below 10.
 *
 * @param upperLr step size of x (γ₀ in the paper)
 * @param lowerLr step size of y and z (ρ₀ in the paper), below 2 over the largest curvature of g in
 *     y
 * @param upperExponent exponent of the decrease of the upper step size, at least 0; with 0, upperLr
 *     alone decides
 * @param lowerExponent exponent of the decrease of the lower step size, at least 0; with 0, lowerLr
 *     alone decides
 */
@OptionRecord
@AlgorithmInfo(
    name = "soba",
    title = "SOBA",
    paper = "Dagréou, Ablin, Vaiter, Moreau, NeurIPS 2022",
    calls = "1 ∇f, 1 ∇g, 1 Hv, 1 Jv",
    traits = Trait.PROJECTS_X)
public record Soba(Schedule upperLr, Schedule lowerLr, double upperExponent, double lowerExponent)
    implements BilevelAlgorithm<Soba.State>, SobaBuilder.With {

  /** The published exponents, and step sizes for a start. */
  public Soba() {
    this(Schedule.constant(0.1), Schedule.constant(0.1), 0.5, 0.5);
  }

  /** Starts from the defaults. */
  public static SobaBuilder builder() {
    return SobaBuilder.of(new Soba());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param z estimate of {@code [∇²yy g]⁻¹ ∇y f}, shape [p]
   */
  public record State(@LikeX Tensor x, Tensor y, Tensor z) implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public Soba {
    var rules = new Rules("soba");
    rules.notNegative("upperExponent", upperExponent);
    rules.notNegative("lowerExponent", lowerExponent);
  }

  /** One sample of each level in a step: that is the method. */
  @Override
  public Sampling sampling() {
    return Sampling.SHARED;
  }

  @Override
  public Soba suitedTo(Scales scales) {
    Soba usual = Suited.to(scales, UpperStep.PLAIN, this);
    return switch (scales.structure()) {
      case SMOOTH -> usual.withUpperLr(scales.fallingUpperLr(1, upperExponent));
      case STRENGTHS -> usual;
      case NETWORK_WEIGHTS -> // lowerLr is the step size of the linear system too
          usual.withLowerLr(0.15).withUpperExponent(0).withLowerExponent(0);
      case WEIGHTS, HEADS, SADDLE -> // falling steps would not go far
          usual.withUpperExponent(0).withLowerExponent(0);
    };
  }

  @Override
  public Carried<State> carried() {
    return Carried.of(State::z);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y(), Tensors.zerosLike(start.y()));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    double rho = lowerLr.at(t) / Math.pow(t + 1.0, lowerExponent);
    double gamma = upperLr.at(t) / Math.pow(t + 1.0, upperExponent);
    oracle.together(s.x());
    Gradient f = oracle.upper().gradient(s.x(), s.y());
    Linearization g = oracle.lower().linearize(s.x(), s.y());
    Products products = g.products(s.z());
    Tensor y = Tensors.axpy(s.y(), -rho, g.gradY());
    Tensor z = LinearSystem.step(s.z(), rho, products.hessian(), f.y());
    Tensor x = LinearSum.of(s.x()).plus(-gamma, f.inX().minus(products.inX())).get();
    return new State(oracle.projectX(x), oracle.projectY(y), z);
  }
}
