package org.stackel.algorithm;

import static org.stackel.algorithm.MatrixProblem.STEPS;
import static org.stackel.algorithm.MatrixProblem.X0;
import static org.stackel.algorithm.MatrixProblem.Y0;
import static org.stackel.algorithm.MatrixProblem.check;
import static org.stackel.algorithm.MatrixProblem.direction;
import static org.stackel.algorithm.MatrixProblem.fy;
import static org.stackel.algorithm.MatrixProblem.gy;
import static org.stackel.algorithm.MatrixProblem.hessian;
import static org.stackel.algorithm.MatrixProblem.linearSystem;
import static org.stackel.algorithm.MatrixProblem.state;
import static org.stackel.problem.Dense.plus;

import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.problem.Dense;

/** Recursions written once more in plain numbers, on {@link MatrixProblem}. */
class MatrixRecursionTest {
  /** The direction with {@code v = scale Σ (I - ηH)^q b} over q from first to last. */
  private static double[] neumann(
      double[] x, double[] y, double eta, double scale, int first, int last) {
    double[] term = fy(x, y);
    double[] sum = new double[y.length];
    for (int q = 0; q <= last; q++) {
      if (q >= first) {
        sum = plus(sum, scale, term);
      }
      term = plus(term, -eta, hessian(y, term));
    }
    return direction(x, y, sum);
  }

  // ---- single loops ----------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({".5, .5", "0, 0", ".3, .7"})
  void soba(double lowerExponent, double upperExponent) {
    double[] x = X0;
    double[] y = Y0;
    double[] z = new double[2];
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y, "z", z));
      double rho = .2 / Math.pow(t + 1, lowerExponent);
      double gamma = .1 / Math.pow(t + 1, upperExponent);
      double[] oldX = x;
      double[] oldY = y;
      x = plus(x, -gamma, direction(oldX, oldY, z));
      z = linearSystem(oldX, oldY, z, rho);
      y = plus(y, -rho, gy(oldX, oldY));
    }
    check(
        "soba",
        Map.of(
            "lowerLr",
            .2,
            "upperLr",
            .1,
            "lowerExponent",
            lowerExponent,
            "upperExponent",
            upperExponent),
        states);
    if (lowerExponent == 0) {
      check("saba", Map.of("lowerLr", .2, "upperLr", .1), states);
    }
  }

  @Test
  void maSoba() {
    double[] x = X0;
    double[] y = Y0;
    double[] z = new double[2];
    double[] h = new double[3];
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y, "z", z, "h", h));
      double[] next = linearSystem(x, y, z, .15);
      double[] d = direction(x, y, z);
      double[] moved = plus(x, -.1, h);
      y = plus(y, -.2 / Math.sqrt(t + 1), gy(x, y));
      h = plus(plus(h, -.3, h), .3, d);
      z = next;
      x = moved;
    }
    check(
        "ma-soba",
        Map.of(
            "lowerLr", Map.of("type", "power", "initial", .2, "exponent", .5),
            "upperLr", .1,
            "linearSystemLr", .15,
            "averaging", .3),
        states);
  }

  @Test
  void lsAdam() {
    double[] x = X0;
    double[] y = Y0;
    for (int i = 0; i < 2; i++) {
      y = plus(y, -.25, gy(x, y));
    }
    double[] z = new double[2];
    double[] first = new double[3];
    double[] second = new double[3];
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y, "z", z, "moments.first", first, "moments.second", second));
      double[] h = direction(x, y, z);
      z = linearSystem(x, y, z, .15);
      if (Dense.norm(z) > .5) {
        z = plus(new double[2], .5 / Dense.norm(z), z);
      }
      y = plus(y, -.2, gy(x, y));
      double[] moved = x.clone();
      for (int i = 0; i < 3; i++) {
        first[i] = .8 * first[i] + .2 * h[i];
        second[i] = .99 * second[i] + .01 * h[i] * h[i];
        double root = Math.sqrt(second[i] / (1 - Math.pow(.99, t + 1)));
        moved[i] -= .05 * first[i] / (1 - Math.pow(.8, t + 1)) / (root + 1e-6);
      }
      x = moved;
    }
    check(
        "ls-adam",
        Map.of(
            "upperLr", .05,
            "lowerLr", .2,
            "linearSystemLr", .15,
            "beta1", .8,
            "beta2", .99,
            "epsilon", 1e-6,
            "warmStartSteps", 2,
            "warmStartLr", .25,
            "linearSystemRadius", .5),
        states);
  }

  // ---- Neumann series --------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"a", "b"})
  void stocBio(String form) {
    double[] x = X0;
    double[] y = Y0;
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y));
      for (int i = 0; i < 4; i++) {
        y = plus(y, -.2, gy(x, y));
      }
      double[] h = neumann(x, y, .3, .3, 0, form.equals("a") ? 4 : 5);
      x = plus(x, -.05, h);
    }
    check(
        "stocbio",
        Map.of(
            "upperLr",
            .05,
            "lowerLr",
            .2,
            "lowerSteps",
            4,
            "neumannTerms",
            5,
            "neumannStep",
            .3,
            "neumannForm",
            form),
        states);
  }

  @Test
  void ttsa() {
    double[] x = X0;
    double[] y = Y0;
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y));
      y = plus(y, -.3 / Math.pow(t + 1, .4), gy(x, y));
      x = plus(x, -.1 / Math.pow(t + 1, .6), neumann(x, y, .3, .3, 0, 4));
    }
    check(
        "ttsa",
        Map.of(
            "upperLr", .1, "lowerLr", .3, "neumannTerms", 5, "neumannStep", .3, "neumannForm", "a"),
        states);
  }

  // ---- recursive momentum ----------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"cube-root, 2, 1.5", "constant, .3, .6", "constant, 5, 5"})
  void sustain(String decay, double upperRate, double lowerRate) {
    double[] x = X0;
    double[] y = Y0;
    double[] oldX = X0;
    double[] oldY = Y0;
    double[] u = new double[2];
    double[] v = new double[3];
    var states = new ArrayList<Map<String, double[]>>();
    double before = Double.NaN;
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y, "previousX", oldX, "previousY", oldY, "u", u, "v", v));
      double s = decay.equals("constant") ? 1 : Math.pow(3.0 + t, -1.0 / 3);
      double keepU = t == 0 ? 0 : 1 - Math.min(1, lowerRate * before * before);
      double keepV = t == 0 ? 0 : 1 - Math.min(1, upperRate * before * before);
      u = plus(gy(x, y), keepU, plus(u, -1, gy(oldX, oldY)));
      v = plus(neumann(x, y, .3, .3, 0, 4), keepV, plus(v, -1, neumann(oldX, oldY, .3, .3, 0, 4)));
      oldX = x;
      oldY = y;
      y = plus(y, -.4 * s, u);
      x = plus(x, -.2 * s, v);
      before = s;
    }
    check(
        "sustain",
        Map.of(
            "upperLr",
            .2,
            "lowerLr",
            .4,
            "decay",
            decay,
            "offset",
            3,
            "upperRate",
            upperRate,
            "lowerRate",
            lowerRate,
            "neumannTerms",
            5,
            "neumannStep",
            .3,
            "neumannForm",
            "a"),
        states);
  }

  @Test
  void mrbo() {
    double[] x = X0;
    double[] y = Y0;
    double[] oldX = X0;
    double[] oldY = Y0;
    double[] u = new double[2];
    double[] v = new double[3];
    var states = new ArrayList<Map<String, double[]>>();
    double before = Double.NaN;
    for (int k = 0; k <= STEPS; k++) {
      states.add(state("x", x, "y", y, "previousX", oldX, "previousY", oldY, "u", u, "v", v));
      double eta = .9 * Math.pow(2.0 + k, -1.0 / 3);
      double keepU = k == 0 ? 0 : 1 - Math.min(1, 1.2 * before * before);
      double keepV = k == 0 ? 0 : 1 - Math.min(1, 2.5 * before * before);
      u = plus(gy(x, y), keepU, plus(u, -1, gy(oldX, oldY)));
      v = plus(neumann(x, y, .3, .3, 0, 5), keepV, plus(v, -1, neumann(oldX, oldY, .3, .3, 0, 5)));
      oldX = x;
      oldY = y;
      x = plus(x, -.2 * eta, v);
      y = plus(y, -.4 * eta, u);
      before = eta;
    }
    check(
        "mrbo",
        Map.of(
            "upperLr", .2,
            "lowerLr", .4,
            "scale", .9,
            "offset", 2,
            "upperRate", 2.5,
            "lowerRate", 1.2,
            "neumannTerms", 5,
            "neumannStep", .3),
        states);
  }

  /** Without noise the differences add up to the estimate at the point itself. */
  @ParameterizedTest
  @CsvSource({"2, 2", "0, 1", "3, 7"})
  void vrbo(int innerSteps, int period) {
    double[] x = X0;
    double[] y = Y0;
    double[] u = new double[2];
    double[] v = new double[3];
    var states = new ArrayList<Map<String, double[]>>();
    for (int k = 0; k <= STEPS; k++) {
      states.add(state("x", x, "y", y, "u", u, "v", v));
      if (k % period == 0) {
        u = gy(x, y);
        v = neumann(x, y, .3, .3, 0, 5);
      }
      double[] oldX = x;
      double[] oldY = y;
      x = plus(x, -.1, v);
      for (int j = 0; j <= innerSteps + 1; j++) {
        u = plus(plus(u, 1, gy(x, y)), -1, gy(oldX, oldY));
        v = plus(plus(v, 1, neumann(x, y, .3, .3, 0, 5)), -1, neumann(oldX, oldY, .3, .3, 0, 5));
        oldX = x;
        oldY = y;
        if (j < innerSteps + 1) {
          y = plus(y, -.2, u);
        }
      }
    }
    check(
        "vrbo",
        Map.of(
            "upperLr",
            .1,
            "lowerLr",
            .2,
            "innerSteps",
            innerSteps,
            "period",
            period,
            "neumannTerms",
            5,
            "neumannStep",
            .3),
        states);
  }

  private static double[] accelerated(double[] x, double[] start, int steps, double lr) {
    double[] y = start;
    double[] previous = start;
    for (int i = 0; i < steps; i++) {
      double[] w = plus(y, .4, plus(y, -1, previous));
      previous = y;
      y = plus(w, -lr, gy(x, w));
    }
    return y;
  }

  @ParameterizedTest
  @ValueSource(strings = {"every-step", "periodic"})
  void accBo(String variant) {
    double[] x = X0;
    double[] y = accelerated(x, Y0, 4, .25);
    double[] previous = y;
    double[] average = y;
    double[] oldX = X0;
    double[] oldAverage = y;
    double[] m = new double[3];
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y, "average", average, "m", m));
      double[] now = neumann(x, average, .3, .3, 0, 4);
      m = t == 0 ? now : plus(now, .8, plus(m, -1, neumann(oldX, oldAverage, .3, .3, 0, 4)));
      double[] next = y;
      if (variant.equals("every-step")) {
        double[] w = plus(y, .4, plus(y, -1, previous));
        next = plus(w, -.2, gy(x, w));
      } else if (t % 3 == 0) {
        next = accelerated(x, y, 2, .2);
      }
      previous = y;
      y = next;
      oldAverage = average;
      average = plus(plus(average, -.3, average), .3, y);
      oldX = x;
      x = plus(x, -.05 / Dense.norm(m), m);
    }
    check(
        "accbo",
        Map.ofEntries(
            Map.entry("variant", variant),
            Map.entry("upperLr", .05),
            Map.entry("lowerLr", .2),
            Map.entry("warmStartSteps", 4),
            Map.entry("warmStartLr", .25),
            Map.entry("momentum", .8),
            Map.entry("extrapolation", .4),
            Map.entry("averaging", .3),
            Map.entry("neumannTerms", 5),
            Map.entry("neumannStep", .3),
            Map.entry("period", 3),
            Map.entry("lowerSteps", 2)),
        states);
  }
}
