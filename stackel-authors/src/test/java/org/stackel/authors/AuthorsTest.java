package org.stackel.authors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.stackel.algorithm.MatrixProblem.X0;
import static org.stackel.algorithm.MatrixProblem.Y0;
import static org.stackel.algorithm.MatrixProblem.direction;
import static org.stackel.algorithm.MatrixProblem.fy;
import static org.stackel.algorithm.MatrixProblem.gy;
import static org.stackel.algorithm.MatrixProblem.hessian;
import static org.stackel.algorithm.MatrixProblem.state;
import static org.stackel.problem.Dense.norm;
import static org.stackel.problem.Dense.plus;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.MatrixProblem;
import org.stackel.algorithm.Runs;
import org.stackel.algorithm.Trajectory;
import org.stackel.hypergradient.ChosenLength;
import org.stackel.oracle.CountingOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.LossPair;
import org.stackel.problem.Noise;
import org.stackel.problem.ProblemOptions;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * What the published scripts do, against their recursions written once more in plain numbers, on
 * the problem of {@link MatrixProblem}, whose x has two parts here.
 */
class AuthorsTest {
  private static final int STEPS = 25;
  private static final Layout PARTS = Layout.EMPTY.with("weight", 2).with("bias", 1);
  private static final ProblemOptions PROBLEM =
      (data, device) -> inParts(MatrixProblem.PROBLEM.open(data, device));

  private static BilevelProblem<?> inParts(BilevelProblem<?> problem) {
    return proxy(BilevelProblem.class, problem, Map.of("upperLayout", PARTS));
  }

  /** An object of which some methods without arguments give other answers. */
  private static <T> T proxy(Class<T> type, T original, Map<String, ?> answers) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (answers.containsKey(method.getName())) {
            return answers.get(method.getName());
          }
          try {
            return method.invoke(original, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** Compares with the recursion, and looks whether the paper's is another. */
  private static void check(
      String name, Map<String, ?> options, List<Map<String, double[]>> expected) {
    assertThat(expected).hasSize(STEPS + 1);
    for (String sampling : List.of("independent", "shared")) {
      var all = new HashMap<String, Object>(options);
      all.put("sampling", sampling);
      var found = Trajectory.of(Algorithms.create(name, all), PROBLEM, STEPS);
      for (int t = 0; t <= STEPS; t++) {
        for (var column : expected.get(t).entrySet()) {
          assertThat(found.get(t).get(column.getKey()))
              .as("%s after %d steps, %s sampling", column.getKey(), t, sampling)
              .containsExactly(column.getValue(), within(1e-9));
        }
      }
      var paper = Trajectory.of(Algorithms.create(paper(name), all), PROBLEM, STEPS);
      double[] difference = plus(found.get(STEPS).get("x"), -1, paper.get(STEPS).get("x"));
      assertThat(norm(difference)).as("from the paper's").isGreaterThan(1e-3);
    }
  }

  private static String paper(String name) {
    return name.substring(0, name.indexOf("-authors"));
  }

  /** {@code x - lr m / (|m| + 1e-10)}. */
  private static double[] normalized(double[] x, double lr, double[] m) {
    return plus(x, -lr / (norm(m) + 1e-10), m);
  }

  /** The same in x₁ and x₂, and in x₃, each by itself. */
  private static double[] normalizedInParts(double[] x, double lr, double[] m) {
    double first = Math.hypot(m[0], m[1]);
    return new double[] {
      x[0] - lr * m[0] / first, x[1] - lr * m[1] / first, x[2] - lr * Math.signum(m[2])
    };
  }

  // ---- scripts that carry z --------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"cleaning, 2", "few-shot, 1"})
  void slip(String script, int lowerSteps) {
    double[] x = X0;
    double[] y = plus(Y0, -.1, gy(X0, Y0));
    double[] z = new double[2];
    double[] m = new double[3];
    double[] leaked = new double[2];
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y, "z", z, "m", m, "leaked", leaked));
      double[] product = hessian(y, z);
      double[] sum = leaked;
      for (int i = 0; i < lowerSteps; i++) {
        sum = plus(sum, 1, gy(x, y));
        y = plus(y, -.1, sum);
      }
      leaked = fy(x, y);
      z = plus(plus(z, -.15, product), .15, leaked);
      m = plus(plus(m, -.2, m), .2, direction(x, y, z));
      x = normalized(x, .05, m);
    }
    check(
        "slip-authors-" + script,
        Map.of(
            "upperLr", .05,
            "lowerLr", .1,
            "linearSystemLr", .15,
            "momentum", .8,
            "warmStartSteps", 1),
        states);
  }

  @ParameterizedTest
  @CsvSource({"cleaning, 3, 4", "cleaning, 1, 1", "few-shot, 2, 3", "auc, 2, 4"})
  void boRep(String script, int period, int lowerSteps) {
    double[] x = X0;
    double[] y = Y0;
    double[] z = new double[2];
    double[] m = new double[3];
    double[] leaked = new double[2];
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      var columns = state("x", x, "y", y, "z", z, "m", m, "leaked", leaked);
      if (script.equals("auc")) {
        columns.remove("leaked"); // nothing leaks
      }
      states.add(columns);
      double[] product = hessian(y, z);
      double[] sum = leaked;
      for (int i = 0; t % period == 0 && i < lowerSteps; i++) {
        sum = plus(sum, 1, gy(x, y));
        y = plus(y, -.05, sum);
      }
      if (script.equals("few-shot")) {
        product = hessian(y, z);
      }
      z = plus(plus(z, -.15, product), .15, fy(x, y));
      m = plus(plus(m, -.2, m), .2, direction(x, y, z));
      if (script.equals("auc")) {
        x = normalizedInParts(x, .05, m);
      } else {
        leaked = fy(x, y);
        x = normalized(x, .05, m);
      }
    }
    check(
        "bo-rep-authors-" + script,
        Map.of(
            "upperLr",
            .05,
            "lowerLr",
            .05,
            "linearSystemLr",
            .15,
            "momentum",
            .8,
            "period",
            period,
            "lowerSteps",
            lowerSteps,
            "refinement",
            Map.of("epochs", 0)),
        states);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cleaning", "few-shot", "auc"})
  void maSoba(String script) {
    double[] x = X0;
    double[] y = Y0;
    double[] z = new double[2];
    double[] h = new double[3];
    double[] leaked = new double[2];
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      var columns = state("x", x, "y", y, "z", z, "h", h, "leaked", leaked);
      if (script.equals("auc")) {
        columns.remove("leaked"); // nothing leaks
      }
      states.add(columns);
      double[] product = hessian(y, z);
      y = plus(plus(y, -.2, gy(x, y)), -.2, leaked);
      z = plus(plus(z, -.15, product), .15, fy(x, y));
      h = plus(plus(h, -.3, h), .3, direction(x, y, z));
      leaked = script.equals("auc") ? leaked : fy(x, y);
      x = plus(x, -.1, h);
    }
    check(
        "ma-soba-authors-" + script,
        Map.of("lowerLr", .2, "upperLr", .1, "linearSystemLr", .15, "averaging", .3),
        states);
  }

  /** Which is MA-SOBA's with the hypergradient itself in place of its average. */
  @Test
  void saba() {
    double[] x = X0;
    double[] y = Y0;
    double[] z = new double[2];
    double[] leaked = new double[2];
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y, "z", z, "leaked", leaked));
      double[] product = hessian(y, z);
      y = plus(plus(y, -.2, gy(x, y)), -.2, leaked);
      leaked = fy(x, y);
      z = plus(plus(z, -.2, product), .2, leaked);
      x = plus(x, -.1, direction(x, y, z));
    }
    Map<String, ?> rates = Map.of("lowerLr", .2, "upperLr", .1);
    Map<String, ?> ofMaSoba =
        Map.of("lowerLr", .2, "upperLr", .1, "linearSystemLr", .2, "averaging", 1);
    MatrixProblem.check("saba-authors", rates, states);
    MatrixProblem.check("ma-soba-authors-cleaning", ofMaSoba, states);
    // The blocks of a finite sum, which the paper's recursion needs, are lost in two parts.
    var paper = Trajectory.of(Algorithms.create("saba", rates), MatrixProblem.PROBLEM, STEPS);
    double[] difference = plus(paper.get(STEPS).get("x"), -1, states.get(STEPS).get("x"));
    assertThat(norm(difference)).isGreaterThan(1e-3);
  }

  /** One lower sample for the Hessian and the first lower gradient, one a step more, one for x. */
  @ParameterizedTest
  @CsvSource({
    "slip-authors-cleaning, 3",
    "slip-authors-few-shot, 2",
    "ma-soba-authors-cleaning, 2",
    "ma-soba-authors-auc, 2",
    "saba-authors, 1", // shared
    "bo-rep-authors-cleaning, 4",
    "bo-rep-authors-few-shot, 5"
  })
  void theFirstLowerGradientIsOnTheSampleOfTheHessian(String name, int draws) {
    var problem =
        new LossPair(
            new double[] {1},
            new double[] {0},
            (x, y) -> x.dot(x).add(y.sum()),
            (x, y) -> y.dot(y).sub(x.dot(y)));
    try (var run = Runs.start(Algorithms.create(name, Map.of()), problem, new Seed(1))) {
      problem.forget();
      run.steps(1);
      assertThat(problem.lowerDraws()).hasSize(draws).doesNotHaveDuplicates();
      assertThat(problem.upperDraws()).hasSize(1);
    }
  }

  // ---- scripts with a series -------------------------------------------------------------------

  /** The direction with {@code v = Σ weights[q] (I - ηH)^q ∇y f}. */
  private static double[] series(double[] x, double[] y, double eta, double... weights) {
    double[] term = fy(x, y);
    double[] v = new double[2];
    for (double weight : weights) {
      v = plus(v, weight, term);
      term = plus(term, -eta, hessian(y, term));
    }
    return direction(x, y, v);
  }

  /** The series of the scripts of StocBiO and TTSA, with η = .3 and 3 terms. */
  private static double[] series(String script, double[] x, double[] y) {
    return switch (script) {
      case "cleaning" -> series(x, y, .3, 0, 1, 1, 1.3);
      case "few-shot" -> series(x, y, .3, 0, .3, .3, .6);
      default -> series(x, y, .3, 0, .3, .3, .3);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"cleaning", "few-shot", "auc"})
  void stocBio(String script) {
    double[] x = X0;
    double[] y = Y0;
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y));
      double[] sum = new double[2];
      for (int i = 0; i < 4; i++) {
        sum = script.equals("cleaning") ? plus(sum, 1, gy(x, y)) : gy(x, y);
        y = plus(y, -.1, sum);
      }
      x = plus(x, -.05, series(script, x, y));
    }
    check(
        "stocbio-authors-" + script,
        Map.of(
            "upperLr", .05, "lowerLr", .1, "lowerSteps", 4, "neumannTerms", 3, "neumannStep", .3),
        states);
  }

  /** Of the random numbers of terms the smallest: two terms, of which one is drawn, or one. */
  @ParameterizedTest
  @CsvSource({"cleaning, 3", "few-shot, 2", "auc, 1"})
  void ttsa(String script, int terms) {
    double[] x = X0;
    double[] y = Y0;
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y));
      y = plus(y, -.3, gy(x, y));
      double[] h =
          switch (script) {
            case "cleaning" -> series(script, x, y);
            case "few-shot" -> series(x, y, .3, 0, .6);
            default -> series(x, y, .3, 0, .3);
          };
      x = plus(x, -.1, h);
    }
    check(
        "ttsa-authors-" + script,
        Map.of("upperLr", .1, "lowerLr", .3, "neumannTerms", terms, "neumannStep", .3),
        states);
  }

  /** Terms of TTSA's script by the number that is drawn, and how many numbers there are. */
  @ParameterizedTest
  @CsvSource({"few-shot, 0, 3", "few-shot, 2, 3", "auc, 0, 4", "auc, 3, 4"})
  void theLengthOfTtsaIsRandom(String script, int drawn, int bound) {
    var options = Map.of("upperLr", .1, "lowerLr", .3, "neumannTerms", 4, "neumannStep", .3);
    try (var scope = StateScope.open();
        var problem = MatrixProblem.PROBLEM.open(new Seed(0), Device.CPU64);
        var run =
            Runs.start(
                Algorithms.create("ttsa-authors-" + script, options), problem, new Seed(1))) {
      run.step(new ChosenLength(run.oracle(), bound, drawn));
      double[] y = plus(Y0, -.3, gy(X0, Y0));
      double[] weights = new double[drawn + 2];
      for (int q = 1; q <= drawn + 1; q++) {
        weights[q] = script.equals("auc") ? 0 : .3;
      }
      weights[drawn + 1] += .3;
      double[] x = plus(X0, -.1, series(X0, y, .3, weights));
      assertThat(run.numbers().get("x")).containsExactly(x, within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, .3})
  void adamBo(double weightDecay) {
    double[] x = X0;
    double[] y = plus(Y0, -.2, gy(X0, Y0));
    double[] first = new double[3];
    double[] second = new double[3];
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 1; t <= STEPS + 1; t++) {
      states.add(state("x", x, "y", y, "moments.first", first, "moments.second", second));
      y = plus(y, -.2, gy(x, y));
      double[] g = plus(series("few-shot", x, y), weightDecay, x);
      double[] moved = x.clone();
      for (int i = 0; i < 3; i++) {
        first[i] = .8 * first[i] + .2 * g[i];
        second[i] = .99 * second[i] + .01 * g[i] * g[i];
        double root = Math.sqrt(second[i] / (1 - Math.pow(.99, t)));
        moved[i] -= .05 * first[i] / (1 - Math.pow(.8, t)) / (root + 1e-6);
      }
      x = moved;
    }
    check(
        "adambo-authors-few-shot",
        Map.of(
            "upperLr", .05,
            "lowerLr", .2,
            "beta1", .8,
            "beta2", .99,
            "epsilon", 1e-6,
            "warmStartSteps", 1,
            "neumannTerms", 3,
            "neumannStep", .3,
            "weightDecay", weightDecay),
        states);
  }

  /** One term of the script's series is {@code η(I - ηH) b} without a choice. */
  @Test
  void accBo() {
    double[] x = X0;
    double[] y = Y0;
    for (int i = 0; i < 3; i++) {
      y = plus(y, -.1, gy(x, y));
    }
    double[] previous = y;
    double[] average = y;
    double[] m = new double[3];
    var states = new ArrayList<Map<String, double[]>>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(state("x", x, "y", y, "average", average, "m", m));
      double[] w = plus(y, .4, plus(y, -1, previous));
      previous = y;
      y = plus(w, -.2, gy(x, w));
      average = plus(plus(average, -.3, average), .3, y);
      m = series(x, average, .3, 0, .3);
      x = normalizedInParts(x, .05, m);
    }
    check(
        "accbo-authors-auc",
        Map.of(
            "upperLr", .05,
            "lowerLr", .2,
            "warmStartSteps", 3,
            "warmStartLr", .1,
            "extrapolation", .4,
            "averaging", .3,
            "neumannTerms", 1,
            "neumannStep", .3),
        states);
  }

  @Test
  void anOracleThatCountsKnowsTheParts() {
    try (var problem = PROBLEM.open(new Seed(0), Device.CPU64);
        var run =
            Runs.start(Algorithms.create("accbo-authors-auc", Map.of()), problem, new Seed(1))) {
      assertThat(new CountingOracle(run.oracle()).upperLayout()).isEqualTo(PARTS);
    }
  }

  /**
   * Nothing is left of AccBO's momentum: with x fixed, m has the variance of one estimate, which is
   * 1, where the paper's recursion has .05 of it. The standard error is 2.2 %.
   */
  @Test
  void theMomentumOfAccBoAveragesNoNoiseAway() {
    int size = 4000;
    var problem =
        new LossPair(
            new double[size],
            new double[] {0},
            (x, y) -> Tensors.scale(0, x.dot(x)),
            (x, y) -> Tensors.scale(.5, y.dot(y)),
            new Noise(1, 0));
    var algorithm = Algorithms.create("accbo-authors-auc", Map.of("upperLr", 1e-6));
    try (var run = Runs.start(algorithm, problem, new Seed(5)).steps(120)) {
      double norm = norm(run.numbers().get("m"));
      assertThat(norm * norm / size).isCloseTo(1, within(.11));
    }
  }
}
