package org.stackel.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.bilevel.Bilevel;
import org.stackel.distributed.Together;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.optim.Iterations;
import org.stackel.runfile.RollbackLine;

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
}
