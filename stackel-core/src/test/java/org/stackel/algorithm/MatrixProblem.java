package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.stackel.problem.Dense.plus;
import static org.stackel.problem.Dense.times;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.stackel.problem.Dense;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Problems;

/**
 * A quadratic problem on two lower and three upper numbers, with Hessian and cross derivative that
 * move, and its derivatives in plain numbers: {@code g = ½ yᵀAy - yᵀ(B tanh(x) + c) + q/4 Σ yᵢ⁴}.
 * Recursions are written once more with these and compared with the algorithms.
 */
public final class MatrixProblem {
  private MatrixProblem() {}

  /** Steps that are compared. */
  public static final int STEPS = 25;

  public static final double[][] A = {{2, .3}, {.3, 1.5}};
  public static final double[][] B = {{1, -.5, .2}, {.4, .8, -1}};
  public static final double[] C = {.3, -.2};
  public static final double[] TARGET = {1, .5};
  public static final double[][] WEIGHT = {{1, .2}, {.2, 2}};
  public static final double[][] CURVATURE = {{1, .1, 0}, {.1, .8, .2}, {0, .2, .5}};
  public static final double[] SLOPE = {.1, -.3, .2};
  public static final double[][] MIXED = {{.1, 0, .2}, {0, -.1, .3}};
  public static final double[] X0 = {.5, -.4, .8};
  public static final double[] Y0 = {.2, -.1};
  public static final double QUARTIC = .4;

  public static final ProblemOptions PROBLEM =
      Problems.create(
          "quadratic",
          Map.ofEntries(
              Map.entry("A", Dense.option(A)),
              Map.entry("B", Dense.option(B)),
              Map.entry("c", Dense.option(C)),
              Map.entry("d", Dense.option(TARGET)),
              Map.entry("D", Dense.option(WEIGHT)),
              Map.entry("E", Dense.option(CURVATURE)),
              Map.entry("e", Dense.option(SLOPE)),
              Map.entry("F", Dense.option(MIXED)),
              Map.entry("x0", Dense.option(X0)),
              Map.entry("y0", Dense.option(Y0)),
              Map.entry("coupling", "tanh"),
              Map.entry("quartic", QUARTIC)));

  public static double[] gy(double[] x, double[] y) {
    double[] tanh = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      tanh[i] = Math.tanh(x[i]);
    }
    double[] g = plus(plus(times(A, y), -1, times(B, tanh)), -1, C);
    for (int i = 0; i < y.length; i++) {
      g[i] += QUARTIC * y[i] * y[i] * y[i];
    }
    return g;
  }

  public static double[] hessian(double[] y, double[] v) {
    double[] product = times(A, v);
    for (int i = 0; i < y.length; i++) {
      product[i] += 3 * QUARTIC * y[i] * y[i] * v[i];
    }
    return product;
  }

  public static double[] cross(double[] x, double[] v) {
    double[] product = times(Dense.transposed(B), v);
    for (int i = 0; i < x.length; i++) {
      double tanh = Math.tanh(x[i]);
      product[i] *= -(1 - tanh * tanh);
    }
    return product;
  }

  public static double[] fx(double[] x, double[] y) {
    return plus(plus(times(CURVATURE, x), 1, SLOPE), 1, times(Dense.transposed(MIXED), y));
  }

  public static double[] fy(double[] x, double[] y) {
    return plus(times(WEIGHT, plus(y, -1, TARGET)), 1, times(MIXED, x));
  }

  /** {@code ∇x f - ∇²xy g z}. */
  public static double[] direction(double[] x, double[] y, double[] z) {
    return plus(fx(x, y), -1, cross(x, z));
  }

  public static double[] linearSystem(double[] x, double[] y, double[] z, double lr) {
    return plus(z, -lr, plus(hessian(y, z), -1, fy(x, y)));
  }

  public static void check(
      String name, Map<String, ?> options, List<Map<String, double[]>> expected) {
    for (String sampling : List.of("independent", "shared")) {
      var all = new HashMap<String, Object>(options);
      all.put("sampling", sampling);
      var found = Trajectory.of(Algorithms.create(name, all), PROBLEM, STEPS);
      assertThat(expected).hasSize(STEPS + 1);
      for (int t = 0; t <= STEPS; t++) {
        for (var column : expected.get(t).entrySet()) {
          assertThat(found.get(t).get(column.getKey()))
              .as("%s after %d steps, %s sampling", column.getKey(), t, sampling)
              .containsExactly(column.getValue(), within(1e-9));
        }
      }
    }
  }

  public static Map<String, double[]> state(Object... columns) {
    var state = new HashMap<String, double[]>();
    for (int i = 0; i < columns.length; i += 2) {
      state.put((String) columns[i], ((double[]) columns[i + 1]).clone());
    }
    return state;
  }
}
