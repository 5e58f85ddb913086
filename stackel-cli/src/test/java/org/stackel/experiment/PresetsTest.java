package org.stackel.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PresetsTest {
  /** Those whose distance from a stationary point is known, with algorithms tuned to them. */
  static Stream<Arguments> exact() {
    Stream<Arguments> deterministic =
        Stream.of("matrix-sensing", "pl-game")
            .flatMap(
                name ->
                    Stream.of("bgs-opt", "bome", "bvfsm", "galet", "mgbio", "v-pbgd")
                        .map(each -> Arguments.of(name, each)));
    Stream<Arguments> stochastic =
        Stream.of("matrix-sensing-stochastic", "pl-game-stochastic")
            .flatMap(
                name ->
                    Stream.of(
                            "bgs-opt",
                            "bome",
                            "bvfsm",
                            "galet",
                            "mgbio",
                            "msgbio",
                            "v-pbgd",
                            "v-pbsgd",
                            "vr-msgbio")
                        .map(each -> Arguments.of(name, each)));
    Stream<Arguments> all =
        Stream.of(
                "logistic",
                "matrix-sensing",
                "matrix-sensing-stochastic",
                "pl-game",
                "pl-game-stochastic",
                "quadratic-sum")
            .flatMap(
                name ->
                    Stream.of("adambo", "bo-rep", "slip").map(each -> Arguments.of(name, each)));
    return Stream.of(deterministic, stochastic, all).flatMap(each -> each);
  }

  @ParameterizedTest
  @MethodSource("exact")
  void smallestScaleMakesProgress(String name, String algorithm) {
    Draft draft = Presets.named(name).draft(Presets.Scale.TINY);
    draft.useAlgorithm(algorithm, "test");
    var norms = new ArrayList<Double>();
    RunOutcome outcome =
        Runner.run(
            draft.experiment(),
            new RunListener() {
              @Override
              public void evaluated(MetricsRow row) {
                norms.add(row.metrics().get("hypergradientNorm"));
              }
            });
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
    assertThat(norms).allMatch(Double::isFinite);
    assertThat(norms.get(norms.size() - 1)).isLessThan(.7 * norms.get(0));
  }

  /** The preset with what it can do without the files of others. */
  static Draft standIn(Presets.Preset preset, Presets.Scale scale) {
    Draft draft = preset.draft(scale);
    preset.needed().stream()
        .flatMap(file -> file.standIn().stream())
        .forEach(assignment -> draft.set("problem." + assignment));
    return draft;
  }

  @Test
  void everyScaleOfEveryPresetIsAnExperiment() {
    assertThat(Presets.all()).extracting(Presets.Preset::name).isSorted();
    for (Presets.Preset preset : Presets.all()) {
      for (Presets.Scale scale : preset.scales().keySet()) {
        assertThat(standIn(preset, scale).experiment().settings().steps()).isPositive();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"pl-game, 3", "pl-game-stochastic, 60", "matrix-sensing-stochastic, 24"})
  void epochsAreThoseOfTheLowerSamples(String name, long steps) {
    Draft draft = Presets.named(name).draft(Presets.Scale.TINY);
    draft.setEpochs(3);
    assertThat(draft.experiment().settings().steps()).isEqualTo(steps);
  }
}
