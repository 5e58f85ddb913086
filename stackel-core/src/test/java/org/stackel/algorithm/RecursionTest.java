package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.problem.Dense;
import org.stackel.problem.Problems;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;

/**
 * Options and modes that the golden trajectories leave out, against the recursions written once
 * more in plain numbers: {@code g = y² - xy, f = (y-3)²/2 + x²/2}.
 */
class RecursionTest {
  private static final int STEPS = 7;
  private static final Map<String, Object> RATES =
      Map.of("upperLr", .05, "lowerLr", .1, "linearSystemLr", .1);

  private static double gy(double x, double y) {
    return 2 * y - x;
  }

  private static double fy(double y) {
    return y - 3;
  }

  private static double clamp(double value, double center, double radius) {
    return Math.max(center - radius, Math.min(center + radius, value));
  }

  private static void check(
      String name, Map<String, ?> options, String columns, List<double[]> expected) {
    var problem =
        Map.of(
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "d", List.of(3),
            "E", List.of(List.of(1)),
            "x0", List.of(1));
    for (String sampling : List.of("independent", "shared")) {
      var all = new HashMap<String, @Nullable Object>(options);
      all.put("sampling", sampling);
      try (var opened = Problems.create("quadratic", problem).open(new Seed(0), Device.CPU64);
          var run = Runs.start(Algorithms.create(name, all), opened, new Seed(1))) {
        for (int t = 0; t < expected.size(); t++) {
          double[] found = new double[expected.get(t).length];
          String[] keys = columns.split(" ");
          for (int i = 0; i < keys.length; i++) {
            found[i] = run.numbers().get(keys[i])[0];
          }
          assertThat(found).as("state %d", t).containsExactly(expected.get(t), within(1e-12));
          run.steps(1);
        }
      }
    }
  }

  private static Map<String, Object> with(Map<String, ?> more) {
    var all = new HashMap<String, Object>(RATES);
    all.putAll(more);
    return all;
  }

  @Test
  void slipWithSchedulesAndBall() {
    double x = 1;
    double y = 0;
    for (int i = 0; i < 4; i++) {
      y -= .3 / Math.pow(i + 1, .5) * gy(x, y);
    }
    double z = 0;
    double m = 0;
    var states = new ArrayList<double[]>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(new double[] {x, y, z, m});
      m = .8 * m + .2 * (x + z); // h = ∇x f - D_xy g z, and D_xy g = -1
      z = clamp(z - .1 * (2 * z - fy(y)), 0, .6);
      y = y - .1 * Math.pow(.5, t / 3) * gy(x, y);
      x = x - .05 / (t + 1) * Math.signum(m);
    }
    check(
        "slip",
        with(
            Map.of(
                "upperLr",
                Map.of("type", "power", "initial", .05, "exponent", 1),
                "lowerLr",
                Map.of("type", "step", "initial", .1, "factor", .5, "every", 3),
                "momentum",
                .8,
                "warmStartSteps",
                4,
                "warmStartLr",
                Map.of("type", "power", "initial", .3, "exponent", .5),
                "linearSystemRadius",
                .6)),
        "x y z m",
        states);
  }

  @Test
  void boRepWithBallsAndAverages() {
    double x = 1;
    double y = 0;
    double z = 0;
    double m = 0;
    for (int k = 0; k < 3; k++) {
      double center = y;
      double sum = 0;
      int count = 2 << k;
      for (int i = 0; i < count; i++) {
        y = clamp(y - .4 / (1 << k) * gy(x, y), center, .15 / Math.pow(2, k / 2.0));
        sum += y;
      }
      y = sum / count;
    }
    var states = new ArrayList<double[]>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(new double[] {x, y, z, m});
      if (t > 0 && t % 3 == 0) {
        double center = y;
        double sum = 0;
        for (int i = 0; i < 4; i++) {
          y = clamp(y - .1 * gy(x, y), center, .03);
          sum += y;
        }
        y = sum / 4;
      }
      m = .9 * m + .1 * (x + z);
      z = clamp(z - .1 * (2 * z - fy(y)), 0, .9);
      x = x - .05 * Math.signum(m);
    }
    check(
        "bo-rep",
        with(
            Map.of(
                "period",
                3,
                "lowerSteps",
                4,
                "lowerRadius",
                .03,
                "lowerOutput",
                "average",
                "linearSystemRadius",
                .9,
                "refinement",
                Map.of("lr", .4, "steps", 2, "radius", .15, "epochs", 3))),
        "x y z m",
        states);
  }

  @Test
  void boRepWithoutRefinementStartsWhereTheProblemDoes() {
    check(
        "bo-rep",
        with(Map.of("refinement", Map.of("epochs", 0))),
        "x y z m",
        List.<double[]>of(new double[] {1, 0, 0, 0}));
    double mean = (.05 + .05 + .9 * .05) / 2; // steps .05 from the lower rate: .05, .095
    check(
        "bo-rep",
        with(Map.of("lowerLr", .05, "refinement", Map.of("epochs", 1, "steps", 2))),
        "y",
        List.<double[]>of(new double[] {mean}));
  }

  /** However long the hypergradient is, and through noise. */
  @ParameterizedTest
  @ValueSource(strings = {"slip", "bo-rep"})
  void everyStepOfXIsAsLongAsItsRate(String name) {
    Seed seed = new Seed(3);
    var problem =
        Map.of(
            "A", Dense.option(Dense.spd(seed.child("A"), 5, 1)),
            "B", Dense.option(Dense.random(seed.child("B"), 5, 3)),
            "noise", Map.of("gradient", 10, "hessian", 10));
    try (var opened = Problems.create("quadratic", problem).open(new Seed(0), Device.CPU64);
        var run = Runs.start(Algorithms.create(name, RATES), opened, new Seed(1))) {
      for (int t = 0; t < 20; t++) {
        double[] before = run.numbers().get("x");
        run.steps(1);
        double[] step = Dense.plus(run.numbers().get("x"), -1, before);
        assertThat(Dense.norm(step)).isCloseTo(.05, within(1e-14));
      }
    }
  }

  /** The series of the scalar problem, with η = 1/4: 1 - ηH = 1/2. */
  private static double series(String form, double b, int terms) {
    double sum = 0;
    int last = form.equals("a") ? terms - 1 : terms;
    for (int q = 0; q <= last; q++) {
      sum += b * Math.pow(.5, q);
    }
    return .25 * sum;
  }

  private static List<double[]> adam(String form, double weightDecay) {
    double x = 1;
    double y = 0;
    for (int i = 0; i < 2; i++) {
      y -= .1 * gy(x, y);
    }
    double first = 0;
    double second = 0;
    var states = new ArrayList<double[]>();
    for (int t = 1; t <= STEPS; t++) {
      states.add(new double[] {x, y, first, second});
      double direction = x + series(form, fy(y), 4) + weightDecay * x;
      y -= .1 * gy(x, y);
      first = .8 * first + .2 * direction;
      second = .99 * second + .01 * direction * direction;
      double root = Math.sqrt(second / (1 - Math.pow(.99, t)));
      x -= .02 * first / (1 - Math.pow(.8, t)) / (root + 1e-3);
    }
    return states;
  }

  @Test
  void adamBoInEveryForm() {
    for (String form : List.of("a", "b")) {
      var options = new HashMap<String, Object>();
      options.put("upperLr", .02);
      options.put("lowerLr", .1);
      options.put("beta1", .8);
      options.put("beta2", .99);
      options.put("epsilon", 1e-3);
      options.put("warmStartSteps", 2);
      options.put("neumannTerms", 4);
      options.put("neumannStep", .25);
      options.put("neumannForm", form);
      options.put("weightDecay", .3);
      check("adambo", options, "x y moments.first moments.second", adam(form, .3));
    }
  }

  /** A warm start without a step size of its own has the one with which the loop begins. */
  @ParameterizedTest
  @ValueSource(strings = {"slip", "ls-adam", "adambo"})
  void theWarmStartKeepsTheFirstStepSize(String name) {
    double y = 0;
    for (int i = 0; i < 4; i++) {
      y -= .3 * gy(1, y);
    }
    check(
        name,
        Map.of(
            "lowerLr", Map.of("type", "power", "initial", .3, "exponent", .5), "warmStartSteps", 4),
        "x y",
        List.of(new double[] {1, y}));
  }

  @Test
  void theAcceleratedWarmStartToo() {
    double y = 0;
    double before = 0;
    for (int i = 0; i < 4; i++) {
      double w = y + .4 * (y - before);
      before = y;
      y = w - .3 * gy(1, w);
    }
    check(
        "accbo",
        Map.of(
            "lowerLr",
            Map.of("type", "step", "initial", .3, "factor", .5, "every", 1),
            "extrapolation",
            .4,
            "warmStartSteps",
            4),
        "x y average",
        List.of(new double[] {1, y, y}));
  }

  private static Map<String, Object> power(double initial, double exponent) {
    return Map.of("type", "power", "initial", initial, "exponent", exponent);
  }

  /** Neither moment falls without noise, so that the step sizes alone are left. */
  @ParameterizedTest
  @ValueSource(strings = {"sustain", "mrbo"})
  void schedulesMultiplyTheCubeRoot(String name) {
    double x = 1;
    double y = 0;
    var states = new ArrayList<double[]>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(new double[] {x, y});
      double scale = 1 / Math.cbrt(3 + t);
      double moved = y - .2 / Math.pow(t + 1, .5) * scale * gy(x, y);
      x -= .1 * Math.pow(.5, t / 2) * scale * (x + series("b", fy(y), 4));
      y = moved;
    }
    check(
        name,
        Map.of(
            "upperLr",
            Map.of("type", "step", "initial", .1, "factor", .5, "every", 2),
            "lowerLr",
            power(.2, .5),
            "offset",
            3,
            "neumannForm",
            "b",
            "neumannTerms",
            4,
            "neumannStep",
            .25),
        "x y",
        states);
  }

  @Test
  void schedulesMultiplyTheExponentsOfSobaAndTtsa() {
    double x = 1;
    double y = 0;
    double z = 0;
    var states = new ArrayList<double[]>();
    for (int t = 0; t <= STEPS; t++) {
      states.add(new double[] {x, y, z});
      double rho = .2 / Math.pow(t + 1, .7);
      double gradient = gy(x, y);
      x -= .1 / Math.pow(t + 1, .4) * (x + z);
      z -= rho * (2 * z - fy(y));
      y -= rho * gradient;
    }
    Map<String, Object> options =
        Map.of(
            "upperLr",
            power(.1, .1),
            "lowerLr",
            power(.2, .5),
            "upperExponent",
            .3,
            "lowerExponent",
            .2);
    check("soba", options, "x y z", states);

    x = 1;
    y = 0;
    states.clear();
    for (int t = 0; t <= STEPS; t++) {
      states.add(new double[] {x, y});
      y -= .2 / Math.pow(t + 1, .7) * gy(x, y);
      x -= .1 / Math.pow(t + 1, .4) * (x + series("b", fy(y), 4));
    }
    var ttsa = new HashMap<String, Object>(options);
    ttsa.putAll(Map.of("neumannForm", "b", "neumannTerms", 4, "neumannStep", .25));
    check("ttsa", ttsa, "x y", states);
  }

  /** After each step: u and v less the gradient and the hypergradient that they estimate. */
  private static List<double[]> errors(String name, double upperRate, double lowerRate) {
    var problem =
        Map.of(
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "d", List.of(3),
            "E", List.of(List.of(1)),
            "x0", List.of(1),
            "noise", Map.of("gradient", 1));
    var options =
        Map.of(
            "upperLr",
            .1,
            "lowerLr",
            .2,
            "offset",
            3,
            "upperRate",
            upperRate,
            "lowerRate",
            lowerRate,
            "neumannForm",
            "b",
            "neumannTerms",
            4,
            "neumannStep",
            .25);
    var errors = new ArrayList<double[]>();
    try (var opened = Problems.create("quadratic", problem).open(new Seed(0), Device.CPU64);
        var run = Runs.start(Algorithms.create(name, options), opened, new Seed(1))) {
      for (int t = 0; t < 5; t++) {
        double x = run.numbers().get("x")[0];
        double y = run.numbers().get("y")[0];
        run.steps(1);
        errors.add(
            new double[] {
              run.numbers().get("u")[0] - gy(x, y),
              run.numbers().get("v")[0] - x - series("b", fy(y), 4)
            });
      }
    }
    return errors;
  }

  /** A sample's noise is the same at both points here: an error is a ε + (1 - a) the one before. */
  @ParameterizedTest
  @ValueSource(strings = {"sustain", "mrbo"})
  void theWeightsOfTheMomentaFollowTheStepSizeBefore(String name) {
    List<double[]> noise = errors(name, 1e9, 1e9); // at most 1: the noise itself
    List<double[]> errors = errors(name, .9, .5);
    assertThat(errors.get(0)).containsExactly(noise.get(0), within(1e-12));
    for (int t = 1; t < 5; t++) {
      double square = 1 / Math.pow(3 + t - 1, 2 / 3.0);
      double[] expected = new double[2];
      for (int i = 0; i < 2; i++) {
        double a = (i == 0 ? .5 : .9) * square;
        expected[i] = a * noise.get(t)[i] + (1 - a) * errors.get(t - 1)[i];
        assertThat(noise.get(t)[i]).isNotZero();
      }
      assertThat(errors.get(t)).as("step %d", t).containsExactly(expected, within(1e-12));
    }
  }
}
