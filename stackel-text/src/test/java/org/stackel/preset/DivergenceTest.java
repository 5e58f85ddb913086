package org.stackel.preset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** No method of any preset diverges at its defaults. */
class DivergenceTest {
  private static Experiment experiment(Preset preset, String algorithm, Scale scale) {
    Draft draft = PresetsTest.standIn(preset, scale);
    draft.useAlgorithm(algorithm, "test");
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

  static Stream<Arguments> all() {
    return Presets.all().stream()
        .flatMap(
            preset ->
                Algorithms.all().stream().map(entry -> Arguments.of(preset.name(), entry.name())));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("all")
  void everyAllowedAlgorithmCompletesOnEveryPreset(String name, String algorithm) {
    Preset preset = Presets.named(name);
    Scale scale = preset.scales().containsKey(Scale.TINY) ? Scale.TINY : Scale.SMALL;
    Experiment experiment = experiment(preset, algorithm, scale);
    boolean isAllowed;
    try (var scope = StateScope.open();
        var problem = experiment.problem().open(new Seed(0), experiment.device())) {
      isAllowed = FewShotPresetsTest.allows(experiment, problem);
    }
    if (isAllowed) {
      assertThat(run(experiment)).isInstanceOf(RunOutcome.Completed.class);
    }
  }
}
