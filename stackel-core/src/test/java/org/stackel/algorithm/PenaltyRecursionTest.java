package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.stackel.algorithm.MatrixProblem.A;
import static org.stackel.algorithm.MatrixProblem.B;
import static org.stackel.algorithm.MatrixProblem.C;
import static org.stackel.algorithm.MatrixProblem.QUARTIC;
import static org.stackel.algorithm.MatrixProblem.STEPS;
import static org.stackel.algorithm.MatrixProblem.X0;
import static org.stackel.algorithm.MatrixProblem.Y0;
import static org.stackel.algorithm.MatrixProblem.check;
import static org.stackel.algorithm.MatrixProblem.cross;
import static org.stackel.algorithm.MatrixProblem.fx;
import static org.stackel.algorithm.MatrixProblem.fy;
import static org.stackel.algorithm.MatrixProblem.gy;
import static org.stackel.algorithm.MatrixProblem.hessian;
import static org.stackel.algorithm.MatrixProblem.state;
import static org.stackel.problem.Dense.dot;
import static org.stackel.problem.Dense.plus;
import static org.stackel.problem.Dense.times;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.problem.Dense;

/**
 * Penalty, unrolled, least-squares and dense methods written once more in plain numbers, on the
 * problem of {@link MatrixProblem}.
 */
class PenaltyRecursionTest {
  // ---- more of the problem ---------------------------------------------------------------------

  private static double[] tanh(double[] x) {
    double[] tanh = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      tanh[i] = Math.tanh(x[i]);
    }
    return tanh;
  }

  /** g = ½ yᵀAy - yᵀ(B tanh(x) + c) + q/4 Σ yᵢ⁴. */
  private static double g(double[] x, double[] y) {
    double sum = .5 * dot(y, times(A, y)) - dot(y, plus(times(B, tanh(x)), 1, C));
    for (double number : y) {
      sum += QUARTIC / 4 * Math.pow(number, 4);
    }
    return sum;
  }

  /** ∇x g = -diag(1 - tanh²) Bᵀy: the cross derivative does not move with y. */
  private static double[] gx(double[] x, double[] y) {
    return cross(x, y);
  }

  private static double[] descend(double[] x, double[] from, int steps, double lr) {
    double[] y = from;
    for (int i = 0; i < steps; i++) {
      y = plus(y, -lr, gy(x, y));
    }
    return y;
  }

  private static double[] number(double value) {
    return new double[] {value};
  }

  private interface Body {
    Map<String, double[]> after(int t, Map<String, double[]> state);
  }

  private static List<Map<String, double[]>> run(Map<String, double[]> first, Body body) {
    var states = new ArrayList<>(List.of(first));
    for (int t = 0; t < STEPS; t++) {
      states.add(body.after(t, states.get(t)));
    }
    return states;
  }

  // ---- penalties -------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"1, 0", "3, .2"})
  void f2sa(int steps, double growth) {
    var states =
        run(
            state("x", X0, "y", Y0, "zeta", Y0),
            (t, s) -> {
              double[] x = s.get("x");
              double lambda = 1.5 + growth * t;
              double[] zeta = descend(x, s.get("zeta"), steps, .2);
              double[] y = s.get("y");
              double lr = .1 / Math.sqrt(t + 1);
              for (int i = 0; i < steps; i++) {
                y = plus(y, -lr, plus(fy(x, y), lambda, gy(x, y)));
              }
              double[] apart = plus(gx(x, y), -1, gx(x, zeta));
              return state("x", plus(x, -.05, plus(fx(x, y), lambda, apart)), "y", y, "zeta", zeta);
            });
    check(
        "f2sa",
        Map.of(
            "lowerSteps",
            steps,
            "valueLr",
            .2,
            "lowerLr",
            Map.of("type", "power", "initial", .1, "exponent", .5),
            "upperLr",
            .05,
            "multiplier",
            1.5,
            "multiplierStep",
            growth),
        states);
  }

  @ParameterizedTest
  @CsvSource({"gradient-norm, 0", "gradient-norm, .1", "value, 1e-8"})
  void bome(String type, double epsilon) {
    var states =
        run(
            state("x", X0, "y", Y0, "lambda", number(0)),
            (t, s) -> {
              double[] x = s.get("x");
              double[] y = s.get("y");
              double[] theta = descend(x, y, 4, .2);
              double[] qx = plus(gx(x, y), -1, gx(x, theta));
              double[] qy = gy(x, y);
              double square = dot(qx, qx) + dot(qy, qy);
              double phi = .7 * (type.equals("value") ? g(x, y) - g(x, theta) : square);
              double inner = dot(fx(x, y), qx) + dot(fy(x, y), qy);
              double lambda = Math.max(0, (phi - inner) / (square + epsilon));
              return state(
                  "x",
                  plus(x, -.05, plus(fx(x, y), lambda, qx)),
                  "y",
                  plus(y, -.05, plus(fy(x, y), lambda, qy)),
                  "lambda",
                  number(lambda));
            });
    check(
        "bome",
        Map.of(
            "lowerSteps",
            4,
            "lowerLr",
            .2,
            "stepSize",
            .05,
            "barrier",
            .7,
            "barrierType",
            type,
            "epsilon",
            epsilon),
        states);
  }

  @ParameterizedTest
  @CsvSource({"v-pbgd, previous, 1", "v-pbgd, y, 3", "v-pbsgd, previous, 3", "v-pbsgd, y, 1"})
  void vPbgd(String name, String start, int steps) {
    var states =
        run(
            state("x", X0, "y", Y0, "omega", Y0),
            (t, s) -> {
              double[] x = s.get("x");
              double[] y = s.get("y");
              double[] omega = start.equals("y") ? y : s.get("omega");
              for (int i = 1; i <= steps; i++) {
                double lr = name.equals("v-pbsgd") ? .2 / Math.sqrt(i) : .2;
                omega = plus(omega, -lr, gy(x, omega));
              }
              double[] apart = plus(gx(x, y), -1, gx(x, omega));
              return state(
                  "x",
                  plus(x, -.02, plus(fx(x, y), 4, apart)),
                  "y",
                  plus(y, -.02, plus(fy(x, y), 4, gy(x, y))),
                  "omega",
                  omega);
            });
    check(
        name,
        Map.of(
            "lowerSteps", steps, "valueLr", .2, "stepSize", .02, "penalty", 4, "valueStart", start),
        states);
  }

  private static double decay(String name, double n) {
    return switch (name) {
      case "log" -> 1 / Math.log(1.1 * n);
      case "exponential" -> Math.pow(1 / 1.1, n);
      case "power" -> Math.exp(-1.1 * Math.log(n));
      case "reciprocal" -> 1 / 1.1 / n;
      default -> 1;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"log", "exponential", "power", "reciprocal", "none"})
  void bvfsm(String name) {
    var states =
        run(
            state("x", X0, "y", Y0, "z", Y0),
            (t, s) -> {
              double r = decay(name, t + 1);
              double[] x = s.get("x");
              double[] z = s.get("z");
              for (int i = 0; i < 4; i++) {
                z = plus(z, -.2, plus(gy(x, z), .05 * r, z));
              }
              double value = g(x, z) + .5 * .05 * r * dot(z, z);
              double[] y = s.get("y");
              for (int i = 0; i < 3; i++) {
                double slope = Math.max(0, g(x, y) - value) / (2 * r);
                double[] down = plus(plus(fy(x, y), slope, gy(x, y)), .1 * r, y);
                y = plus(y, -.1, down);
              }
              double slope = Math.max(0, g(x, y) - value) / (2 * r);
              double[] apart = plus(gx(x, y), -1, gx(x, z));
              return state("x", plus(x, -.05, plus(fx(x, y), slope, apart)), "y", y, "z", z);
            });
    check(
        "bvfsm",
        Map.of(
            "valueSteps", 4,
            "lowerSteps", 3,
            "valueLr", .2,
            "lowerLr", .1,
            "upperLr", .05,
            "valueRegularization", .05,
            "lowerRegularization", .1,
            "penalty", 2,
            "decay", name),
        states);
  }

  // ---- linear systems --------------------------------------------------------------------------

  @Test
  void amigo() {
    var states =
        run(
            state("x", X0, "y", Y0, "z", new double[2]),
            (t, s) -> {
              double[] x = s.get("x");
              double[] y = descend(x, s.get("y"), 2, .2);
              double[] z = s.get("z");
              for (int i = 0; i < 3; i++) {
                z = plus(z, -.3, plus(hessian(y, z), 1, fy(x, y)));
              }
              return state("x", plus(x, -.1, plus(fx(x, y), 1, cross(x, z))), "y", y, "z", z);
            });
    check(
        "amigo",
        Map.of(
            "lowerSteps",
            2,
            "lowerLr",
            .2,
            "linearSystemSteps",
            3,
            "linearSystemLr",
            .3,
            "upperLr",
            .1),
        states);
  }

  @Test
  void galet() {
    var states =
        run(
            state("x", X0, "y", Y0, "w", new double[2]),
            (t, s) -> {
              double[] x = s.get("x");
              double[] y = descend(x, s.get("y"), 2, .2);
              double[] w = leastSquares(y, new double[2], fy(x, y), 4, .1);
              return state("x", plus(x, -.1, plus(fx(x, y), 1, cross(x, w))), "y", y, "w", w);
            });
    check(
        "galet",
        Map.of(
            "lowerSteps",
            2,
            "lowerLr",
            .2,
            "linearSystemSteps",
            4,
            "linearSystemLr",
            .1,
            "upperLr",
            .1),
        states);
  }

  private static double[] leastSquares(
      double[] y, double[] from, double[] b, int steps, double lr) {
    double[] w = from;
    for (int i = 0; i < steps; i++) {
      w = plus(w, -lr, hessian(y, plus(hessian(y, w), 1, b)));
    }
    return w;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 5})
  void bgsOpt(int unrolled) {
    var states =
        run(
            state("x", X0, "y", Y0, "a", new double[2]),
            (t, s) -> {
              double[] x = s.get("x");
              Reverse reverse = reverse(x, s.get("y"), 5, .15, unrolled);
              double[] y = reverse.y;
              double[] a = leastSquares(y, s.get("a"), reverse.adjoint, 3, .1);
              return state(
                  "x", plus(x, -.1, plus(reverse.direction, 1, cross(x, a))), "y", y, "a", a);
            });
    check(
        "bgs-opt",
        Map.of(
            "lowerSteps",
            5,
            "lowerLr",
            .15,
            "linearSystemSteps",
            3,
            "linearSystemLr",
            .1,
            "upperLr",
            .1,
            "unrolledSteps",
            unrolled),
        states);
  }

  // ---- unrolled --------------------------------------------------------------------------------

  private record Reverse(double[] y, double[] direction, double[] adjoint) {}

  /** Forward sensitivities, not reverse: dy/dx and dy/dy₀ are carried along. */
  private static Reverse reverse(double[] x, double[] y0, int steps, double lr, int last) {
    double[] y = descend(x, y0, steps - last, lr);
    double[][] toX = new double[x.length][2]; // row i: dy/dxᵢ
    double[][] toY = {{1, 0}, {0, 1}};
    for (int i = steps - last; i < steps; i++) {
      for (int j = 0; j < x.length; j++) {
        double[] unit = new double[x.length];
        unit[j] = 1;
        double[] bend = crossTransposed(x, unit);
        toX[j] = plus(plus(toX[j], -lr, hessian(y, toX[j])), -lr, bend);
      }
      for (int j = 0; j < 2; j++) {
        toY[j] = plus(toY[j], -lr, hessian(y, toY[j]));
      }
      y = plus(y, -lr, gy(x, y));
    }
    double[] b = fy(x, y);
    return new Reverse(y, plus(fx(x, y), 1, times(toX, b)), times(toY, b));
  }

  /** {@code ∇²yx g u = -B diag(1 - tanh²) u}. */
  private static double[] crossTransposed(double[] x, double[] u) {
    double[] tanh = tanh(x);
    double[] scaled = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      scaled[i] = -(1 - tanh[i] * tanh[i]) * u[i];
    }
    return times(B, scaled);
  }

  @ParameterizedTest
  @CsvSource({
    "7, 7, false",
    "7, 7, true",
    "7, 3, false",
    "7, 3, true",
    "1, 1, true",
    "10, 9, true"
  })
  void itd(int steps, int truncate, boolean recompute) {
    var states =
        run(
            state("x", X0, "y", Y0),
            (t, s) -> {
              double[] x = s.get("x");
              Reverse reverse = reverse(x, s.get("y"), steps, .15, truncate);
              return state("x", plus(x, -.1, reverse.direction), "y", reverse.y);
            });
    var options =
        new HashMap<String, Object>(
            Map.of("lowerSteps", steps, "lowerLr", .15, "upperLr", .1, "recompute", recompute));
    if (truncate < steps) {
      options.put("truncate", truncate);
    }
    check("itd", options, states);
  }

  @ParameterizedTest
  @ValueSource(strings = {"first", "second"})
  void anil(String order) {
    var states =
        run(
            state("x", X0, "y", Y0),
            (t, s) -> {
              double[] x = s.get("x");
              double[] y = s.get("y");
              Reverse reverse = reverse(x, y, 4, .15, order.equals("second") ? 4 : 0);
              return state(
                  "x", plus(x, -.1, reverse.direction), "y", plus(y, -.1, reverse.adjoint));
            });
    check("anil", Map.of("adaptSteps", 4, "adaptLr", .15, "upperLr", .1, "order", order), states);
  }

  /** The meta-gradient of order two by central differences: exact to about 1e-9. */
  @ParameterizedTest
  @ValueSource(strings = {"first", "second"})
  void maml(String order) {
    var states =
        run(
            state("x", X0, "y", Y0),
            (t, s) -> {
              double[] x = s.get("x");
              double[] y = s.get("y");
              double[][] end = adapt(x, y);
              double[] dx = fx(end[0], end[1]);
              double[] dy = fy(end[0], end[1]);
              if (order.equals("second")) {
                dx = slope(x, y, true);
                dy = slope(x, y, false);
              }
              return state("x", plus(x, -.1, dx), "y", plus(y, -.1, dy));
            });
    check("maml", Map.of("adaptSteps", 3, "adaptLr", .1, "upperLr", .1, "order", order), states);
  }

  private static double[][] adapt(double[] x0, double[] y0) {
    double[] x = x0;
    double[] y = y0;
    for (int i = 0; i < 3; i++) {
      double[] dx = gx(x, y);
      y = plus(y, -.1, gy(x, y));
      x = plus(x, -.1, dx);
    }
    return new double[][] {x, y};
  }

  private static double f(double[] x, double[] y) {
    // f is quadratic: half its gradient at the point plus that at 0 tells its difference from f(0).
    double[] zeroX = new double[x.length];
    double[] zeroY = new double[y.length];
    return .5
        * (dot(plus(fx(x, y), 1, fx(zeroX, zeroY)), x)
            + dot(plus(fy(x, y), 1, fy(zeroX, zeroY)), y));
  }

  /** Richardson's extrapolation of central differences. */
  private static double[] slope(double[] x, double[] y, boolean inX) {
    double[] slope = new double[inX ? x.length : y.length];
    for (int i = 0; i < slope.length; i++) {
      double wide = slope(x, y, inX, i, 2e-3);
      double narrow = slope(x, y, inX, i, 1e-3);
      slope[i] = (4 * narrow - wide) / 3;
    }
    return slope;
  }

  private static double slope(double[] x, double[] y, boolean inX, int i, double h) {
    double[] e = new double[inX ? x.length : y.length];
    e[i] = h;
    double[][] high = inX ? adapt(plus(x, 1, e), y) : adapt(x, plus(y, 1, e));
    double[][] low = inX ? adapt(plus(x, -1, e), y) : adapt(x, plus(y, -1, e));
    return (f(high[0], high[1]) - f(low[0], low[1])) / (2 * h);
  }

  // ---- dense -----------------------------------------------------------------------------------

  /** 2×2 symmetric, eigenvalues clipped, by the closed form of its eigenvectors. */
  private static double[][] clip(double[][] h, double low, double high) {
    double mean = (h[0][0] + h[1][1]) / 2;
    double half = (h[0][0] - h[1][1]) / 2;
    double off = (h[0][1] + h[1][0]) / 2;
    double root = Math.hypot(half, off);
    double one = Math.max(low, Math.min(high, mean + root));
    double two = Math.max(low, Math.min(high, mean - root));
    double cos = root == 0 ? 1 : half / root;
    double sin = root == 0 ? 0 : off / root;
    double middle = (one + two) / 2;
    double part = (one - two) / 2;
    return new double[][] {{middle + part * cos, part * sin}, {part * sin, middle - part * cos}};
  }

  private static double[][] dense(double[] y) {
    return new double[][] {hessian(y, new double[] {1, 0}), hessian(y, new double[] {0, 1})};
  }

  private static double[][] denseCross(double[] x) {
    return Dense.transposed(
        new double[][] {cross(x, new double[] {1, 0}), cross(x, new double[] {0, 1})});
  }

  private static double[] shorten(double[] v, double most) {
    return plus(new double[v.length], Math.min(1, most / Dense.norm(v)), v);
  }

  /** Singular values clipped: J (JᵀJ)^-½ clipped, through the 2×2 JᵀJ. */
  private static double[][] clipCross(double[][] j, double most) {
    double[][] gram = new double[2][2];
    for (double[] row : j) {
      for (int a = 0; a < 2; a++) {
        for (int b = 0; b < 2; b++) {
          gram[a][b] += row[a] * row[b];
        }
      }
    }
    // J times the matrix with eigenvalues min(1, most/σ) on the eigenvectors of JᵀJ.
    double half = (gram[0][0] - gram[1][1]) / 2;
    double root = Math.hypot(half, gram[0][1]);
    double mean = (gram[0][0] + gram[1][1]) / 2;
    double one = Math.min(1, most / Math.sqrt(mean + root));
    double two = Math.min(1, most / Math.sqrt(mean - root));
    double middle = (one + two) / 2;
    double part = (one - two) / 2;
    double[][] factor = {
      {middle + part * half / root, part * gram[0][1] / root},
      {part * gram[0][1] / root, middle - part * half / root}
    };
    double[][] clipped = new double[j.length][];
    for (int i = 0; i < j.length; i++) {
      clipped[i] = times(factor, j[i]);
    }
    return clipped;
  }

  private static final Map<String, Object> CLIPS =
      Map.of("curvatureMin", 1.6, "curvatureMax", 2.2, "upperGradientBound", .8, "crossBound", .7);

  private static double[] clippedDirection(
      double[] u, double[] h, double[][] cross, double[][] hessian) {
    return plus(u, -1, times(cross, Dense.solve(hessian, h)));
  }

  @Test
  void mgBioWithClips() {
    var states =
        run(
            state("x", X0, "y", Y0),
            (t, s) -> {
              double[] x = s.get("x");
              double[] y = s.get("y");
              double[] w =
                  clippedDirection(
                      fx(x, y),
                      shorten(fy(x, y), .8),
                      clipCross(denseCross(x), .7),
                      clip(dense(y), 1.6, 2.2));
              double[] v = gy(x, y);
              return state("x", plus(x, -.6 * .1, w), "y", plus(y, -.6 * .2, v), "w", w, "v", v);
            });
    var options = new HashMap<String, Object>(CLIPS);
    options.putAll(Map.of("upperLr", .1, "lowerLr", .2, "relaxation", .6));
    check("mgbio", options, states);
  }

  private static double[] mix(double[] from, double c, double[] to) {
    return plus(from, c, plus(to, -1, from));
  }

  private static double[][] mix(double[][] from, double c, double[][] to) {
    double[][] mixed = new double[from.length][];
    for (int i = 0; i < from.length; i++) {
      mixed[i] = mix(from[i], c, to[i]);
    }
    return mixed;
  }

  private static double[][] unflat(double[] numbers) {
    double[][] rows = new double[numbers.length / 2][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new double[] {numbers[2 * i], numbers[2 * i + 1]};
    }
    return rows;
  }

  private static Map<String, double[]> averages(
      double[] x, double[] y, double[] u, double[] h, double[] v, double[][] j, double[][] hess) {
    double[] shortH = shorten(h, .8);
    double[][] cross = clipCross(j, .7);
    double[][] hessian = clip(hess, 1.6, 2.2);
    return state(
        "x", x,
        "y", y,
        "u", u,
        "h", shortH,
        "v", v,
        "cross", Dense.flat(cross),
        "hessian", Dense.flat(hessian),
        "w", clippedDirection(u, shortH, cross, hessian));
  }

  @ParameterizedTest
  @ValueSource(strings = {"msgbio", "vr-msgbio"})
  void msgBioWithClips(String name) {
    boolean recursive = name.equals("vr-msgbio");
    var states =
        run(
            averages(X0, Y0, fx(X0, Y0), fy(X0, Y0), gy(X0, Y0), denseCross(X0), dense(Y0)),
            (t, s) -> {
              double eta = .9 / Math.pow(3 + (t + 1), recursive ? 1. / 3 : .5);
              double c = recursive ? eta * eta : eta;
              double[] oldX = s.get("x");
              double[] oldY = s.get("y");
              double[] x = plus(oldX, -.1 * eta, s.get("w"));
              double[] y = plus(oldY, -.2 * eta, s.get("v"));
              double[] u = s.get("u");
              double[] h = s.get("h");
              double[] v = s.get("v");
              double[][] j = unflat(s.get("cross"));
              double[][] hess = unflat(s.get("hessian"));
              if (recursive) { // the average, carried to the new point
                u = plus(u, 1, plus(fx(x, y), -1, fx(oldX, oldY)));
                h = plus(h, 1, plus(fy(x, y), -1, fy(oldX, oldY)));
                v = plus(v, 1, plus(gy(x, y), -1, gy(oldX, oldY)));
                j = moved(j, denseCross(x), denseCross(oldX));
                hess = moved(hess, dense(y), dense(oldY));
              }
              return averages(
                  x,
                  y,
                  mix(u, Math.min(1, .5 * c), fx(x, y)),
                  mix(h, Math.min(1, c), fy(x, y)),
                  mix(v, Math.min(1, 1.5 * c), gy(x, y)),
                  mix(j, Math.min(1, 2 * c), denseCross(x)),
                  mix(hess, Math.min(1, 2.5 * c), dense(y)));
            });
    var options = new HashMap<String, Object>(CLIPS);
    options.putAll(
        Map.of(
            "upperLr",
            .1,
            "lowerLr",
            .2,
            "k",
            .9,
            "m",
            3,
            "coefficients",
            Map.of("upperX", .5, "upperY", 1, "lowerY", 1.5, "cross", 2, "hessian", 2.5)));
    check(name, options, states);
    assertThat(states.get(STEPS).get("x")[0]).isNotCloseTo(X0[0], within(1e-2));
  }

  private static double[][] moved(double[][] average, double[][] now, double[][] before) {
    double[][] moved = new double[average.length][];
    for (int i = 0; i < average.length; i++) {
      moved[i] = plus(average[i], 1, plus(now[i], -1, before[i]));
    }
    return moved;
  }
}
