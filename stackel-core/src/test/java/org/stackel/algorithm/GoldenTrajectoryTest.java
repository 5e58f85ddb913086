package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void soba(String sampling) {
    check(
        "soba",
        Map.of(
            "upperLr",
            .05,
            "lowerLr",
            .1,
            "upperExponent",
            0,
            "lowerExponent",
            0,
            "sampling",
            sampling),
        "x y z",
        SOBA,
        1e-9);
  }

  /** With one block the memory is the block: nothing is left of it. */
  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void sabaOfOneBlockIsSobaWithConstantRates(String sampling) {
    var options = Map.of("upperLr", .05, "lowerLr", .1, "sampling", sampling);
    check("saba", options, "x y z", SOBA, 1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"soba", "saba"})
  void sobaAndSabaGoToTheirLimit(String name) {
    var options = new HashMap<String, Object>(Map.of("upperLr", .05, "lowerLr", .1));
    if (name.equals("soba")) {
      options.putAll(Map.of("upperExponent", 0, "lowerExponent", 0));
    }
    var last = Trajectory.of(Algorithms.create(name, options), Q1, 500).get(500);
    double[] found = {last.get("x")[0], last.get("y")[0], last.get("z")[0]};
    assertThat(found).containsExactly(new double[] {1.2, .6, -1.2}, within(1e-9));
  }

  private static final double[][] SOBA = {
    {1, 0, 0}, {.95, .1, -.3}, {.9175, .175, -.53}, {.898125, .23175, -.7065}
  };

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void maSoba(String sampling) {
    check(
        "ma-soba",
        Map.of(
            "upperLr", .05,
            "lowerLr", .1,
            "linearSystemLr", .1,
            "averaging", .2,
            "sampling", sampling),
        "x y z h",
        new double[][] {
          {1, 0, 0, 0}, {1, .1, -.3, .2}, {.99, .18, -.53, .3}, {.975, .243, -.706, .332}
        },
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void accBo(String sampling) {
    check(
        "accbo",
        Map.of("upperLr", .05, "lowerLr", .1, "neumannStep", .25, "sampling", sampling),
        "x y average m",
        new double[][] {
          {1, .324, .324, 0},
          {1.05, .3592, .3416, -.17075},
          {1.1, .40644, .37402, -.11305},
          {1.15, .454048, .414034, -.04886625}
        },
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void stocBio(String sampling) {
    check(
        "stocbio",
        Map.of("upperLr", .05, "lowerLr", .1, "neumannStep", .25, "sampling", sampling),
        "x y",
        new double[][] {
          {1, 0},
          {1.01459375, .244},
          {1.0254463545, .372488875},
          {1.0341523989, .4409232145}
        },
        1e-9);
  }

  /** Without noise the momentum corrects exactly, whatever its coefficient. */
  @ParameterizedTest
  @CsvSource({
    "sustain, .3, independent", "sustain, .3, shared", "sustain, 1, independent",
    "sustain, 1, shared", "mrbo, .3, independent", "mrbo, .3, shared",
    "mrbo, 1, independent", "mrbo, 1, shared"
  })
  void recursiveMomentumWithoutNoiseIsPlainDescent(String name, double rate, String sampling) {
    var options = new HashMap<String, Object>();
    options.put("upperLr", .05);
    options.put("lowerLr", .1);
    options.put("upperRate", rate);
    options.put("lowerRate", rate);
    options.put("neumannForm", "a");
    options.put("neumannTerms", 3);
    options.put("neumannStep", .25);
    options.put("sampling", sampling);
    if (name.equals("sustain")) {
      options.put("decay", "constant");
    } else {
      options.put("offset", 1); // so that the coefficients start at the rates
    }
    double x = 1;
    double y = 0;
    double[][] expected = new double[12][];
    for (int t = 0; t < expected.length; t++) {
      expected[t] = new double[] {x, y};
      double eta = name.equals("sustain") ? 1 : 1 / Math.cbrt(1 + t);
      double v = .4375 * (y - 3); // (1 + 1/2 + 1/4) / 4
      double gradY = 2 * y - x;
      x -= .05 * eta * (x + v);
      y -= .1 * eta * gradY;
    }
    check(name, options, "x y", expected, 1e-9);
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
    check(
        "v-pbgd",
        options(sampling, "lowerSteps", 2, "valueLr", .25, "stepSize", .05, "penalty", 5),
        "x y omega",
        new double[][] {
          {1, 0, 0},
          {.85625, .4, .375},
          {.8097265625, .5440625, .4148437500},
          {.8034162598, .5972597656, .4073583984}
        },
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(doubles = {2, 8})
  void vPbgdTendsToItsPenaltysMinimiser(double penalty) {
    Map<String, Object> options =
        options("shared", "valueLr", .5, "stepSize", .2 / penalty, "penalty", penalty);
    var last = Trajectory.of(Algorithms.create("v-pbgd", options), Q1, 1200).get(1200);
    double x = 3 * penalty / (1 + 2.5 * penalty);
    assertThat(last.get("x")[0]).isCloseTo(x, within(1e-8));
    assertThat(last.get("y")[0]).isCloseTo((3 + penalty * x) / (1 + 2 * penalty), within(1e-8));
    assertThat(last.get("omega")[0]).isCloseTo(x / 2, within(1e-8));
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

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void mgBio(String sampling) {
    check(
        "mgbio",
        options(sampling, "upperLr", .5, "lowerLr", .5, "relaxation", .2),
        "x y w v",
        new double[][] {
          {1, 0, 0, 0},
          {1.05, .1, -.5, -1},
          {1.09, .185, -.4, -.85},
          {1.12175, .257, -.3175, -.72}
        },
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void msgBio(String sampling) {
    check(
        "msgbio",
        options(sampling, "upperLr", .5, "lowerLr", .5, "k", 1, "m", 4),
        "x y u h v",
        new double[][] {
          {1, 0, 1, -3, -1},
          {1.1118033989, .2236067977, 1.1, -2.8, -.7},
          {1.1730406424, .3664936994, 1.1596374348, -2.6640584637, -.4877543622},
          {1.2056196298, .4586706096, 1.1943967070, -2.5712840046, -.3369647163}
        },
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void vrMsgBio(String sampling) {
    Map<String, Object> options = options(sampling, "upperLr", .5, "lowerLr", .5);
    check(
        "vr-msgbio",
        options,
        "x y",
        new double[][] {
          {1, 0},
          {1.1201874642, .2403749284},
          {1.1804411059, .3887752513},
          {1.2085823804, .4793539856}
        },
        1e-9);
    for (var state : Trajectory.of(Algorithms.create("vr-msgbio", options), Q1, 9)) {
      double x = state.get("x")[0];
      double y = state.get("y")[0];
      assertThat(state.get("u")[0]).isCloseTo(x, within(1e-12));
      assertThat(state.get("h")[0]).isCloseTo(y - 3, within(1e-12));
      assertThat(state.get("v")[0]).isCloseTo(2 * y - x, within(1e-12));
      assertThat(state.get("cross")[0]).isEqualTo(-1);
      assertThat(state.get("hessian")[0]).isEqualTo(2);
    }
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
