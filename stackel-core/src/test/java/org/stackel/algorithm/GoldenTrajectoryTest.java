package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Problems;

/** Trajectories on g = y² - xy, f = (y-3)²/2 + x²/2, worked out independently. */
class GoldenTrajectoryTest {
  static final ProblemOptions Q1 =
      Problems.create(
          "quadratic",
          Map.of(
              "A", List.of(List.of(2.0)),
              "B", List.of(List.of(1.0)),
              "d", List.of(3.0),
              "E", List.of(List.of(1.0)),
              "x0", List.of(1.0)));

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void slip(String sampling) {
    check(
        "slip",
        Map.of("upperLr", .05, "lowerLr", .1, "linearSystemLr", .1, "sampling", sampling),
        "x y z m",
        new double[][] {
          {1, .244, 0, 0},
          {.95, .2952, -.2756, .1},
          {.9, .33116, -.49096, .15744},
          {.85, .354928, -.659652, .1826}
        },
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void boRep(String sampling) {
    check(
        "bo-rep",
        Map.of(
            "upperLr", .05,
            "lowerLr", .1,
            "linearSystemLr", .1,
            "refinement", Map.of("steps", 2, "lr", .2, "radius", 1, "epochs", 2),
            "sampling", sampling),
        "x y z m",
        new double[][] {
          {1, .358304, 0, 0},
          {.95, .358304, -.2641696, .1},
          {.9, .358304, -.47550528, .15858304},
          {.85, .403051648, -.6400990592, .1851742080},
          {.8, .403051648, -.7717740826, .1876468813}
        },
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void adamBo(String sampling) {
    check(
        "adambo",
        Map.of("upperLr", .05, "lowerLr", .1, "neumannStep", .25, "sampling", sampling),
        "x y moments.first",
        new double[][] {
          {1, .244, 0},
          {1.0499999976, .2952, -.020575},
          {1.0983533750, .3411599998, -.0318525002},
          {1.1426630620, .3827633373, -.0351561627}
        },
        1e-9);
    check(
        "adambo",
        Map.of("upperLr", .05, "lowerLr", .1, "neumannStep", .25, "sampling", sampling),
        "moments.second",
        new double[][] {{0}, {4.23331e-5}, {6.00730e-5}, {6.42235e-5}},
        1e-10);
  }

  private static Map<String, Object> options(String sampling, Object... keysAndValues) {
    var options = new HashMap<String, Object>();
    options.put("sampling", sampling);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return options;
  }

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void f2sa(String sampling) {
    check(
        "f2sa",
        options(sampling, "lowerSteps", 2, "valueLr", .1, "lowerLr", .05, "upperLr", .05),
        "x y zeta",
        new double[][] {
          {1, 0, 0},
          {.9595, .37, .18},
          {.930569487, .6341734, .28791},
          {.9117486333, .8135585849, .3517649077}
        },
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void bome(String sampling) {
    check(
        "bome",
        options(sampling, "lowerSteps", 2, "lowerLr", .25, "stepSize", .1, "epsilon", 0),
        "x y lambda",
        new double[][] {
          {1, 0, 0},
          {.9, .3, 0},
          {.81, .57, 0},
          {.8250642123, .5568287671, 7.7627646326}
        },
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void vPbgd(String sampling) {
    Map<String, Object> options =
        options(sampling, "lowerSteps", 2, "valueLr", .25, "stepSize", .05, "penalty", 5);
    check(
        "v-pbgd",
        options,
        "x y omega",
        new double[][] {
          {1, 0, 0},
          {.85625, .4, .375},
          {.8097265625, .5440625, .4148437500},
          {.8034162598, .5972597656, .4073583984}
        },
        1e-9);
    for (double penalty : new double[] {2, 8}) {
      options.put("penalty", penalty);
      options.put("stepSize", .1 / penalty);
      var last = Trajectory.of(Algorithms.create("v-pbgd", options), Q1, 1500).get(1500);
      double x = 3 * penalty / (1 + 2.5 * penalty);
      assertThat(last.get("x")[0]).isCloseTo(x, within(1e-9));
      assertThat(last.get("y")[0]).isCloseTo((3 + penalty * x) / (1 + 2 * penalty), within(1e-9));
      assertThat(last.get("omega")[0]).isCloseTo(x / 2, within(1e-9));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void galet(String sampling) {
    check(
        "galet",
        options(
            sampling,
            "lowerSteps",
            2,
            "lowerLr",
            .25,
            "linearSystemSteps",
            3,
            "linearSystemLr",
            .1,
            "upperLr",
            .05),
        "x y w",
        new double[][] {
          {1, 0, 0},
          {1.00145, .375, 1.029},
          {1.0009793425, .46929375, .99203685},
          {1.0000736378, .4926906909, .9828652492}
        },
        1e-9);
  }

  private static void check(
      String name, Map<String, ?> options, String columns, double[][] expected, double tolerance) {
    var states =
        Trajectory.of(Algorithms.create(name, new HashMap<>(options)), Q1, expected.length - 1);
    for (int t = 0; t < expected.length; t++) {
      Map<String, double[]> state = states.get(t);
      double[] found =
          Stream.of(columns.split(" ")).mapToDouble(column -> state.get(column)[0]).toArray();
      assertThat(found).as("state %d", t).containsExactly(expected[t], within(tolerance));
    }
  }
}
