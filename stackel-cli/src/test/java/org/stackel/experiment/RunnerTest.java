package org.stackel.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The runner as a library: no files. */
class RunnerTest {
  private static Experiment experiment(Object... more) {
    var values = new LinkedHashMap<String, Object>();
    values.put(
        "problem",
        Map.of(
            "type", "quadratic",
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "d", List.of(3),
            "E", List.of(List.of(1)),
            "x0", List.of(1)));
    values.put(
        "algorithm",
        Map.of("type", "slip", "upperLr", 0.05, "lowerLr", 0.1, "linearSystemLr", 0.1));
    for (int i = 0; i < more.length; i += 2) {
      values.put((String) more[i], more[i + 1]);
    }
    return Draft.of("test", values).experiment();
  }

  @Test
  void givesTheFinalPoint() {
    var end = new ArrayList<Double>();
    RunOutcome outcome =
        Runner.run(
            experiment("steps", 3),
            new RunListener() {
              @Override
              public Metrics completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
                end.add(Tensors.item(x));
                end.add(Tensors.item(y));
                return Metrics.NONE.with("made", 7);
              }
            });
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
    assertThat(outcome.metrics().get("made")).isEqualTo(7);
    assertThat(end.get(0)).isCloseTo(.85, within(1e-12));
    assertThat(end.get(1)).isCloseTo(.354928, within(1e-12));
  }

  @Test
  void tellsWhenThingsAreDue() {
    var evaluations = new ArrayList<Long>();
    var checkpoints = new ArrayList<Long>();
    var steps = new ArrayList<Long>();
    Runner.run(
        experiment("steps", 25, "evaluateEvery", 10, "checkpointEvery", 7),
        new RunListener() {
          @Override
          public void stepped(long step, Tensor x, Tensor y) {
            steps.add(step);
          }

          @Override
          public void evaluated(MetricsRow row) {
            evaluations.add(row.step());
          }

          @Override
          public void checkpoint(long step, Map<String, Tensor> state, OracleCalls calls) {
            assertThat(state.keySet()).containsExactly("x", "y", "z", "m");
            checkpoints.add(step);
          }
        });
    assertThat(evaluations).containsExactly(0L, 10L, 20L, 25L);
    assertThat(checkpoints).containsExactly(7L, 14L, 21L, 25L);
    assertThat(steps).hasSize(26).startsWith(0L).endsWith(25L);
  }

  @Test
  void stopsWhenAsked() {
    var saved = new ArrayList<Long>();
    RunOutcome outcome =
        Runner.run(
            experiment(),
            new RunListener() {
              private long last;

              @Override
              public void stepped(long step, Tensor x, Tensor y) {
                last = step;
              }

              @Override
              public void checkpoint(long step, Map<String, Tensor> state, OracleCalls calls) {
                saved.add(step);
              }

              @Override
              public boolean stopRequested() {
                return last == 13;
              }
            });
    assertThat(outcome).isInstanceOf(RunOutcome.Stopped.class);
    assertThat(outcome.step()).isEqualTo(13);
    assertThat(saved).containsExactly(13L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "step"})
  void namesWhatDiverged(String check) {
    RunOutcome outcome =
        Runner.run(
            experiment(
                "check",
                check,
                "steps",
                1000,
                "algorithm",
                Map.of("type", "slip", "linearSystemLr", 1e3)),
            new RunListener() {});
    assertThat(outcome).isInstanceOf(RunOutcome.Diverged.class);
    assertThat(((RunOutcome.Diverged) outcome).quantity()).isIn("x", "z");
  }

  @Test
  void nativeMemoryStaysFlat() {
    Runner.run(experiment("steps", 5), new RunListener() {});
    long before = StateScope.livePointers();
    Runner.run(experiment("steps", 200, "check", "full"), new RunListener() {});
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }
}
