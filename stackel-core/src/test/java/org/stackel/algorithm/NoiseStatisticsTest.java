package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.optim.Schedule;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.LossPair;
import org.stackel.problem.Noise;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * What momenta make of noise. Every number of x has noise of its own, so that one run shows the
 * statistics; y plays no part: {@code g = ½|y|², f = ½ curvature |x|²} plus a linear term of noise.
 */
class NoiseStatisticsTest {
  private static final int SIZE = 4000;
  private static final int STEPS = 120;
  private static final double BETA = .9;

  private static LossPair problem(double x0, double curvature) {
    double[] x = new double[SIZE];
    Arrays.fill(x, x0);
    return new LossPair(
        x,
        new double[] {0},
        (a, b) -> Tensors.scale(curvature / 2, a.dot(a)),
        (a, b) -> Tensors.scale(.5, b.dot(b)),
        new Noise(1, 0));
  }

  /**
   * Mean and variance of the numbers of {@code momentum - curvature · x}, x where the momentum's
   * last estimate was taken.
   */
  private static double[] statistics(
      String name, String momentum, Map<String, ?> options, double x0, double curvature) {
    try (var run =
        Runs.start(
                Algorithms.create(name, new HashMap<>(options)),
                problem(x0, curvature),
                new Seed(5))
            .steps(STEPS)) {
      double[] x = run.numbers().get("x");
      run.steps(1);
      double[] m = run.numbers().get(momentum);
      double mean = 0;
      double square = 0;
      for (int i = 0; i < SIZE; i++) {
        double error = m[i] - curvature * x[i];
        mean += error / SIZE;
        square += error * error / SIZE;
      }
      return new double[] {mean, square - mean * mean};
    }
  }

  /** The variance left of 1, with standard error √(2/4000), or 2.2 %, of itself. */
  @ParameterizedTest
  @CsvSource({
    "slip, m, .0526316", // (1 - β) / (1 + β)
    "bo-rep, m, .0526316",
    "ma-soba, h, .0526316",
    "accbo, m, .0526316", // a / (2 - a), a = 1 - β
    "sustain, v, .0526316",
  })
  void momentaAverageNoiseAway(String name, String momentum, double variance) {
    var options = new HashMap<String, Object>();
    if (name.equals("sustain")) {
      options.putAll(Map.of("decay", "constant", "upperRate", .1, "lowerRate", .1));
      options.put("upperLr", 1e-6);
    } else {
      options.put("upperLr", 1e-6);
      options.put(
          name.equals("ma-soba") ? "averaging" : "momentum", name.equals("ma-soba") ? .1 : BETA);
    }
    double[] found = statistics(name, momentum, options, 0, 0);
    assertThat(found[1]).isCloseTo(variance, within(.11 * variance));
    assertThat(found[0]).isCloseTo(0, within(5 * Math.sqrt(variance / SIZE)));
  }

  /**
   * x falls by .1 a step, in all its numbers: a moving average is β/(1-β) steps late, a recursive
   * momentum is not, with the same variance.
   */
  @ParameterizedTest
  @CsvSource({"slip, .9", "accbo, 0"})
  void recursiveMomentumHasNoLag(String name, double lag) {
    Map<String, ?> options = Map.of("upperLr", .1 * Math.sqrt(SIZE), "momentum", BETA);
    double[] found = statistics(name, "m", options, 100, 1);
    assertThat(found[0]).isCloseTo(lag, within(.02));
    assertThat(found[1]).isCloseTo(.0526316, within(.2 * .0526316));
  }

  /** SGD around the minimiser of {@code y²}: variance γσ² / (a(2 - γa)) with a = 2. */
  @Test
  void lowerStepsStayInTheirBallOfNoise() {
    try (var scope = StateScope.open()) {
      var problem =
          new LossPair(
              new double[] {0},
              new double[SIZE],
              (x, y) -> x.sum(),
              (x, y) -> y.dot(y),
              new Noise(1, 0));
      var oracle = new AutogradOracle<>(problem, new Seed(2), Sampling.SHARED, Shard.ALL);
      var x = Tensors.zeros(Device.CPU64, 1);
      var y = Tensors.zeros(Device.CPU64, SIZE);
      y = LowerSteps.descend(x, y, 100, Schedule.constant(.1), oracle);
      assertThat(Tensors.item(y.dot(y)) / SIZE).isCloseTo(.0277778, within(.11 * .0277778));
    }
  }

  /** y behind a solution that moves by δ a step is late by δ / (γa), with a = 2. */
  @ParameterizedTest
  @CsvSource({".1, .125", ".4, .03125", ".9, .013888888888889"})
  void yIsLateByTheDriftOverItsRate(double lr, double lag) {
    var problem =
        new LossPair(
            new double[] {0},
            new double[] {0},
            (x, y) -> x.sum(),
            (x, y) -> y.dot(y).sub(x.dot(y)));
    var options = Map.of("upperLr", .05, "lowerLr", lr, "warmStartSteps", 0);
    try (var run =
        Runs.start(Algorithms.create("slip", new HashMap<>(options)), problem, new Seed(1))
            .steps(200)) {
      double x = run.numbers().get("x")[0]; // falls by .05 a step, y* = x/2 by half of that
      assertThat(run.numbers().get("y")[0] - x / 2).isCloseTo(lag, within(1e-12));
    }
  }

  /**
   * SNAG on curvature 2 with step .1 and extrapolation .5 has a complex pair of roots of modulus
   * √.4. Then {@code e_{k+1} e_{k-1} - e_k²} shrinks by exactly .4 a step.
   */
  @Test
  void snagContractsAsItsRootsSay() {
    try (var scope = StateScope.open()) {
      var problem =
          new LossPair(new double[] {0}, new double[] {1}, (x, y) -> x.sum(), (x, y) -> y.dot(y));
      var oracle = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL);
      double[] e = new double[14];
      for (int k = 0; k < e.length; k++) {
        var x = Tensors.zeros(Device.CPU64, 1);
        var y = Tensors.of(Device.CPU64, 1);
        e[k] = Tensors.item(LowerSteps.accelerated(x, y, k, Schedule.constant(.1), .5, oracle));
      }
      assertThat(e[1]).isCloseTo(.8, within(1e-15)); // the first step is plain
      for (int k = 1; k + 2 < e.length; k++) {
        double now = e[k + 1] * e[k - 1] - e[k] * e[k];
        double next = e[k + 2] * e[k] - e[k + 1] * e[k + 1];
        assertThat(next / now).isCloseTo(.4, within(1e-9));
      }
    }
  }
}
