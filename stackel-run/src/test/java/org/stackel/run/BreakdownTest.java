package org.stackel.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.bilevel.Bilevel;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.runfile.RollbackLine;

/** Estimates without meaning and lower losses without a minimum end a run, and are named. */
class BreakdownTest {
  private final List<RollbackLine> rollbacks = new ArrayList<>();

  /** g = ½ (a y₁² + b y₂²) − xᵀy, f = ½|y − 1|² + ½|x|². */
  private static Bilevel<?> problem(double a, double b) {
    return Bilevel.problem(new double[] {.5, .25}, new double[] {.5, -.5})
        .named("own")
        .lower(
            (x, y) ->
                square(y.narrow(0, 0, 1), a).add(square(y.narrow(0, 1, 1), b)).sub(x.mul(y).sum()))
        .upper((x, y) -> square(y.sub(new Scalar(1)), 1).add(square(x, 1)));
  }

  private static Tensor square(Tensor v, double factor) {
    return v.mul(v).sum().mul(new Scalar(factor / 2));
  }

  private RunOutcome run(
      Bilevel<?> problem, String algorithm, Map<String, ?> options, Object... settings) {
    var all = new LinkedHashMap<String, Object>(Map.of("steps", 30L, "evaluateEvery", 1L));
    for (int i = 0; i < settings.length; i += 2) {
      all.put((String) settings[i], settings[i + 1]);
    }
    var experiment =
        Experiment.of(problem, Algorithms.create(algorithm, options), Settings.ofSteps(30))
            .withSettings(all);
    return Runner.run(
        experiment,
        new RunListener() {
          @Override
          public void rolledBack(RollbackLine line) {
            rollbacks.add(line);
          }
        });
  }

  private static RunOutcome.Diverged diverged(RunOutcome outcome) {
    assertThat(outcome).isInstanceOf(RunOutcome.Diverged.class);
    return (RunOutcome.Diverged) outcome;
  }

  @ParameterizedTest
  @ValueSource(strings = {"slip", "bo-rep", "adambo", "ls-adam", "ma-soba", "stocbio", "ttsa"})
  void conjugateGradientsOnAnIndefiniteHessian(String algorithm) {
    Map<String, ?> newton = Map.of("lowerSolver", "newton");
    var found = diverged(run(problem(1, -2), algorithm, newton, "evaluateEvery", 1_000L));
    assertThat(found.at()).isEqualTo(1);
    assertThat(found.quantity()).isEqualTo("the curvature of the lower loss");
    assertThat(found.value()).isBetween(-2.0, 0.0);
    assertThat(found.cause())
        .startsWith("conjugate gradients met the curvature -")
        .endsWith("the lower loss is not convex there");
    assertThat(found.maybe()).contains("regularization");
    assertThat(run(problem(2, .5), algorithm, newton)).isInstanceOf(RunOutcome.Completed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"adambo", "accbo", "mrbo", "stocbio", "sustain", "ttsa", "vrbo"})
  void aNeumannSeriesThatGrows(String algorithm) {
    for (String form : List.of("a", "b", "c")) {
      Map<String, ?> options =
          Map.of("neumannStep", 50, "neumannTerms", 12, "neumannForm", form, "lowerLr", .1);
      var found = diverged(run(problem(2, 1), algorithm, options));
      assertThat(found.cause())
          .contains("the terms of the Neumann series of the step grew by ", "at the curvature 2.0");
      assertThat(found.maybe()).contains("neumannStep", "at most 1.0");
    }
  }

  @Test
  void aNeumannSeriesIsWatchedWhereTheRunIsEvaluated() {
    Map<String, ?> options = Map.of("neumannStep", 50, "neumannTerms", 5, "lowerLr", .1);
    var found = diverged(run(problem(2, 1), "adambo", options, "evaluateEvery", 7L));
    assertThat(found.at()).as("Adam's steps are short whatever the estimate").isEqualTo(7);
    assertThat(found.quantity()).isEqualTo("the Neumann series");
    assertThat(found.value()).isBetween(1e7, 1e8);
  }

  @Test
  void aShorterStepHelpsAgainstALongOneOnly() {
    Map<String, ?> options = Map.of("neumannStep", 50, "neumannTerms", 8, "lowerLr", .1);
    assertThat(run(problem(2, 1), "adambo", options, "onDivergence", "rollback"))
        .isInstanceOf(RunOutcome.Completed.class);
    assertThat(rollbacks).isNotEmpty();
    assertThat(rollbacks.get(0).toString()).contains("Neumann series", "0.5 times the step sizes");
    rollbacks.clear();
    Map<String, ?> longer = Map.of("neumannStep", 1, "neumannTerms", 60, "lowerLr", .001);
    var found = diverged(run(problem(2, -.5), "stocbio", longer, "onDivergence", "rollback"));
    assertThat(found.cause())
        .contains("at the curvature -0.50: the lower loss is not convex")
        .endsWith("the run did not go back, since shorter steps would not help");
    assertThat(found.maybe()).contains("no neumannStep does");
    assertThat(rollbacks).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"slip", "soba", "f2sa", "itd"})
  void aLowerLossWithoutAMinimum(String algorithm) {
    var outcome =
        run(
            problem(-2, 1),
            algorithm,
            Map.of("lowerLr", .3),
            "steps",
            400L,
            "evaluateEvery",
            400L,
            "onDivergence",
            "rollback");
    assertThat(diverged(outcome).cause())
        .contains("the lower loss has no minimum", "did not go back");
    assertThat(diverged(outcome).maybe()).contains("regularization");
    assertThat(rollbacks).isEmpty();
  }

  /** Where x explodes the minimum of the lower loss does too, but there is one. */
  @Test
  void aLowerLossWithAMinimumIsNotBlamed() {
    for (Map<String, ?> options :
        List.of(Map.of("upperLr", 50, "lowerLr", .1), Map.of("upperLr", .01, "lowerLr", 8))) {
      var found = diverged(run(problem(2, 1), "soba", options, "steps", 500L));
      assertThat(found.cause()).doesNotContain("no minimum");
      assertThat(found.maybe()).isNull();
    }
  }
}
