package org.stackel.example;

import org.bytedeco.pytorch.Tensor;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Products;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Start;
import org.stackel.tensor.Tensors;

/**
 * SOBA (Dagréou, Ablin, Vaiter, Moreau: "A framework for bilevel optimization that enables
 * stochastic and global variance reduction algorithms", NeurIPS 2022): y, v and x move together.
 *
 * <pre>
 *   y⁺ = y - lowerLr ∇y G(x, y)
 *   v⁺ = v - lowerLr (∇²yy G(x, y) v - ∇y F(x, y))
 *   x⁺ = x - upperLr (∇x F(x, y) - ∇²xy G(x, y) v)
 * </pre>
 *
 * <p>Every right-hand side is at the old point. One step asks for one gradient of each loss, one
 * Hessian and one cross product.
 *
 * @param upperLr step size of x
 * @param lowerLr step size of y and v
 * @param sampling whether a step's products share samples, as they do in the paper
 */
public record Soba(Schedule upperLr, Schedule lowerLr, Sampling sampling)
    implements BilevelAlgorithm<Soba.State> {

  /** Step sizes for a start. */
  public Soba() {
    this(Schedule.constant(0.1), Schedule.constant(0.1), Sampling.SHARED);
  }

  /**
   * State.
   *
   * @param x upper variable
   * @param y lower variable
   * @param v estimate of {@code [∇²yy g]⁻¹ ∇y f}
   */
  public record State(Tensor x, Tensor y, Tensor v) implements AlgorithmState {}

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return new State(start.x(), start.y(), Tensors.zerosLike(start.y()));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    Gradient f = oracle.upper().gradient(s.x(), s.y());
    Products g = oracle.products(s.x(), s.y(), s.v());
    Tensor gradY = oracle.lower().gradientY(s.x(), s.y());
    Tensor y = Tensors.axpy(s.y(), -lowerLr.at(t), gradY);
    Tensor v = LinearSystem.step(s.v(), lowerLr.at(t), g.hessian(), f.y());
    Tensor x = Tensors.axpy(s.x(), -upperLr.at(t), f.x().sub(g.cross()));
    return new State(oracle.projectX(x), oracle.projectY(y), v);
  }
}
