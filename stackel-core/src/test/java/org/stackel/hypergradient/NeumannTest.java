package org.stackel.hypergradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.LossPair;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The table of estimates of v = -1.5 on the scalar problem at (0, 0), with η = 1/4. */
class NeumannTest {
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

  private Hypergradient estimate(Neumann neumann, StochasticOracle oracle) {
    return neumann.sample(oracle).at(zero, zero);
  }

  private double[] both(Neumann neumann, Sampling sampling) {
    var estimate = estimate(neumann, Solved.oracle(problem, new Seed(1), sampling));
    return new double[] {Tensors.item(estimate.solution()), Tensors.item(estimate.direction())};
  }

  @ParameterizedTest
  @CsvSource({
    "1, -0.75, -1.125",
    "2, -1.125, -1.3125",
    "3, -1.3125, -1.40625",
    "5, -1.453125, -1.4765625",
    "10, -1.49853515625, -1.499267578125"
  })
  void theTableOfEstimates(int terms, double a, double b) {
    for (Sampling sampling : Sampling.values()) {
      // Here D_xy g = -1 and ∇x f = 0: the hypergradient is v.
      assertThat(both(new Neumann(Neumann.Form.A, terms, .25), sampling))
          .containsExactly(new double[] {a, a}, within(1e-12));
      assertThat(both(new Neumann(Neumann.Form.B, terms, .25), sampling))
          .containsExactly(new double[] {b, b}, within(1e-12));
    }
    double mean =
        IntStream.range(0, terms).mapToDouble(p -> ofLength(p, terms)).average().orElseThrow();
    assertThat(mean).as("form C over all lengths").isCloseTo(a, within(1e-12));
  }

  private double ofLength(int p, int terms) {
    StochasticOracle inner = Solved.oracle(problem, new Seed(1), Sampling.INDEPENDENT);
    var form = new Neumann(Neumann.Form.C, terms, .25);
    return Tensors.item(estimate(form, new ChosenLength(inner, terms, p)).solution());
  }

  /** {@code -(1 - ηH)^terms v}. */
  @ParameterizedTest
  @CsvSource({"A, 4, 4", "B, 4, 5", "A, 9, 9", "B, 9, 10"})
  void theBiasIsAPowerOfTheContraction(Neumann.Form form, int terms, int power) {
    double estimate = both(new Neumann(form, terms, .1), Sampling.INDEPENDENT)[0];
    assertThat(estimate + 1.5).isCloseTo(1.5 * Math.pow(.8, power), within(1e-12));
  }

  /** Draws of three known sizes: mean -1.3125, standard deviation .70156. */
  @Test
  void randomLengthIsUnbiasedForTheSeries() {
    double[] values = {ofLength(0, 3), ofLength(1, 3), ofLength(2, 3)};
    assertThat(values).containsExactly(new double[] {-2.25, -1.125, -.5625}, within(1e-12));
    int draws = 100_000;
    double sum = 0;
    for (int i = 0; i < draws; i++) {
      sum += values[Solved.oracle(problem, new Seed(3).child(i), Sampling.SHARED).uniform(3)];
    }
    assertThat(sum / draws).isCloseTo(-1.3125, within(5 * .70156 / Math.sqrt(draws)));
    double few = 0;
    for (int i = 0; i < 1000; i++) {
      try (var inner = StateScope.open()) {
        var oracle = Solved.oracle(problem, new Seed(4).child(i), Sampling.INDEPENDENT);
        few +=
            Tensors.item(estimate(new Neumann(Neumann.Form.C, 3, .25), oracle).solution()) / 1000;
      }
    }
    assertThat(few)
        .as("through the oracle")
        .isCloseTo(-1.3125, within(5 * .70156 / Math.sqrt(1000)));
  }

  @ParameterizedTest
  @EnumSource(value = Neumann.Form.class)
  void drawsEverySampleBeforeItEvaluates(Neumann.Form form) {
    int terms = 5;
    for (Sampling sampling : Sampling.values()) {
      problem.forget();
      var oracle = new CountingOracle(Solved.oracle(problem, new Seed(8), sampling));
      var sampled = new Neumann(form, terms, .25).sample(oracle);
      assertThat(oracle.calls()).isEqualTo(OracleCalls.NONE);
      var draws = new ArrayList<>(problem.lowerDraws());
      assertThat(draws).doesNotHaveDuplicates();
      double first = Tensors.item(sampled.at(zero, zero).solution());
      OracleCalls once = oracle.calls();
      assertThat(Tensors.item(sampled.at(zero, zero).solution())).isEqualTo(first);
      assertThat(problem.lowerDraws()).as("no draws later").isEqualTo(draws);
      long products = once.hessianVector();
      boolean shared = sampling == Sampling.SHARED;
      switch (form) {
        case A -> assertThat(products).isEqualTo(shared ? 4 : 10);
        case B -> assertThat(products).isEqualTo(5);
        case C -> assertThat(products).isBetween(0L, 4L);
      }
      assertThat(draws).hasSize(shared ? 1 : 1 + (int) products);
      assertThat(problem.upperDraws()).hasSize(1);
      assertThat(once).isEqualTo(new OracleCalls(1, 0, products, 1));
    }
  }

  @Test
  void refusesSeriesWithoutTermsOrStep() {
    assertThatThrownBy(() -> new Neumann(Neumann.Form.A, 0, .1)).hasMessageContaining("terms (0)");
    assertThatThrownBy(() -> new Neumann(Neumann.Form.A, 1, 0)).hasMessageContaining("step (0");
  }
}
