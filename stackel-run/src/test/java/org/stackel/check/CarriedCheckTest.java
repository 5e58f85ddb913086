package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Carried;
import org.stackel.algorithm.Soba;
import org.stackel.experiment.Experiment;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.reference.Finding;
import org.stackel.run.RunListener;
import org.stackel.runfile.CheckFile.Verdict;
import org.stackel.tensor.Tensors;

/** The solution that an algorithm carries, judged against the exact one. */
class CarriedCheckTest {
  /**
   * SOBA with a mistake.
   *
   * @param factor of the solution that it says it carries
   * @param inStep whether its step uses that one too
   */
  private record Mistaken(Soba soba, double factor, boolean inStep)
      implements BilevelAlgorithm<Soba.State> {
    @Override
    public Soba.State init(Start start, StochasticOracle oracle) {
      return soba.init(start, oracle);
    }

    @Override
    public Soba.State step(long t, Soba.State s, StochasticOracle oracle) {
      Soba.State next = soba.step(t, inStep ? scaled(s, 1 / factor) : s, oracle);
      return inStep ? scaled(next, factor) : next;
    }

    private static Soba.State scaled(Soba.State s, double factor) {
      return new Soba.State(s.x(), s.y(), Tensors.scale(factor, s.z()));
    }

    @Override
    public Sampling sampling() {
      return soba.sampling();
    }

    @Override
    public BilevelAlgorithm<Soba.State> suitedTo(Scales scales) {
      return this;
    }

    @Override
    public Carried<Soba.State> carried() {
      double said = inStep ? 1 : factor;
      Carried<Soba.State> right = soba.carried();
      return new Carried<>(s -> Tensors.scale(said, right.solution().apply(s)), right.step());
    }
  }

  private static CheckResult check(
      Map<String, ?> problem, BilevelAlgorithm<?> algorithm, long steps) {
    Experiment like =
        Experiment.of(
            Map.of("problem", problem, "algorithm", Map.of("type", "soba"), "steps", steps));
    var experiment =
        new Experiment(
            like.problemType(), like.problem(), "soba", algorithm, like.settings(), null, null);
    var plan = new CheckPlan(3, List.of(), 8, 4, 0, List.of());
    return Check.run(experiment, plan, new RunListener() {}, sentence -> {}).result();
  }

  private static Soba soba(double lowerLr, double upperLr) {
    return (Soba)
        Experiment.of(
                Map.of(
                    "problem", Map.of("type", "toy"),
                    "algorithm", Map.of("type", "soba", "lowerLr", lowerLr, "upperLr", upperLr),
                    "steps", 1))
            .algorithm();
  }

  private static Map<String, Object> quadratic(double noise) {
    return Map.of(
        "type", "quadratic",
        "A", List.of(List.of(2, 0.5), List.of(0.5, 1)),
        "B", List.of(List.of(1, 0.3), List.of(0.2, -1)),
        "d", List.of(1, -1),
        "E", List.of(List.of(1, 0), List.of(0, 1)),
        "x0", List.of(0.5, -0.3),
        "noise", Map.of("gradient", noise, "hessian", noise));
  }

  private static List<Verdict> verdicts(CheckResult result) {
    return result.points().stream()
        .flatMap(point -> point.rows().get(0).findings().stream())
        .filter(finding -> finding.what().contains("against the exact solution"))
        .map(Finding::verdict)
        .toList();
  }

  /** Zero is nothing to be judged; a solution is right at the end. */
  @ParameterizedTest
  @CsvSource({"0", ".05"})
  void aRightSolutionPasses(double noise) {
    CheckResult result = check(quadratic(noise), soba(.2, .01), 100);
    assertThat(verdicts(result)).containsExactly(Verdict.TOLD, Verdict.RIGHT, Verdict.RIGHT);
    assertThat(result.wrong()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"false, 0", "true, 0", "false, .05", "true, .05"})
  void aWrongSignFails(boolean inStep, double noise) {
    CheckResult result = check(quadratic(noise), new Mistaken(soba(.2, .01), -1, inStep), 100);
    assertThat(verdicts(result)).containsExactly(Verdict.TOLD, Verdict.WRONG, Verdict.WRONG);
    assertThat(result.wrong()).anyMatch(each -> each.contains("z of the run, against the exact"));
  }

  /** More noise than solution, steps that are too few, steps that are too large: none is a bug. */
  @ParameterizedTest
  @CsvSource({".2, .01, 5, 100", ".01, .01, 0, 4", ".2, 5, 0, 30", "1, .01, 0, 12"})
  void aBadSolutionOfARightAlgorithmIsNoBug(
      double lowerLr, double upperLr, double noise, long steps) {
    CheckResult result = check(quadratic(noise), soba(lowerLr, upperLr), steps);
    assertThat(verdicts(result)).doesNotContain(Verdict.WRONG);
  }

  @Test
  void aScaleIsNotJudgedByItself() {
    assertThat(verdicts(check(quadratic(0), new Mistaken(soba(.2, .01), 4, false), 100)))
        .containsOnly(Verdict.TOLD);
  }
}
