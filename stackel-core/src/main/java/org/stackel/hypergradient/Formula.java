package org.stackel.hypergradient;

import java.util.function.UnaryOperator;
import org.stackel.config.Rules;

/**
 * What an estimator of {@code v = [∇²yy g]⁻¹ ∇y f} gives on average, as a formula of exact
 * derivatives, in plain arithmetic that shares nothing with the estimator: checks compare the two.
 */
public interface Formula {
  /**
   * The formula's v.
   *
   * @param hessian the product with the exact {@code ∇²yy g}
   * @param b the exact {@code ∇y f}
   */
  double[] solution(UnaryOperator<double[]> hessian, double[] b);

  /** Whether the mean over independent samples is the formula of the means. */
  default boolean isMultilinear() {
    return true;
  }

  /** Bound of the relative rounding error of the solution. */
  default double doubt(UnaryOperator<double[]> hessian, double[] b) {
    return 0;
  }

  /**
   * {@code step Σ_{q < terms} (I - step H)^q b}: a Neumann series, or as many steps of descent on
   * the linear system from zero.
   *
   * @param step η or ν
   * @param terms at least 1
   */
  record Series(double step, int terms) implements Formula {
    public Series {
      new Rules("the series").atLeast("terms", terms, 1);
    }

    @Override
    public double[] solution(UnaryOperator<double[]> hessian, double[] b) {
      double[] power = b.clone();
      double[] sum = b.clone();
      for (int q = 1; q < terms; q++) {
        power = plus(power, -step, hessian.apply(power));
        sum = plus(sum, 1, power);
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] *= step;
      }
      return sum;
    }
  }

  /**
   * Descent on {@code ½ |Hv - b|²} from zero.
   *
   * @param step ρ
   * @param steps at least 1
   */
  record NormalDescent(double step, int steps) implements Formula {
    public NormalDescent {
      new Rules("the descent").atLeast("steps", steps, 1);
    }

    @Override
    public double[] solution(UnaryOperator<double[]> hessian, double[] b) {
      double[] v = new double[b.length];
      for (int i = 0; i < steps; i++) {
        v = plus(v, -step, hessian.apply(plus(hessian.apply(v), -1, b)));
      }
      return v;
    }
  }

  private static double[] plus(double[] a, double factor, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a[i] + factor * b[i];
    }
    return sum;
  }
}
