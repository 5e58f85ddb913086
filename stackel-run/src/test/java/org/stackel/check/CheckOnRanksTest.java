package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.bilevel.Bilevel;
import org.stackel.distributed.Together;
import org.stackel.distributed.WeightedFits;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.tensor.StateScope;

/** Ranks share the run of a check and compare their answers; the first does the rest. */
class CheckOnRanksTest {
  private static final CheckPlan PLAN = new CheckPlan(1, List.of(0L, 3L), 2, 2, 0, List.of());

  /** g = ½ s |y|² − xᵀy, where s must not depend on how many examples there are. */
  private static Experiment experiment(boolean isMean) {
    Bilevel<Tensor> problem =
        Bilevel.problem(new double[] {.5, .25}, new double[] {.5, -.5})
            .named("own")
            .lower(
                (x, y, examples) ->
                    y.mul(y)
                        .sum()
                        .mul(new Scalar(isMean ? .5 : .5 * examples.size()))
                        .sub(x.mul(y).sum()))
            .upper((x, y, examples) -> y.mul(y).sum().add(x.mul(x).sum()))
            .batches(7, 5);
    var algorithm = Algorithms.create("soba", Map.of("upperLr", .01, "lowerLr", .05));
    return Experiment.of(problem, algorithm, Settings.ofSteps(3));
  }

  @ParameterizedTest
  @CsvSource({"true, 0", "false, 2"})
  void answersThatDependOnThePartsAreFound(boolean isMean, int wrong) {
    List<Check.Checked> all =
        Together.on(
            2,
            ranks -> Check.run(experiment(isMean), PLAN, ranks, new RunListener() {}, said -> {}));
    assertThat(all).allMatch(each -> each.outcome() instanceof RunOutcome.Completed);
    assertThat(all.get(1).result()).isNull();
    CheckResult result = all.get(0).result();
    assertThat(result.points().get(0).derivatives())
        .filteredOn(finding -> finding.what().contains("of 2 ranks against one process"))
        .hasSize(2);
    assertThat(result.points().get(1).derivatives())
        .noneMatch(finding -> finding.what().contains("ranks"));
    assertThat(result.wrong())
        .filteredOn(text -> text.contains("of 2 ranks against one process"))
        .hasSize(wrong);
  }

  /** With a part of x the second loss sees another sum of its numbers. */
  @ParameterizedTest
  @CsvSource({"true, 0", "false, 1"})
  void problemsThatSeeMoreOfXThanTheirExamplesAreFound(boolean isPerExample, int wrong) {
    var algorithm = Algorithms.create("soba", Map.of("upperLr", .01, "lowerLr", .05));
    try (var scope = StateScope.open()) {
      Bilevel<Tensor> problem = WeightedFits.of(10, 4);
      Bilevel<Tensor> shared =
          isPerExample
              ? problem
              : problem.lower((x, y, m) -> y.dot(y).mul(m.rows(x).mean().exp().add(x.sum())));
      var experiment = Experiment.of(shared, algorithm, Settings.ofSteps(3));
      List<Check.Checked> all =
          Together.on(
              2, ranks -> Check.run(experiment, PLAN, ranks, new RunListener() {}, said -> {}));
      CheckResult result = all.get(0).result();
      assertThat(result.points().get(0).derivatives())
          .filteredOn(finding -> finding.what().contains("2 ranks with parts of x"))
          .hasSize(1);
      assertThat(result.wrong())
          .filteredOn(text -> text.contains("2 ranks with parts of x"))
          .hasSize(wrong);
    }
  }
}
