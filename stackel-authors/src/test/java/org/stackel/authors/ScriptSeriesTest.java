package org.stackel.authors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.stackel.authors.ScriptSeries.Form;
import org.stackel.hypergradient.ChosenLength;
import org.stackel.hypergradient.Hypergradient;
import org.stackel.hypergradient.Solved;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.LossPair;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** What the scripts' series make of v = -1.5 on the scalar problem at (0, 0), with η = 1/4. */
class ScriptSeriesTest {
  private StateScope scope;
  private LossPair problem;
  private Tensor zero;

  @BeforeEach
  void open() {
    scope = StateScope.open();
    problem = Solved.scalar();
    zero = Solved.vector(0);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private double[] both(ScriptSeries series, StochasticOracle oracle) {
    Hypergradient estimate = series.sample(oracle).at(zero, zero);
    return new double[] {Tensors.item(estimate.solution()), Tensors.item(estimate.direction())};
  }

  private double[] both(ScriptSeries series, Sampling sampling) {
    return both(series, Solved.oracle(problem, new Seed(1), sampling));
  }

  @ParameterizedTest
  @CsvSource({
    "1, -0.75, -1.875, -0.375, -0.375",
    "2, -0.75, -2.4375, -0.5625, -0.28125",
    "3, -0.75, -2.71875, -0.65625, -0.21875",
    "5, -0.75, -2.9296875, -0.7265625, -0.1453125",
    "10, -0.75, -2.997802734375, -0.749267578125, -0.0749267578125"
  })
  void theTableOfScripts(
      int terms, double lastTwice, double unscaled, double shifted, double random) {
    for (Sampling sampling : Sampling.values()) {
      // Here D_xy g = -1 and ∇x f = 0: the hypergradient is v.
      assertThat(both(new ScriptSeries(Form.LAST_TWICE, terms, .25), sampling))
          .containsExactly(new double[] {lastTwice, lastTwice}, within(1e-12));
      assertThat(both(new ScriptSeries(Form.UNSCALED, terms, .25), sampling))
          .containsExactly(new double[] {unscaled, unscaled}, within(1e-12));
      assertThat(both(new ScriptSeries(Form.SHIFTED, terms, .25), sampling))
          .containsExactly(new double[] {shifted, shifted}, within(1e-12));
    }
    double mean =
        IntStream.range(0, terms).mapToDouble(i -> ofLength(i, terms)).average().orElseThrow();
    assertThat(mean).as("over all lengths").isCloseTo(random, within(1e-12));
  }

  private double ofLength(int drawn, int terms) {
    StochasticOracle inner = Solved.oracle(problem, new Seed(1), Sampling.INDEPENDENT);
    var oracle = new ChosenLength(inner, terms, drawn);
    return both(new ScriptSeries(Form.RANDOM, terms, .25), oracle)[0];
  }

  /** {@code A v}, where an estimator tends to v. */
  @Test
  void theLimitIsAnother() {
    double estimate = both(new ScriptSeries(Form.LAST_TWICE, 400, .1), Sampling.INDEPENDENT)[0];
    assertThat(estimate).isCloseTo(-1.5 * .8, within(1e-12));
  }

  @ParameterizedTest
  @EnumSource
  void drawsEverySampleBeforeItEvaluates(Form form) {
    for (Sampling sampling : Sampling.values()) {
      problem.forget();
      var oracle = new CountingOracle(Solved.oracle(problem, new Seed(8), sampling));
      var sampled = new ScriptSeries(form, 5, .25).sample(oracle);
      assertThat(oracle.calls()).isEqualTo(OracleCalls.NONE);
      var draws = new ArrayList<>(problem.lowerDraws());
      assertThat(draws).doesNotHaveDuplicates();
      double first = Tensors.item(sampled.at(zero, zero).solution());
      OracleCalls once = oracle.calls();
      assertThat(Tensors.item(sampled.at(zero, zero).solution())).isEqualTo(first);
      assertThat(problem.lowerDraws()).as("no draws later").isEqualTo(draws);
      long products = once.hessianVector();
      if (form == Form.RANDOM || form == Form.RANDOM_LENGTH) {
        assertThat(products).isBetween(1L, 5L);
      } else {
        assertThat(products).isEqualTo(5);
      }
      assertThat(draws).hasSize(sampling == Sampling.SHARED ? 1 : 1 + (int) products);
      assertThat(problem.upperDraws()).hasSize(1);
      assertThat(once).isEqualTo(new OracleCalls(1, 0, products, 1));
    }
  }
}
