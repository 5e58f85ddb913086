package org.stackel.optim;

import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * A local minimiser of a function of one vector with a small dense Hessian, to the precision of the
 * numbers: what exact metrics need.
 *
 * <p>Newton's method with the absolute values of the Hessian's eigenvalues, so that every direction
 * descends and saddles repel, and with halved steps where a step does not decrease the function.
 */
public final class Newton {
  private static final int MAX_STEPS = 200;

  /** Smaller eigenvalues, as a share of the largest, count as this. */
  private static final double LEAST_SHARE = 1e-12;

  private Newton() {}

  /**
   * A function at a point.
   *
   * @param value f
   * @param gradient ∇f
   * @param hessian ∇²f, made if it is asked for
   */
  public record Local(double value, Tensor gradient, Supplier<Tensor> hessian) {}

  /** The minimiser in whose basin the start lies; belongs to the caller's scope. */
  public static Tensor minimize(Function<Tensor, Local> f, Tensor start) {
    Tensor x = copy(start);
    boolean moves = true;
    for (int i = 0; i < MAX_STEPS && moves; i++) {
      Iterations.next("Newton's method", i, MAX_STEPS);
      try (var scope = StateScope.open()) {
        Local at = f.apply(x);
        Tensor next = step(f, x, at);
        moves = next != null;
        if (next != null) {
          StateScope.release(x);
          x = scope.keep(next);
        }
      }
    }
    var found = new Tensor(x); // a handle that belongs to the caller's scope
    StateScope.release(x);
    return found;
  }

  private static Tensor copy(Tensor tensor) {
    try (var scope = StateScope.open()) {
      return scope.keep(tensor.detach().clone());
    }
  }

  /** The next point; null if no step decreases the function. */
  private static @Nullable Tensor step(Function<Tensor, Local> f, Tensor x, Local at) {
    double norm = Tensors.item(Tensors.norm(at.gradient()));
    if (!(norm > 0) || !Double.isFinite(norm)) {
      return null;
    }
    Tensor direction = direction(at);
    if (direction == null) {
      return null;
    }
    double slope = Tensors.item(at.gradient().dot(direction));
    double length = 1;
    for (int halvings = 0; halvings < 40; halvings++) {
      Tensor next = Tensors.axpy(x, length, direction);
      Local there = f.apply(next);
      boolean decreases =
          there.value() < at.value() && there.value() <= at.value() + 1e-4 * length * slope;
      // Close to the minimiser values no longer tell points apart, but gradients do.
      boolean isFlatter =
          Tensors.item(Tensors.norm(there.gradient())) < 0.5 * norm
              && there.value() <= at.value() + 1e-9 * Math.abs(at.value());
      if (decreases || isFlatter) {
        return next;
      }
      length /= 2;
    }
    return null;
  }

  /** Null if values overflow. */
  private static @Nullable Tensor direction(Local at) {
    Tensor hessian = at.hessian().get();
    if (!Tensors.isFinite(hessian)) {
      return null;
    }
    T_TensorTensor_T parts = torch.linalg_eigh(hessian);
    var vectors = new Tensor(parts.get1());
    Tensor values = new Tensor(parts.get0()).abs();
    Tensor floored = values.clamp_min(new Scalar(LEAST_SHARE * Tensors.item(values.max())));
    return vectors.mv(vectors.t().mv(at.gradient()).div(floored)).neg();
  }

  /** {@code H⁻¹b} with the exact Hessian; NaN if it has no positive curvature. */
  public static Tensor solve(Tensor hessian, Tensor b) {
    // A decomposition fails on what is not finite.
    boolean isPositive =
        Tensors.isFinite(hessian) && Tensors.item(torch.linalg_eigvalsh(hessian).min()) > 0;
    return isPositive ? torch.linalg_solve(hessian, b) : b.mul(new Scalar(Double.NaN));
  }
}
