package org.stackel.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.distributed.Together;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Metrics;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Ranks decide together. */
class AlikeTest {
  private record State(Tensor x, Tensor y) implements AlgorithmState {}

  private record Seen(double[] x, double[] y, String broken) {}

  /** Each rank's state after an evaluation in which the first found this. */
  private static List<Seen> judged(Explosion.Broken found, double drift) {
    return Together.on(
        3,
        ranks -> {
          try (var scope = StateScope.open()) {
            Tensor x = Tensors.of(Device.CPU64, 1, 2 + drift * ranks.rank());
            var state = new State(x, Tensors.of(Device.CPU64, 3));
            var broken =
                new Alike(ranks).judged(ranks.isFirst() ? found : null, false, state, Set.of());
            return new Seen(
                Tensors.toArray(state.x()),
                Tensors.toArray(state.y()),
                broken == null ? "" : broken.quantity());
          }
        });
  }

  @Test
  void statesThatDriftedApartBecomeTheFirstOnes() {
    assertThat(judged(null, 1e-9))
        .hasSize(3)
        .allSatisfy(
            seen -> {
              assertThat(seen.x()).containsExactly(1, 2);
              assertThat(seen.y()).containsExactly(3);
              assertThat(seen.broken()).isEmpty();
            });
  }

  @Test
  void allHearOfADivergence() {
    assertThat(judged(new Explosion.Broken("upperLoss", 1e9, null), 0))
        .extracting(Seen::broken)
        .containsExactly("upperLoss", "the state", "the state");
  }

  @Test
  void theClockOfTheFirstCounts() {
    assertThat(Together.on(2, ranks -> new Alike(ranks).asFirst(ranks.rank() == 1)))
        .containsExactly(false, false);
    assertThat(Together.on(2, ranks -> new Alike(ranks).asFirst(ranks.isFirst())))
        .containsExactly(true, true);
  }

  @Test
  void othersGoOnWhereTheFirstResumes() {
    var calls = new OracleCalls(1, 2, 3, 4, 50);
    var from = new ResumePoint(Path.of("state"), 7, calls, 1.5, Metrics.NONE, .5);
    List<Alike.Point> points =
        Together.on(
            2,
            ranks ->
                ranks.isFirst()
                    ? new Alike(ranks).point(from, calls)
                    : new Alike(ranks).point(null, OracleCalls.NONE));
    assertThat(points).hasSize(2).containsOnly(new Alike.Point(7, calls, .5));
  }
}
