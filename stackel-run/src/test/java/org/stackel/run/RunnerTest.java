package org.stackel.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.distributed.Ranks;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.tensor.NativeObjects;
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
              public void completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
                end.add(Tensors.item(x));
                end.add(Tensors.item(y));
              }
            });
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
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

  /** The state is finite, (2y - …)² of it is not. */
  @Test
  void aLossThatIsNotFiniteIsADivergence() {
    var rows = new ArrayList<MetricsRow>();
    var saved = new ArrayList<Long>();
    RunOutcome outcome =
        Runner.run(
            experiment(
                "steps",
                3,
                "evaluateEvery",
                1,
                "algorithm",
                Map.of("type", "slip", "upperLr", 1e200)),
            new RunListener() {
              @Override
              public void evaluated(MetricsRow row) {
                rows.add(row);
              }

              @Override
              public void checkpoint(long step, Map<String, Tensor> state, OracleCalls calls) {
                assertThat(Tensors.isFinite(state.get("x"))).isTrue();
                saved.add(step);
              }
            });
    assertThat(outcome).isInstanceOf(RunOutcome.Diverged.class);
    var diverged = (RunOutcome.Diverged) outcome;
    assertThat(diverged.quantity()).isEqualTo("upperLoss");
    assertThat(diverged.at()).isEqualTo(diverged.step() + 1);
    assertThat(saved).as("the last finite state").containsExactly(diverged.step());
    assertThat(rows.get(rows.size() - 1).step()).isEqualTo(diverged.at());
    assertThat(outcome.metrics().get("upperLoss")).as("it is not hidden").isInfinite();
    assertThat(rows.get(rows.size() - 2).metrics().get("upperLoss")).isFinite();
  }

  /** Steps of y that are a little too large: nothing overflows in so few steps. */
  @Test
  void growthByManyOrdersIsADivergence() {
    RunOutcome outcome =
        Runner.run(
            experiment(
                "steps", 60, "evaluateEvery", 5, "algorithm", Map.of("type", "slip", "lowerLr", 2)),
            new RunListener() {});
    assertThat(outcome).isInstanceOf(RunOutcome.Diverged.class);
    var diverged = (RunOutcome.Diverged) outcome;
    assertThat(diverged.at()).isLessThan(60);
    assertThat(diverged.value()).isFinite().isGreaterThan(1e6);
    assertThat(diverged.cause()).startsWith(diverged.quantity() + " grew to ");
    assertThat(outcome.metrics().get("upperLoss")).isFinite();
    assertThat(outcome.toFile().value()).isEqualTo(diverged.value());
  }

  /** An upper loss without a lower bound, which steps follow down while x is of a moderate size. */
  @Test
  void aLossThatFallsByManyOrdersIsADivergence() {
    RunOutcome outcome =
        Runner.run(
            experiment(
                "steps",
                34,
                "problem",
                Map.of(
                    "type", "quadratic",
                    "A", List.of(List.of(2)),
                    "B", List.of(List.of(1)),
                    "E", List.of(List.of(-10)),
                    "x0", List.of(1)),
                "algorithm",
                Map.of("type", "soba", "upperLr", 0.1, "lowerLr", 0.1)),
            new RunListener() {});
    assertThat(outcome).isInstanceOf(RunOutcome.Diverged.class);
    assertThat(((RunOutcome.Diverged) outcome).quantity()).isEqualTo("upperLoss");
    assertThat(outcome.metrics().get("upperLoss")).isBetween(-1e12, -1e7);
  }

  /** The problem is opened once for several runs, with the results of runs that open their own. */
  @Test
  void runsOnAnOpenProblemAreTheSame() {
    Experiment experiment = experiment("steps", 5);
    RunOutcome own = Runner.run(experiment, new RunListener() {});
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      for (int i = 0; i < 2; i++) {
        RunOutcome shared = Runner.run(experiment, problem, null, Ranks.ONE, new RunListener() {});
        assertThat(shared.metrics()).isEqualTo(own.metrics());
      }
    }
  }

  /** Large numbers are fine where the start is as large. */
  @Test
  void whatIsLargeFromTheStartIsNoDivergence() {
    Map<String, Object> problem =
        Map.of(
            "type", "quadratic",
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "d", List.of(1e9));
    RunOutcome outcome = Runner.run(experiment("problem", problem), new RunListener() {});
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
    assertThat(outcome.metrics().get("upperLoss")).isGreaterThan(1e15);
  }

  @Test
  void aLossThatIsNotFiniteAtTheStartIsADivergence() {
    Map<String, Object> problem =
        Map.of(
            "type", "quadratic",
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "E", List.of(List.of(1)),
            "x0", List.of(1e200));
    RunOutcome outcome = Runner.run(experiment("problem", problem), new RunListener() {});
    assertThat(outcome).isInstanceOf(RunOutcome.Diverged.class);
    assertThat(((RunOutcome.Diverged) outcome).at()).isZero();
  }

  /** A hypergradient norm that is not defined, an AUC without a class. */
  @Test
  void otherMetricsMayBeNotFinite() {
    Metrics metrics =
        Metrics.NONE.with("upperLoss", 1).with("hypergradientNorm", Double.NaN).with("testAuc", 0);
    assertThat(metrics.notFiniteLoss()).isNull();
    assertThat(metrics.with("testLoss", Double.POSITIVE_INFINITY).notFiniteLoss())
        .isEqualTo("testLoss");
  }

  /** Listens to a run that is asked to stop once it has made some steps. */
  private static class Stopper implements RunListener {
    private final long after;
    final List<Long> saved = new ArrayList<>();
    private long last = -1;

    Stopper(long after) {
      this.after = after;
    }

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
      return last >= after;
    }
  }

  @Test
  void aLongInitialisationIsGivenUp() {
    var stopper = new Stopper(-1);
    RunOutcome outcome =
        Runner.run(
            experiment("algorithm", Map.of("type", "slip", "warmStartSteps", 1_000_000_000)),
            stopper);
    assertThat(outcome).isInstanceOf(RunOutcome.Stopped.class);
    assertThat(((RunOutcome.Stopped) outcome).isSaved()).isFalse();
    assertThat(stopper.saved).isEmpty();
  }

  /** Asked within the second step, which would take hours. */
  @Test
  void aLongStepIsGivenUpAndTheStateBeforeItSaved() {
    var stopper =
        new Stopper(0) {
          private int asked;

          @Override
          public boolean stopRequested() {
            return super.stopRequested() && ++asked > 10;
          }
        };
    long pointers = NativeObjects.settled();
    RunOutcome outcome =
        Runner.run(
            experiment("algorithm", Map.of("type", "v-pbgd", "lowerSteps", 1_000_000_000)),
            stopper);
    assertThat(outcome).isInstanceOf(RunOutcome.Stopped.class);
    assertThat(((RunOutcome.Stopped) outcome).isSaved()).isTrue();
    assertThat(outcome.step()).isZero();
    assertThat(stopper.saved).containsExactly(0L);
    assertThat(StateScope.livePointers()).as("nothing of the step is left").isEqualTo(pointers);
  }

  @Test
  void aStepHasTimeToEndByItself() {
    var now = new AtomicLong(1000);
    var stop = new AtomicBoolean();
    var interruption = new Interruption(stop::get, now::get, Ranks.ONE);
    interruption.begin(50);
    now.addAndGet(500);
    interruption.check(); // nobody asked
    stop.set(true);
    interruption.check();
    now.addAndGet(49);
    interruption.check();
    now.addAndGet(1);
    assertThatThrownBy(interruption::check).isInstanceOf(Interruption.GivenUp.class);
    interruption.begin(0);
    assertThatThrownBy(interruption::check).isInstanceOf(Interruption.GivenUp.class);
  }

  @Test
  void nativeMemoryStaysFlat() {
    Runner.run(experiment("steps", 5), new RunListener() {});
    long before = NativeObjects.settled();
    Runner.run(experiment("steps", 200, "check", "full"), new RunListener() {});
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  /** What a run told, without its times. */
  private static List<String> told(Experiment experiment, List<Long> saved) {
    var rows = new ArrayList<String>();
    RunOutcome outcome =
        Runner.run(
            experiment,
            new RunListener() {
              @Override
              public void evaluated(MetricsRow row) {
                rows.add(row.step() + " " + row.oracle() + row.metrics());
              }

              @Override
              public void checkpoint(long step, Map<String, Tensor> state, OracleCalls calls) {
                saved.add(step);
              }
            });
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
    rows.add(outcome.step() + " " + outcome.metrics());
    return rows;
  }

  /** Three gradients in the warm start, four calls a step: the eighth step spends 33 calls. */
  @Test
  void budgetOfOracleCallsEndsTheRun() {
    Experiment budget = experiment("maxOracleCalls", 33, "evaluateEvery", 100);
    var saved = new ArrayList<Long>();
    List<String> told = told(budget, saved);
    assertThat(saved).containsExactly(8L);
    assertThat(told).hasSize(3);
    assertThat(told.get(1)).startsWith("8 ").contains("gradientF=8", "gradientG=11");
    assertThat(told).isEqualTo(told(budget, new ArrayList<>()));
    assertThat(told).isEqualTo(told(experiment("steps", 8, "evaluateEvery", 100), saved));
    assertThat(told(experiment("maxOracleCalls", 35), saved))
        .isEqualTo(told(experiment("steps", 8), saved));
    assertThat(told(experiment("maxOracleCalls", 36), saved))
        .isEqualTo(told(experiment("steps", 9), saved));
  }

  @Test
  void stepsEndARunWhoseBudgetIsLarger() {
    var saved = new ArrayList<Long>();
    assertThat(told(experiment("steps", 5, "maxOracleCalls", 1000, "maxSeconds", 1000), saved))
        .isEqualTo(told(experiment("steps", 5), saved));
  }

  @Test
  void budgetThatInitialisationSpendsLeavesNoStep() {
    var saved = new ArrayList<Long>();
    List<String> told = told(experiment("maxOracleCalls", 2), saved);
    assertThat(told).hasSize(2);
    assertThat(told.get(1)).startsWith("0 ");
    assertThat(saved).containsExactly(0L);
  }

  @Test
  void budgetOfSecondsEndsTheRun() {
    RunOutcome outcome =
        Runner.run(experiment("maxSeconds", .05, "steps", Settings.NO_LIMIT), new RunListener() {});
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
    assertThat(outcome.seconds()).isGreaterThanOrEqualTo(.05);
  }

  /** The steps are the same; the run ends with the evaluation whose objective was lowest. */
  @Test
  void keepsTheBestPoint() {
    var last = new ArrayList<Metrics>();
    var end = new ArrayList<Double>();
    Object[] swinging = {"steps", 40, "evaluateEvery", 3};
    RunOutcome plain = Runner.run(experiment(swinging), new RunListener() {});
    RunOutcome best =
        Runner.run(
            experiment("steps", 40, "evaluateEvery", 3, "keep", "best"),
            new RunListener() {
              @Override
              public void evaluated(MetricsRow row) {
                last.add(row.metrics());
              }

              @Override
              public void completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
                end.add(problem.evaluate(x, y).get("valueFunction"));
              }
            });
    double lowest = last.stream().mapToDouble(m -> m.get("valueFunction")).min().orElseThrow();
    assertThat(last.get(last.size() - 1)).isEqualTo(plain.metrics());
    assertThat(lowest).isLessThan(plain.metrics().get("valueFunction"));
    assertThat(best.metrics().get("valueFunction")).isEqualTo(lowest);
    assertThat(end).containsExactly(lowest);
  }
}
