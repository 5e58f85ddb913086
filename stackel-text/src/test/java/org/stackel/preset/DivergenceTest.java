package org.stackel.preset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.Options;
import org.stackel.distributed.Ranks;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.problem.ProblemOptions;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.tensor.StateScope;

/** No method of any preset diverges at its defaults. */
class DivergenceTest {
  /** Oracle calls for each step. */
  private static final long CALLS = 24;

  private static Draft draft(Preset preset, String algorithm, Scale scale) {
    Draft draft = PresetsTest.standIn(preset, scale);
    draft.useAlgorithm(algorithm, "test");
    return draft;
  }

  private static Experiment experiment(Preset preset, String algorithm, Scale scale) {
    return rarelyEvaluated(draft(preset, algorithm, scale));
  }

  private static Experiment rarelyEvaluated(Draft draft) {
    return draft
        .experiment()
        .withSettings(Map.of("evaluateEvery", 1_000_000L, "checkpointEvery", 1_000_000L));
  }

  private static RunOutcome run(Experiment experiment) {
    return Runner.run(experiment, new RunListener() {});
  }

  /** Those whose step sizes once followed from the curvatures of the losses. */
  @ParameterizedTest
  @CsvSource({
    "logistic, f2sa",
    "quadratic-sum, soba",
    "matrix-sensing-stochastic, ttsa",
  })
  void aSampleCompletes(String preset, String algorithm) {
    assertThat(run(experiment(Presets.named(preset), algorithm, Scale.TINY)))
        .isInstanceOf(RunOutcome.Completed.class);
  }

  /**
   * Where Φ is much flatter than the losses, methods of plain steps are as good as normalised ones.
   */
  @ParameterizedTest
  @ValueSource(strings = "ma-soba")
  void plainStepsSuitTheValueFunction(String algorithm) {
    assertAsGoodAsNormalized(algorithm);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = "saba")
  void otherPlainStepsSuitTheValueFunction(String algorithm) {
    assertAsGoodAsNormalized(algorithm);
  }

  private static void assertAsGoodAsNormalized(String algorithm) {
    Preset preset = Presets.named("logistic");
    double reference = run(experiment(preset, "slip", Scale.TINY)).metrics().get("valueFunction");
    double found = run(experiment(preset, algorithm, Scale.TINY)).metrics().get("valueFunction");
    assertThat(found).isLessThan(1.2 * reference);
  }

  /** Those of papers; published scripts have the defaults of their own experiments. */
  private static List<String> algorithms() {
    return Algorithms.all().stream()
        .map(Algorithms.Entry::name)
        .filter(name -> !name.contains("authors"))
        .toList();
  }

  static Stream<String> presets() {
    return Presets.all().stream().map(Preset::name);
  }

  /**
   * In as many steps as the small scale has, on which default step sizes depend, with networks and
   * data of the smallest and very short texts. A method that needs more calls a step than most
   * stops when they are spent. Algorithms with the same problem share it, opened once.
   */
  @Tag("slow")
  @ParameterizedTest
  @MethodSource("presets")
  void everyAllowedAlgorithmCompletes(String name) {
    Preset preset = Presets.named(name);
    boolean hasTiny = preset.scales().containsKey(Scale.TINY);
    long steps = PresetsTest.standIn(preset, Scale.SMALL).experiment().settings().steps();
    var byProblem = new LinkedHashMap<ProblemOptions, List<Experiment>>();
    for (String algorithm : algorithms()) {
      Draft draft = draft(preset, algorithm, hasTiny ? Scale.TINY : Scale.SMALL);
      draft.set("steps", steps, "test");
      draft.set("maxOracleCalls", CALLS * steps, "test");
      if (Options.toMap((Record) draft.experiment().problem()).containsKey("maxTokens")) {
        draft.set("problem.maxTokens", 4, "test");
      }
      Experiment experiment = rarelyEvaluated(draft);
      byProblem.computeIfAbsent(experiment.problem(), p -> new ArrayList<>()).add(experiment);
    }
    var diverged = new ArrayList<String>();
    for (List<Experiment> experiments : byProblem.values()) {
      try (var scope = StateScope.open();
          var problem = experiments.get(0).open()) {
        for (Experiment experiment : experiments) {
          if (FewShotPresetsTest.allows(experiment, problem)) {
            RunOutcome outcome =
                Runner.run(experiment, problem, null, Ranks.ONE, new RunListener() {});
            if (!(outcome instanceof RunOutcome.Completed)) {
              diverged.add(experiment.algorithmType() + ": " + outcome);
            }
          }
        }
      }
    }
    assertThat(diverged).isEmpty();
  }
}
