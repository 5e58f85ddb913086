package org.stackel.algorithm;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Rules;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.optim.Directions;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Products;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Start;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * BO-REP (Hao, Gong, Liu: "Bilevel Optimization under Unbounded Smoothness: A New Algorithm and
 * Convergence Analysis", ICLR 2024, Algorithms 1–3): initialisation refinement and periodic updates
 * of y, a linear system for z, normalised momentum for x.
 *
 * <pre>
 *   y₀ = EPOCHSGD(x₀, y)
 *   every period-th step, but the first:  lowerSteps times
 *        y ← P(y - lowerLr ∇y G(x, y)),  P onto the ball of lowerRadius around y before them
 *   z⁺ = z - linearSystemLr (∇²yy G(x, y) z - ∇y F(x, y))
 *   h  = ∇x F(x, y) - ∇²xy G(x, y) z
 *   m⁺ = momentum m + (1 - momentum) h
 *   x⁺ = x - upperLr m⁺ / |m⁺|
 * </pre>
 *
 * <p>One step asks for one upper gradient, one Hessian and one cross product, and every period-th
 * step for {@code lowerSteps} lower gradients more.
 *
 * <p><b>Difference from the paper</b>: {@code linearSystemRadius} as in {@link Slip}. In mode
 * {@code authors} a step is that of the published scripts, which know no ball and no average:
 *
 * <pre>
 *   p  = ∇²yy G(x, y) z
 *   every period-th step, from the first on:
 *        u = ∇y F of the step before;  lowerSteps times  u ← u + ∇y G(x, y),  y ← y - lowerLr u
 *   z⁺ = z - linearSystemLr (p - ∇y F(x, y⁺))
 *   m⁺ = momentum m + (1 - momentum) (∇x F(x, y⁺) - ∇²xy G(x, y⁺) z⁺)
 *   x⁺ = x - upperLr m⁺ / (|m⁺| + 1e-10)
 * </pre>
 *
 * <ul>
 *   <li>{@code cleaning}, BO-REP's and SLIP's repositories: as above, with the first ∇y G on p's
 *       sample. That gradient counts here: the runs published with 3 inner steps have {@code
 *       lowerSteps} 4. In AdamBO's repository it is the only one, {@code lowerSteps} 1.
 *   <li>{@code few-shot}, BO-REP's repository, also its reviews: p is at y⁺, on its own sample.
 *   <li>{@code auc}, AccBO's repository: u begins with 0, and m⁺ is normalised in every parameter
 *       tensor of x by itself, without 1e-10; so steps are √(number of tensors) times as long.
 * </ul>
 *
 * <p>No script has a refinement: {@code "refinement": {"epochs": 0}} is their start. They count
 * their period in the tasks or minibatches of an epoch, here it counts steps.
 *
 * @param upperLr η, length of the step of x
 * @param lowerLr step size of y
 * @param linearSystemLr ν, step size of z
 * @param momentum β in [0, 1)
 * @param period I, at least 1
 * @param lowerSteps N, at least 1
 * @param lowerRadius R; no projection if left out
 * @param lowerOutput the last of the N iterates, or their average
 * @param refinement EPOCHSGD before the first step
 * @param linearSystemRadius largest norm of z; none if left out
 * @param sampling whether a step's products share samples
 * @param mode whose recursion
 * @param script cleaning, few-shot or auc; for mode authors, there cleaning if left out
 */
@AlgorithmInfo(
    name = "bo-rep",
    title = "BO-REP",
    paper = "Hao, Gong, Liu, ICLR 2024",
    calls = "1 ∇f, N/I ∇g, 1 Hv, 1 Jv")
public record BoRep(
    Schedule upperLr,
    Schedule lowerLr,
    Schedule linearSystemLr,
    double momentum,
    long period,
    long lowerSteps,
    @Nullable Double lowerRadius,
    LowerOutput lowerOutput,
    Refinement refinement,
    @Nullable Double linearSystemRadius,
    Sampling sampling,
    Mode mode,
    @Nullable Script script)
    implements BilevelAlgorithm<BoRep.State> {

  /** The published defaults. */
  public BoRep() {
    this(
        Schedule.constant(0.05),
        Schedule.constant(0.05),
        Schedule.constant(0.01),
        0.9,
        2,
        3,
        null,
        LowerOutput.LAST,
        new Refinement(null, 4, null, 3),
        null,
        Sampling.INDEPENDENT,
        Mode.PAPER,
        null);
  }

  /** What a burst of lower steps returns. */
  public enum LowerOutput {
    /** Its last iterate. */
    LAST,
    /** The mean of its iterates, the start excluded. */
    AVERAGE
  }

  /**
   * EPOCHSGD: in epoch k, {@code steps · 2^(k-1)} projected steps of size {@code lr / 2^(k-1)}
   * within {@code radius / 2^((k-1)/2)} of the epoch's start, then the mean of the iterates.
   *
   * @param lr γ₁; lowerLr if left out
   * @param steps T₁, at least 1
   * @param radius D₁; no projection if left out
   * @param epochs K; 0 for no refinement
   */
  public record Refinement(@Nullable Double lr, long steps, @Nullable Double radius, long epochs) {
    private static final int MOST_EPOCHS = 30;

    public Refinement {
      var rules = new Rules("the refinement of bo-rep");
      rules.positiveIfGiven("lr", lr);
      rules.atLeast("steps", steps, 1);
      rules.positiveIfGiven("radius", radius);
      rules.atLeast("epochs", epochs, 0);
      if (epochs > MOST_EPOCHS || steps > Long.MAX_VALUE >> MOST_EPOCHS) {
        throw rules.broken(
            epochs > MOST_EPOCHS ? "epochs" : "steps",
            epochs > MOST_EPOCHS ? epochs : steps,
            "is too large: every epoch has twice the steps of the one before",
            "a few epochs of a few steps were meant.");
      }
    }
  }

  /**
   * State.
   *
   * @param x upper variable
   * @param y lower variable
   * @param z estimate of {@code [∇²yy g]⁻¹ ∇y f}
   * @param m momentum of the hypergradient
   * @param leaked ∇y F of the step before, in mode {@code authors}; else nothing
   */
  public record State(Tensor x, Tensor y, Tensor z, Tensor m, List<Tensor> leaked)
      implements AlgorithmState {}

  public BoRep {
    var rules = new Rules("bo-rep");
    rules.fraction("momentum", momentum);
    rules.atLeast("period", period, 1);
    rules.atLeast("lowerSteps", lowerSteps, 1);
    rules.positiveIfGiven("lowerRadius", lowerRadius);
    rules.positiveIfGiven("linearSystemRadius", linearSystemRadius);
    script = Script.followed(rules, mode, script, Script.values());
    if (mode == Mode.AUTHORS && lowerRadius != null) {
      mode.mustBePaper(rules, "no script has a lowerRadius");
    }
    if (mode == Mode.AUTHORS && lowerOutput == LowerOutput.AVERAGE) {
      mode.mustBePaper(rules, "no script averages, as lowerOutput asks for");
    }
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    Tensor y = start.y();
    double lr = refinement.lr() == null ? lowerLr.at(0) : refinement.lr();
    for (int k = 0; k < refinement.epochs(); k++) {
      double halves = Math.pow(2, k);
      Double radius = refinement.radius() == null ? null : refinement.radius() / Math.sqrt(halves);
      var burst = new Burst(refinement.steps() << k, lr / halves, radius, LowerOutput.AVERAGE);
      y = burst.run(start.x(), y, oracle);
    }
    return new State(
        start.x(),
        y,
        Tensors.zerosLike(y),
        Tensors.zerosLike(start.x()),
        ScriptStep.nothing(mode, y));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    if (mode == Mode.AUTHORS) {
      return authorsStep(t, s, oracle);
    }
    var burst = new Burst(lowerSteps, lowerLr.at(t), lowerRadius, lowerOutput);
    Tensor y = t > 0 && t % period == 0 ? burst.run(s.x(), s.y(), oracle) : s.y();
    Gradient f = oracle.upper().gradient(s.x(), y);
    Products g = oracle.products(s.x(), y, s.z());
    Tensor z =
        Guards.ball(
            LinearSystem.step(s.z(), linearSystemLr.at(t), g.hessian(), f.y()), linearSystemRadius);
    Tensor m = Directions.average(momentum, s.m(), f.x().sub(g.cross()));
    return new State(Directions.normalizedStep(s.x(), m, upperLr.at(t)), y, z, m, s.leaked());
  }

  private State authorsStep(long t, State s, StochasticOracle oracle) {
    var rates = new ScriptStep.Rates(lowerLr.at(t), linearSystemLr.at(t), linearSystemRadius);
    long steps = t % period == 0 ? lowerSteps : 0;
    Tensor leaked = s.leaked().get(0);
    ScriptStep next =
        script == Script.FEW_SHOT
            ? ScriptStep.hessianLast(s.x(), s.y(), s.z(), leaked, steps, rates, oracle)
            : ScriptStep.of(s.x(), s.y(), s.z(), leaked, steps, rates, oracle);
    Tensor m = Directions.average(momentum, s.m(), next.h());
    if (script == Script.AUC) {
      Tensor x = Directions.normalizedStep(s.x(), m, upperLr.at(t), oracle.upperLayout());
      return new State(x, next.y(), next.z(), m, s.leaked());
    }
    Tensor x = Directions.normalizedStep(s.x(), m, upperLr.at(t), 1e-10);
    return new State(x, next.y(), next.z(), m, List.of(next.leaked()));
  }

  /** Projected steps around a start, each on a new sample. */
  private record Burst(long steps, double lr, @Nullable Double radius, LowerOutput output) {
    Tensor run(Tensor x, Tensor center, StochasticOracle oracle) {
      Sum last =
          StateScope.repeat(
              steps,
              new Sum(center, Tensors.zerosLike(center)),
              (i, at) -> {
                Tensor moved = Tensors.axpy(at.y, -lr, oracle.freshLower().gradientY(x, at.y));
                Tensor y = radius == null ? moved : Directions.projectBall(moved, center, radius);
                return new Sum(y, output == LowerOutput.AVERAGE ? at.sum.add(y) : at.sum);
              });
      return output == LowerOutput.AVERAGE ? Tensors.scale(1.0 / steps, last.sum) : last.y;
    }

    /** An iterate, and the sum of the iterates so far if it is asked for. */
    private record Sum(Tensor y, Tensor sum) {}
  }
}
