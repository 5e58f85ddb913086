package org.stackel.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** Calls count once, however large their minibatch; samples tell how large it was. */
class CountedSamplesTest {
  private static final long LOWER = 7;
  private static final long UPPER = 5;

  private static BilevelProblem<?> logistic(long batch, long upperBatch) {
    return Problems.create(
            "logistic-hpo",
            Map.of("examples", 40, "features", 3, "batch", batch, "upperBatch", upperBatch))
        .open(new Seed(0), Device.CPU64);
  }

  private static OracleCalls calls(BilevelProblem<?> problem, int pieces) {
    Start at = problem.start(new Seed(0));
    var oracle =
        new CountingOracle(
            new AutogradOracle<>(problem, new Seed(1), Sampling.INDEPENDENT, Shard.ALL, pieces));
    oracle.upper().gradient(at.x(), at.y());
    oracle.lower().gradientY(at.x(), at.y());
    oracle.freshLower().value(at.x(), at.y());
    oracle.products(at.x(), at.y(), at.y());
    oracle.lower().hessianVector(at.x(), at.y(), new Gradient(at.x(), at.y()));
    return oracle.calls();
  }

  @Test
  void everyCallCountsTheSamplesOfItsMinibatch() {
    try (var scope = StateScope.open();
        var problem = logistic(LOWER, UPPER)) {
      assertThat(calls(problem, 1)).isEqualTo(new OracleCalls(1, 2, 2, 2, UPPER + 6 * LOWER));
      assertThat(calls(problem, 3)).isEqualTo(calls(problem, 1));
    }
  }

  /** As AdamBO's upper level on cleaning problems: one call, and every sample. */
  @Test
  void aWholeLevelCountsAllOfIt() {
    try (var scope = StateScope.open();
        var problem = logistic(LOWER, 0)) {
      assertThat(calls(problem, 1).samples()).isEqualTo(20 + 6 * LOWER);
    }
  }

  @Test
  void aDenseMatrixCountsAsManyProductsOnEverySample() {
    try (var scope = StateScope.open();
        var problem =
            Problems.create("pl-game", Map.of("d", 6, "r", 3, "n", 40, "batch", 4))
                .open(new Seed(0), Device.CPU64)) {
      Start at = problem.start(new Seed(0));
      var oracle =
          new CountingOracle(
              new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL));
      oracle.lower().linearize(at.x(), at.y()).dense();
      assertThat(oracle.calls()).isEqualTo(new OracleCalls(0, 0, 6, 6, 12 * 4));
    }
  }

  /** The quadratic is no mean over samples. */
  @Test
  void aLossWithoutSamplesCountsOne() {
    try (var scope = StateScope.open();
        var problem = Problems.create("toy", Map.of()).open(new Seed(0), Device.CPU64)) {
      OracleCalls calls = calls(problem, 1);
      assertThat(calls.samples()).isEqualTo(calls.total());
    }
  }
}
