package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.OracleCalls;
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
  @ValueSource(strings = {"adambo", "bo-rep", "slip"})
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
  @ValueSource(strings = {"adambo", "bo-rep", "slip"})
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
  @ValueSource(strings = {"adambo", "bo-rep", "slip"})
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
}
