package org.stackel.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.bilevel.Bilevel;
import org.stackel.distributed.Together;
import org.stackel.distributed.WeightedFits;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.optim.Iterations;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Metrics;
import org.stackel.runfile.RollbackLine;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;
import org.stackel.tensor.Tensors;

/** Ranks end together, whatever the first one finds: each waits for what the others do. */
class RunnerOnRanksTest {
  /** g = ½ (a y₁² + y₂²) − xᵀy, f = ½|y − 1|² + ½|x|², the same for each of seven examples. */
  private static Bilevel<Tensor> problem(double a) {
    return Bilevel.problem(new double[] {.5, .25}, new double[] {.5, -.5})
        .named("own")
        .lower(
            (x, y, examples) ->
                square(y.narrow(0, 0, 1), a).add(square(y.narrow(0, 1, 1), 1)).sub(x.mul(y).sum()))
        .upper((x, y, examples) -> square(y.sub(new Scalar(1)), 1).add(square(x, 1)))
        .batches(7, 5);
  }

  private static Tensor square(Tensor v, double factor) {
    return v.mul(v).sum().mul(new Scalar(factor / 2));
  }

  /** Of one rank. */
  private record Ended(RunOutcome outcome, List<RollbackLine> rollbacks) {}

  private static class Listener implements RunListener {
    private final List<RollbackLine> rollbacks = new ArrayList<>();

    @Override
    public void rolledBack(RollbackLine line) {
      rollbacks.add(line);
    }
  }

  private static List<Ended> run(
      int count, Bilevel<?> problem, Listener listener, Map<String, ?> options, Object... more) {
    var all = new LinkedHashMap<String, Object>(Map.of("steps", 30L, "evaluateEvery", 1L));
    for (int i = 0; i < more.length; i += 2) {
      all.put((String) more[i], more[i + 1]);
    }
    var given = new LinkedHashMap<String, Object>(options);
    var algorithm = Algorithms.create((String) given.remove("type"), given);
    var experiment = Experiment.of(problem, algorithm, Settings.ofSteps(30)).withSettings(all);
    return Together.on(
        count,
        ranks -> {
          Listener own = ranks.isFirst() ? listener : new Listener();
          return new Ended(Runner.run(experiment, ranks, own), own.rollbacks);
        });
  }

  private static List<RunOutcome> outcomes(List<Ended> all) {
    return all.stream().map(Ended::outcome).toList();
  }

  @Test
  void allGoBackWhenTheRunDiverges() {
    Map<String, ?> options = Map.of("type", "soba", "upperLr", .01, "lowerLr", 8);
    Object[] settings = {"onDivergence", "rollback", "steps", 100L, "checkpointEvery", 5L};
    List<RollbackLine> alone =
        run(1, problem(2), new Listener(), options, settings).get(0).rollbacks();
    List<Ended> all = run(3, problem(2), new Listener(), options, settings);
    assertThat(outcomes(all)).hasSize(3).allMatch(RunOutcome.Completed.class::isInstance);
    assertThat(alone).hasSizeGreaterThan(1);
    for (Ended rank : all) {
      assertThat(rank.rollbacks())
          .extracting(RollbackLine::step, RollbackLine::at, RollbackLine::stepSizes)
          .containsExactlyElementsOf(
              alone.stream().map(line -> tuple(line.step(), line.at(), line.stepSizes())).toList());
    }
  }

  /** The cause is what the first rank alone sees, or what all see in a step that all repeat. */
  @ParameterizedTest
  @CsvSource({
    "soba, the lower loss has no minimum, 400",
    "adambo, conjugate gradients met the curvature, 1",
  })
  void allEndWhereShorterStepsAreInVain(String algorithm, String cause, long evaluateEvery) {
    Map<String, ?> options =
        algorithm.equals("soba")
            ? Map.of("type", algorithm, "lowerLr", .3)
            : Map.of("type", algorithm, "lowerSolver", "newton");
    List<Ended> all =
        run(
            2,
            problem(-2),
            new Listener(),
            options,
            "steps",
            400L,
            "evaluateEvery",
            evaluateEvery,
            "onDivergence",
            "rollback");
    assertThat(outcomes(all)).hasSize(2).allMatch(RunOutcome.Diverged.class::isInstance);
    assertThat(((RunOutcome.Diverged) all.get(0).outcome()).cause())
        .contains(cause)
        .endsWith("the run did not go back, since shorter steps would not help");
    assertThat(all).allSatisfy(rank -> assertThat(rank.rollbacks()).isEmpty());
  }

  @Test
  void allStopWhenTheFirstGivesAnEvaluationUp() {
    var impatient =
        new Listener() {
          private boolean isLast;

          @Override
          public void stepped(long step, Tensor x, Tensor y) {
            isLast = step == 3;
          }

          @Override
          public void evaluated(MetricsRow row) { // as evaluations do that take long
            Iterations.next("evaluating", 0, 2);
            Iterations.next("evaluating", 1, 2);
          }

          @Override
          public void working(String part, long done, long most) {
            if (isLast) {
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2_100));
            }
          }

          @Override
          public boolean stopRequested() {
            return isLast;
          }
        };
    List<Ended> all = run(2, problem(2), impatient, Map.of("type", "soba"));
    assertThat(outcomes(all))
        .hasSize(2)
        .allSatisfy(
            outcome -> {
              assertThat(outcome).isInstanceOf(RunOutcome.Stopped.class);
              assertThat(outcome.step()).isEqualTo(2);
              assertThat(((RunOutcome.Stopped) outcome).lost()).isNull();
            });
  }

  // ---- parts of x --------------------------------------------------------------------------

  /** Keeps what the first rank is given. */
  private static class Keeping extends Listener {
    final Map<Long, Map<String, double[]>> checkpoints = new TreeMap<>();
    final List<Double> losses = new ArrayList<>();
    int shown;

    @Override
    public void stepped(long step, Tensor x, Tensor y) {
      shown = (int) x.numel();
    }

    @Override
    public void evaluated(MetricsRow row) {
      losses.add(row.metrics().get("upperLoss"));
    }

    @Override
    public void checkpoint(long step, Map<String, Tensor> state, OracleCalls calls) {
      var numbers = new LinkedHashMap<String, double[]>();
      state.forEach((name, tensor) -> numbers.put(name, Tensors.toArray(tensor)));
      checkpoints.put(step, numbers);
    }
  }

  private static List<Ended> fits(int count, Keeping listener, Object... more) {
    return fits("slip", count, listener, more);
  }

  private static List<Ended> fits(String algorithm, int count, Keeping listener, Object... more) {
    try (var scope = StateScope.open()) {
      return run(count, WeightedFits.of(11, 4), listener, Map.of("type", algorithm), more);
    }
  }

  @Test
  void evaluationsAndCheckpointsSeeAllParts() {
    var alone = new Keeping();
    fits(1, alone, "checkpointEvery", 10L, "keep", "best");
    var together = new Keeping();
    assertThat(outcomes(fits(3, together, "checkpointEvery", 10L, "keep", "best")))
        .hasSize(3)
        .allMatch(RunOutcome.Completed.class::isInstance);
    assertThat(together.shown).isEqualTo(3);
    assertThat(together.losses).hasSize(31);
    for (int i = 0; i < 31; i++) {
      assertThat(together.losses.get(i)).isEqualTo(alone.losses.get(i), within(1e-12));
    }
    assertThat(together.checkpoints).containsOnlyKeys(10L, 20L, 30L);
    together.checkpoints.forEach(
        (step, state) -> {
          Map<String, double[]> expected = alone.checkpoints.get(step);
          assertThat(state).containsOnlyKeys(expected.keySet()).containsKey("best.x");
          state.forEach(
              (name, numbers) ->
                  assertThat(numbers).as(name).containsExactly(expected.get(name), within(1e-12)));
        });
  }

  @Test
  void whoLooksAtStatesSeesAllOfX() {
    var looking =
        new Keeping() {
          @Override
          public boolean looksAtStates() {
            return true;
          }
        };
    fits(2, looking);
    assertThat(looking.shown).isEqualTo(11);
  }

  /** One example's number is not finite, with a rank that does not evaluate. */
  @Test
  void allHearWhereOnePartIsNotFinite() {
    try (var scope = StateScope.open()) {
      var step = Map.of("type", "soba", "upperLr", 1e300, "lowerLr", 1e-3);
      List<Ended> alone = run(1, WeightedFits.of(11, 1), new Keeping(), step);
      List<Ended> all = run(2, WeightedFits.of(11, 1), new Keeping(), step);
      assertThat(alone.get(0).outcome()).isInstanceOf(RunOutcome.Diverged.class);
      assertThat(outcomes(all)).hasSize(2).allMatch(RunOutcome.Diverged.class::isInstance);
      var expected = (RunOutcome.Diverged) alone.get(0).outcome();
      for (RunOutcome outcome : outcomes(all)) {
        assertThat(((RunOutcome.Diverged) outcome).at()).isEqualTo(expected.at());
      }
    }
  }

  @Test
  void allGoBackWithTheirParts() {
    Map<String, ?> options = Map.of("type", "soba", "upperLr", .05, "lowerLr", 30);
    Object[] settings = {"onDivergence", "rollback", "steps", 200L, "checkpointEvery", 5L};
    try (var scope = StateScope.open()) {
      var alone = new Keeping();
      var together = new Keeping();
      List<RollbackLine> lines =
          run(1, WeightedFits.of(11, 4), alone, options, settings).get(0).rollbacks();
      List<Ended> all = run(2, WeightedFits.of(11, 4), together, options, settings);
      assertThat(lines).isNotEmpty();
      assertThat(outcomes(all)).hasSize(2).allMatch(RunOutcome.Completed.class::isInstance);
      for (Ended rank : all) {
        assertThat(rank.rollbacks())
            .extracting(RollbackLine::step, RollbackLine::at)
            .containsExactlyElementsOf(
                lines.stream().map(line -> tuple(line.step(), line.at())).toList());
      }
      assertThat(together.shown).isEqualTo(5);
      assertThat(together.checkpoints.get(200L).get("x"))
          .containsExactly(alone.checkpoints.get(200L).get("x"), within(1e-9));
    }
  }

  /** A checkpoint of two ranks, gone on from by three. */
  @ParameterizedTest
  @CsvSource({"slip, m", "saba, cross.entries"})
  void anotherNumberOfRanksGoesOn(String name, String other, @TempDir Path temp)
      throws IOException {
    var whole = new Keeping();
    fits(name, 1, whole);
    Path file = temp.resolve("state.safetensors");
    Settings settings = Settings.ofSteps(30);
    try (var scope = StateScope.open()) {
      var algorithm = Algorithms.create(name, Map.of());
      var experiment =
          Experiment.of(WeightedFits.of(11, 4), algorithm, settings)
              .withSettings(Map.of("evaluateEvery", 1L));
      var calls = new AtomicReference<OracleCalls>();
      var writing =
          new Keeping() {
            @Override
            public void checkpoint(long step, Map<String, Tensor> state, OracleCalls spent) {
              try {
                TensorFile.write(file, state, Map.of());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              calls.set(spent);
            }
          };
      Together.on(
          2,
          ranks ->
              Runner.run(
                  experiment.withSteps(12), ranks, ranks.isFirst() ? writing : new Listener()));
      var from = new ResumePoint(file, 12, calls.get(), 0, Metrics.NONE, 1);
      var last = new Keeping();
      Together.on(
          3,
          ranks ->
              ranks.isFirst()
                  ? Runner.resume(experiment, from, ranks, last)
                  : Runner.run(experiment, ranks, new Listener()));
      double[] expected = whole.checkpoints.get(30L).get("x");
      assertThat(last.shown).isEqualTo(3);
      assertThat(last.checkpoints.get(30L).get("x")).containsExactly(expected, within(1e-12));
      assertThat(last.checkpoints.get(30L).get(other))
          .containsExactly(whole.checkpoints.get(30L).get(other), within(1e-12));
    }
  }
}
