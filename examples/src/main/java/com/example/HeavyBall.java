package com.example;

import org.bytedeco.pytorch.Tensor;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Carried;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Products;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.tensor.Tensors;

/**
 * SOBA with momentum: y and z, the solution of the hypergradient's linear system, descend as there.
 *
 * @param upperLr step size of x
 * @param lowerLr step size of y and z
 * @param momentum weight of the previous direction, at least 0 and less than 1
 */
@OptionRecord
@AlgorithmInfo(calls = "1 ∇f, 1 ∇g, 1 Hv, 1 Jv", traits = Trait.PROJECTS_X)
public record HeavyBall(Schedule upperLr, Schedule lowerLr, double momentum)
    implements BilevelAlgorithm<HeavyBall.State> {
  public HeavyBall() {
    this(Schedule.constant(0.02), Schedule.constant(0.05), 0.5);
  }

  public HeavyBall {
    new Rules("heavy-ball").fraction("momentum", momentum);
  }

  public record State(Tensor x, Tensor y, Tensor z, Tensor m) implements AlgorithmState {}

  @Override
  public Sampling sampling() {
    return Sampling.SHARED;
  }

  /** What {@code check} compares with the exact solution. */
  @Override
  public Carried<State> carried() {
    return Carried.of(State::z);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor z = Tensors.zerosLike(start.y());
    return new State(start.x(), start.y(), z, Tensors.zerosLike(start.x()));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    Gradient f = oracle.upper().gradient(s.x(), s.y());
    Products g = oracle.products(s.x(), s.y(), s.z());
    Tensor gradY = oracle.lower().gradientY(s.x(), s.y());
    Tensor m = Tensors.axpy(f.x().sub(g.cross()), momentum, s.m());
    Tensor x = oracle.projectX(Tensors.axpy(s.x(), -upperLr.at(t), m));
    Tensor y = oracle.projectY(Tensors.axpy(s.y(), -lowerLr.at(t), gradY));
    Tensor z = LinearSystem.step(s.z(), lowerLr.at(t), g.hessian(), f.y());
    return new State(x, y, z, m);
  }
}
