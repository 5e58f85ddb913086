package org.stackel.experiment;

import org.stackel.config.Rules;
import org.stackel.tensor.Seed;

/**
 * What an estimator of {@code [∇²yy g]⁻¹ ∇y f} must give on average: its formula, worked out on
 * known derivatives by code that shares nothing with the estimator.
 */
public sealed interface Expected {
  /** The solution that the formula gives at a point. */
  double[] solution(ExactPoint at);

  /** Whether the mean over independent samples is the formula of the means. */
  default boolean isMultilinear() {
    return true;
  }

  /** How far rounding may move the solution, relative to it. */
  default double doubt(ExactPoint at) {
    return 0;
  }

  /**
   * {@code step Σ_{q < terms} (I - step H)^q b}: a Neumann series, or as many steps of descent on
   * the linear system from zero.
   *
   * @param step η or ν
   * @param terms at least 1
   */
  record Series(double step, int terms) implements Expected {
    public Series {
      new Rules("the series").atLeast("terms", terms, 1);
    }

    @Override
    public double[] solution(ExactPoint at) {
      double[] power = at.upperY();
      double[] sum = power.clone();
      for (int q = 1; q < terms; q++) {
        power = Vectors.plus(power, -step, at.hessian(power));
        sum = Vectors.plus(sum, 1, power);
      }
      return Vectors.scaled(step, sum);
    }
  }

  /**
   * Descent on {@code ½ |Hv - b|²} from zero.
   *
   * @param step ρ
   * @param steps at least 1
   */
  record Normal(double step, int steps) implements Expected {
    public Normal {
      new Rules("the descent").atLeast("steps", steps, 1);
    }

    @Override
    public double[] solution(ExactPoint at) {
      double[] b = at.upperY();
      double[] v = new double[b.length];
      for (int i = 0; i < steps; i++) {
        v = Vectors.plus(v, -step, at.hessian(Vectors.minus(at.hessian(v), b)));
      }
      return v;
    }
  }

  /**
   * Conjugate gradients from zero, which are not linear in the samples.
   *
   * @param steps iterations
   */
  record Krylov(int steps) implements Expected {
    public Krylov {
      new Rules("the iterations").atLeast("steps", steps, 1);
    }

    @Override
    public double[] solution(ExactPoint at) {
      return solution(at, at.upperY());
    }

    private double[] solution(ExactPoint at, double[] b) {
      double rounding = 1e-15 * Vectors.norm(b);
      return LowerSystem.conjugateGradient(at::hessian, b, new double[b.length], steps, rounding)
          .v();
    }

    /** On a singular Hessian, iterations beyond its rank follow noise: the right side is moved. */
    @Override
    public double doubt(ExactPoint at) {
      double[] b = at.upperY();
      double[] moved = b.clone();
      for (int i = 0; i < b.length; i++) {
        moved[i] *= 1 + (i % 2 == 0 ? 1e-14 : -1e-14);
      }
      double[] v = solution(at, b);
      double size = Vectors.norm(v);
      return size == 0 ? 0 : 10 * Vectors.distance(v, solution(at, moved)) / size;
    }

    @Override
    public boolean isMultilinear() {
      return false;
    }
  }

  /** A vector that the algorithm carries along. */
  final class Carried implements Expected {
    private final double[] z;

    /** Of the size of y. */
    public Carried(double[] z) {
      this.z = z.clone();
    }

    @Override
    public double[] solution(ExactPoint at) {
      return z.clone();
    }
  }

  /** The exact solution: for estimators that solve the system. */
  record Exact() implements Expected {
    @Override
    public double[] solution(ExactPoint at) {
      return LowerSystem.solve(at, new Seed(0), null).v();
    }

    @Override
    public boolean isMultilinear() {
      return false;
    }
  }
}
