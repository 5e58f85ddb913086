package org.stackel.reference;

import java.util.function.UnaryOperator;
import org.stackel.config.Rules;
import org.stackel.hypergradient.Formula;

/**
 * Conjugate gradients from zero, which are not linear in the samples.
 *
 * @param steps iterations
 */
public record Krylov(int steps) implements Formula {
  public Krylov {
    new Rules("the iterations").atLeast("steps", steps, 1);
  }

  @Override
  public double[] solution(UnaryOperator<double[]> hessian, double[] b) {
    double rounding = 1e-15 * Vectors.norm(b);
    return LowerSystem.conjugateGradient(hessian, b, new double[b.length], steps, rounding).v();
  }

  /** On a singular Hessian, iterations beyond its rank follow noise: the right side is moved. */
  @Override
  public double doubt(UnaryOperator<double[]> hessian, double[] b) {
    double[] moved = b.clone();
    for (int i = 0; i < b.length; i++) {
      moved[i] *= 1 + (i % 2 == 0 ? 1e-14 : -1e-14);
    }
    double[] v = solution(hessian, b);
    double size = Vectors.norm(v);
    return size == 0 ? 0 : 10 * Vectors.distance(v, solution(hessian, moved)) / size;
  }

  @Override
  public boolean isMultilinear() {
    return false;
  }
}
