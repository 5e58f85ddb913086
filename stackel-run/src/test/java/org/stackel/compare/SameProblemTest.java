package org.stackel.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;

class SameProblemTest {
  private static Experiment experiment(String algorithm, long seed, int batch) {
    return Experiment.of(
        Map.of(
            "problem",
            Map.of("type", "quadratic-sum", "d", 3, "p", 2, "n", 16, "batch", batch),
            "algorithm",
            Map.of("type", algorithm),
            "seed",
            seed,
            "steps",
            2));
  }

  @Test
  void isOpenedOnceForRunsOnTheSameDataOnly() {
    try (var same = new SameProblem()) {
      BilevelProblem<?> first = same.of(experiment("slip", 1, 8));
      assertThat(same.of(experiment("soba", 1, 8))).isSameAs(first);
      BilevelProblem<?> seed = same.of(experiment("soba", 2, 8));
      assertThat(seed).isNotSameAs(first);
      assertThat(same.of(experiment("soba", 2, 4))).isNotSameAs(seed);
    }
  }
}
