package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.ForwardingOracle;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.LossPair;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Which samples the steps of an algorithm see. */
class SampleDisciplineTest {
  private static LossPair problem(double x0) {
    return new LossPair(
        new double[] {x0},
        new double[] {0},
        (x, y) -> Tensors.scale(.5, x.dot(x)).add(y.dot(y)).sub(y.sum()),
        (x, y) -> y.dot(y).sub(x.dot(y)));
  }

  /** Draws of init and of each step: upper ones, lower ones. */
  private static List<List<List<Seed>>> draws(
      String name, String sampling, double x0, Seed seed, int steps) {
    var all = new ArrayList<List<List<Seed>>>();
    var problem = problem(x0);
    try (var run =
        Runs.start(Algorithms.create(name, Map.of("sampling", sampling)), problem, seed)) {
      all.add(List.of(problem.upperDraws(), problem.lowerDraws()));
      for (int t = 0; t < steps; t++) {
        problem.forget();
        run.steps(1);
        all.add(List.of(problem.upperDraws(), problem.lowerDraws()));
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "accbo", "adambo", "bo-rep", "ls-adam", "ma-soba", "mrbo", "slip", "soba", "stocbio",
        "sustain", "ttsa", "vrbo"
      })
  void drawsAreFunctionsOfTheSeedAlone(String name) {
    for (String sampling : List.of("independent", "shared")) {
      var draws = draws(name, sampling, 1, new Seed(1), 6);
      assertThat(draws(name, sampling, -7, new Seed(1), 6)).isEqualTo(draws);
      assertThat(draws(name, sampling, 1, new Seed(2), 6)).isNotEqualTo(draws);
      Set<Seed> distinct = new HashSet<>();
      int count = 0;
      for (var step : draws) {
        for (var level : step) {
          distinct.addAll(level);
          count += level.size();
        }
      }
      assertThat(distinct).as("no draw of a run comes twice").hasSize(count);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adambo", "amigo", "bgs-opt", "bo-rep", "galet", "ls-adam", "ma-soba", "slip", "stocbio",
        "ttsa"
      })
  void independentSamplingDrawsForEveryCall(String name) {
    var problem = problem(1);
    try (var scope = StateScope.open();
        var run = Runs.start(Algorithms.create(name, Map.of()), problem, new Seed(1))) {
      for (int t = 0; t < 6; t++) {
        problem.forget();
        var counting = new CountingOracle(run.oracle());
        run.step(counting);
        OracleCalls calls = counting.calls();
        assertThat(problem.upperDraws()).hasSize((int) calls.gradientF());
        assertThat(problem.lowerDraws())
            .hasSize((int) (calls.gradientG() + calls.hessianVector() + calls.crossVector()))
            .doesNotHaveDuplicates()
            .doesNotContainAnyElementsOf(problem.upperDraws());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "accbo", "adambo", "bo-rep", "ls-adam", "ma-soba", "mrbo", "slip", "soba", "sustain", "ttsa"
      })
  void sharedSamplingDrawsOncePerLevelAndAnewInLoops(String name) {
    var draws = draws(name, "shared", 1, new Seed(1), 6);
    assertThat(draws.get(0).get(0)).as("a warm start has no upper level").isEmpty();
    for (int t = 0; t < 6; t++) {
      var step = draws.get(t + 1);
      assertThat(step.get(0)).hasSize(1);
      boolean burst = name.equals("bo-rep") && t > 0 && t % 2 == 0;
      assertThat(step.get(1)).hasSize(burst ? 4 : 1).doesNotHaveDuplicates();
    }
  }

  /** Loops of lower steps draw for each step, and everything else once. */
  @ParameterizedTest
  @CsvSource({"stocbio, 4, 4", "vrbo, 6, 5"})
  void sharedSamplingDrawsAnewInLoops(String name, int evenSteps, int oddSteps) {
    var draws = draws(name, "shared", 1, new Seed(1), 6);
    for (int t = 0; t < 6; t++) {
      assertThat(draws.get(t + 1).get(0)).hasSize(1);
      assertThat(draws.get(t + 1).get(1))
          .hasSize(t % 2 == 0 ? evenSteps : oddSteps)
          .doesNotHaveDuplicates();
    }
  }

  /** By definition: one lower and one upper sample. */
  @ParameterizedTest
  @ValueSource(strings = {"independent", "shared"})
  void sobaDrawsOncePerLevel(String sampling) {
    var draws = draws("soba", sampling, 1, new Seed(1), 3);
    for (var step : draws.subList(1, 4)) {
      assertThat(step.get(0)).hasSize(1);
      assertThat(step.get(1)).hasSize(1);
    }
  }

  /** Where each sample of a step was asked. */
  private static List<Set<Point>> visits(Runs<?> run) {
    var visits = new VisitingOracle(run.oracle());
    run.step(visits);
    return visits.points();
  }

  private static Point point(Runs<?> run, String x, String y) {
    return new Point(run.numbers().get(x)[0], run.numbers().get(y)[0]);
  }

  /** All samples of an estimate, those of a random length too, see the new and the old point. */
  @ParameterizedTest
  @CsvSource({
    "mrbo, b, independent",
    "mrbo, a, shared",
    "sustain, c, independent",
    "sustain, c, shared",
    "sustain, a, independent"
  })
  void recursiveMomentumComparesOnOneSample(String name, String form, String sampling) {
    var options = Map.of("neumannForm", form, "sampling", sampling, "neumannTerms", 3);
    try (var run = Runs.start(Algorithms.create(name, options), problem(1), new Seed(1))) {
      assertThat(visits(run)).containsOnly(Set.of(new Point(1, 0)));
      for (int t = 1; t < 6; t++) {
        Point now = point(run, "x", "y");
        Point before = point(run, "previousX", "previousY");
        assertThat(now).isNotEqualTo(before);
        assertThat(visits(run)).containsOnly(Set.of(now, before));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"every-step", "periodic"})
  void accBoComparesOnOneSample(String variant) {
    var options = Map.of("variant", variant);
    try (var run = Runs.start(Algorithms.create("accbo", options), problem(1), new Seed(1))) {
      run.steps(1);
      for (int t = 1; t < 6; t++) {
        Point now = point(run, "x", "average");
        Point before = point(run, "previousX", "previousAverage");
        var visits = visits(run);
        // One upper sample, the cross product's, and three of the series.
        assertThat(visits.subList(0, 5)).containsOnly(Set.of(now, before));
        assertThat(visits).hasSize(variant.equals("every-step") ? 6 : t % 2 == 0 ? 8 : 5);
        assertThat(visits.subList(5, visits.size())).allMatch(points -> points.size() == 1);
      }
    }
  }

  /** The two Hessians of a step are of two samples: the mean of a square is not the square. */
  @ParameterizedTest
  @ValueSource(strings = {"bgs-opt", "galet"})
  void everyFactorOfTheNormalEquationHasASampleOfItsOwn(String name) {
    var options = Map.of("lowerSteps", 2, "linearSystemSteps", 3);
    try (var run = Runs.start(Algorithms.create(name, options), problem(1), new Seed(1))) {
      // Two lower steps, one upper sample, three pairs, the cross product's.
      assertThat(visits(run)).hasSize(2 + 1 + 6 + 1).allMatch(points -> points.size() == 1);
    }
  }

  /** Which it does by computing iterates once more. */
  @Test
  void itdRecomputesWhenTold() {
    long[] gradients = new long[2];
    for (boolean recompute : new boolean[] {false, true}) {
      var options = Map.of("lowerSteps", 9, "recompute", recompute);
      try (var scope = StateScope.open();
          var run = Runs.start(Algorithms.create("itd", options), problem(1), new Seed(1))) {
        var counting = new CountingOracle(run.oracle());
        run.step(counting);
        gradients[recompute ? 1 : 0] = counting.calls().gradientG();
      }
    }
    assertThat(gradients).containsExactly(9, 15); // three segments of three, two of each again
  }

  /** In the loop y moves, so a sample sees two neighbours; x and y changed in its first pair. */
  @Test
  void vrboComparesNeighboursOnOneSample() {
    var options = Map.of("neumannTerms", 1, "innerSteps", 2, "period", 2);
    try (var run = Runs.start(Algorithms.create("vrbo", options), problem(1), new Seed(1))) {
      for (int t = 0; t < 4; t++) {
        Point start = point(run, "x", "y");
        var visits = visits(run);
        int renewal = t % 2 == 0 ? 4 : 0; // f, cross, one factor, lower gradient
        assertThat(visits).hasSize(renewal + 4 * 4);
        assertThat(visits.subList(0, renewal)).allMatch(Set.of(start)::equals);
        Point old = start;
        double x = run.numbers().get("x")[0];
        for (int j = 0; j < 4; j++) {
          var four = visits.subList(renewal + 4 * j, renewal + 4 * j + 4);
          Set<Point> pair = four.get(0);
          assertThat(four).containsOnly(pair);
          assertThat(pair).hasSize(2).contains(old);
          Point before = old;
          old = pair.stream().filter(p -> !p.equals(before)).findFirst().orElseThrow();
          assertThat(old.x()).isEqualTo(x);
        }
        assertThat(old).isEqualTo(point(run, "x", "y"));
      }
    }
  }

  private record Point(double x, double y) {}

  /** Notes the points at which each sample is asked. */
  private static final class VisitingOracle extends ForwardingOracle {
    private final Map<SampledObjective, Set<Point>> visits = new LinkedHashMap<>();

    VisitingOracle(StochasticOracle oracle) {
      super(oracle);
    }

    List<Set<Point>> points() {
      return List.copyOf(visits.values());
    }

    @Override
    protected SampledObjective wrap(SampledObjective sample, boolean isUpper) {
      Set<Point> points = visits.computeIfAbsent(sample, s -> new HashSet<>());
      return new SampledObjective() {
        private void visit(Tensor x, Tensor y) {
          points.add(new Point(Tensors.item(x), Tensors.item(y)));
        }

        @Override
        public Tensor value(Tensor x, Tensor y) {
          visit(x, y);
          return sample.value(x, y);
        }

        @Override
        public Gradient gradient(Tensor x, Tensor y) {
          visit(x, y);
          return sample.gradient(x, y);
        }

        @Override
        public Tensor gradientY(Tensor x, Tensor y) {
          visit(x, y);
          return sample.gradientY(x, y);
        }

        @Override
        public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
          visit(x, y);
          return sample.hessianVector(x, y, v);
        }

        @Override
        public Linearization linearize(Tensor x, Tensor y) {
          Linearization at = sample.linearize(x, y);
          return (Linearization)
              Proxy.newProxyInstance(
                  Linearization.class.getClassLoader(),
                  new Class<?>[] {Linearization.class},
                  (proxy, method, arguments) -> {
                    visit(x, y); // what is linearised and not asked does not count
                    return method.invoke(at, arguments);
                  });
        }
      };
    }
  }
}
