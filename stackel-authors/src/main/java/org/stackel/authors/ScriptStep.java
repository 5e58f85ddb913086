package org.stackel.authors;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.optim.Directions;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * What the scripts that carry z have in common: BO-REP's, SLIP's, and those of their comparisons
 * that go by the names MA-SOBA and SABA.
 *
 * <pre>
 *   p  = ∇²yy G(x, y) z
 *   u  = leaked;  lowerSteps times  u ← u + ∇y G(x, y),  y ← y - lowerLr u
 *   z⁺ = z - linearSystemLr (p - ∇y F(x, y⁺))
 *   h  = ∇x F(x, y⁺) - ∇²xy G(x, y⁺) z⁺
 *   leaked⁺ = ∇y F(x, y⁺)
 * </pre>
 *
 * <p>The first lower gradient is on the sample of p. The scripts clear gradients after the lower
 * steps and nowhere else: so these add up over the steps, and begin with what the upper loss left
 * in the buffer a step before.
 *
 * @param y lower variable after its steps
 * @param z solution of the linear system after its step
 * @param h hypergradient
 * @param leaked what the next step's lower gradients begin with
 */
record ScriptStep(Tensor y, Tensor z, Tensor h, Tensor leaked) {
  /** Step sizes and bounds of a step. */
  record Rates(double lowerLr, double linearSystemLr, @Nullable Double linearSystemRadius) {}

  /** The step above. */
  static ScriptStep of(
      Tensor x, Tensor y, Tensor z, Tensor leaked, long lowerSteps, Rates r, StochasticOracle o) {
    Linearization g = o.lower().linearize(x, y);
    Tensor hessianZ = g.hessianVector(z);
    if (lowerSteps == 0) {
      return after(x, y, z, hessianZ, r, o);
    }
    Tensor sum = leaked.add(g.gradY());
    Tensor first = Tensors.axpy(y, -r.lowerLr, sum);
    return after(x, descend(x, first, sum, lowerSteps - 1, r.lowerLr, o), z, hessianZ, r, o);
  }

  /** The step with p at y⁺, on a sample of its own. */
  static ScriptStep hessianLast(
      Tensor x, Tensor y, Tensor z, Tensor leaked, long lowerSteps, Rates r, StochasticOracle o) {
    Tensor moved = descend(x, y, leaked, lowerSteps, r.lowerLr, o);
    Tensor hessianZ = o.lower().hessianVector(x, moved, z);
    return after(x, moved, z, hessianZ, r, o);
  }

  private static ScriptStep after(
      Tensor x, Tensor y, Tensor z, Tensor hessianZ, Rates r, StochasticOracle o) {
    Gradient f = o.upper().gradient(x, y);
    Tensor free = LinearSystem.step(z, r.linearSystemLr, hessianZ, f.y());
    Tensor next =
        r.linearSystemRadius == null
            ? free
            : Directions.projectBall(free, Tensors.zerosLike(free), r.linearSystemRadius);
    Tensor h = f.x().sub(o.lower().crossVector(x, y, next));
    return new ScriptStep(y, next, h, f.y());
  }

  private static Tensor descend(
      Tensor x, Tensor y, Tensor sum, long steps, double lr, StochasticOracle oracle) {
    return StateScope.repeat(
            steps,
            new Lower(y, sum),
            (i, at) -> {
              Tensor next = at.sum.add(oracle.freshLower().gradientY(x, at.y));
              return new Lower(Tensors.axpy(at.y, -lr, next), next);
            })
        .y;
  }

  /** An iterate, and the sum of the gradients so far. */
  private record Lower(Tensor y, Tensor sum) {}
}
