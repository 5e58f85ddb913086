package org.stackel.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.AccBo;
import org.stackel.algorithm.Algorithms;
import org.stackel.auc.DeepAuc;
import org.stackel.cleaning.DataCleaning;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.problem.Metrics;
import org.stackel.problem.ProblemOptions;
import org.stackel.regularization.Regularization;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.tensor.StateScope;

public class PresetsTest {
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

  /** Every algorithm of {@link #exact()} on one of its presets. */
  static Stream<Arguments> exactOnce() {
    return Stream.of("pl-game-stochastic", "logistic", "matrix-sensing", "quadratic-sum")
        .flatMap(name -> exact().filter(each -> each.get()[0].equals(name)))
        .collect(
            Collectors.toMap(
                each -> each.get()[1], each -> each, (first, again) -> first, LinkedHashMap::new))
        .values()
        .stream();
  }

  @ParameterizedTest
  @MethodSource("exactOnce")
  void smallestScaleMakesProgress(String name, String algorithm) {
    makesProgress(name, algorithm);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("exact")
  void smallestScaleMakesProgressEverywhere(String name, String algorithm) {
    makesProgress(name, algorithm);
  }

  private static void makesProgress(String name, String algorithm) {
    Draft draft = Presets.named(name).draft(Scale.TINY);
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

  /** Those without tasks; {@link FewShotPresetsTest} has the others. */
  static Stream<String> withoutTasks() {
    return Presets.all().stream().map(Preset::name).filter(name -> !name.startsWith("hr-"));
  }

  /** A sixth of the algorithms on each preset, so that each runs on at least two of them. */
  @ParameterizedTest
  @MethodSource("withoutTasks")
  void allowedAlgorithmsRunAtTheSmallestScale(String name) {
    int sixth = withoutTasks().toList().indexOf(name) % 6;
    List<Algorithms.Entry> all = Algorithms.all();
    runs(name, all.stream().filter(entry -> all.indexOf(entry) % 6 == sixth).toList());
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("withoutTasks")
  void everyAllowedAlgorithmRunsAtTheSmallestScale(String name) {
    runs(name, Algorithms.all());
  }

  /** With their own step sizes, on what stands in where files are missing. */
  private static void runs(String name, List<Algorithms.Entry> algorithms) {
    var byProblem = new LinkedHashMap<ProblemOptions, List<Experiment>>();
    for (Algorithms.Entry entry : algorithms) {
      Draft draft = standIn(Presets.named(name), Scale.TINY);
      draft.useAlgorithm(entry.name(), "test");
      Experiment experiment = draft.experiment();
      byProblem.computeIfAbsent(experiment.problem(), p -> new ArrayList<>()).add(experiment);
    }
    int ran = 0;
    for (List<Experiment> experiments : byProblem.values()) {
      try (var scope = StateScope.open();
          var problem = experiments.get(0).open()) {
        for (Experiment experiment : experiments) {
          if (FewShotPresetsTest.allows(experiment, problem)) {
            FewShotPresetsTest.three(experiment.algorithm(), problem, experiment.algorithmType());
            ran++;
          }
        }
      }
    }
    assertThat(ran).as("some may be refused").isGreaterThanOrEqualTo(algorithms.size() - 3);
  }

  @Test
  void saysWhichFileIsMissing() {
    Draft draft = Presets.named("auc-amazon").draft(Scale.SMALL);
    assertThatThrownBy(draft::experiment)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("preset auc-amazon: 'data/amazon-reviews' is missing: reviews of")
        .hasMessageContaining("Maybe --set problem.data=PATH names it elsewhere")
        .hasMessageContaining("--set problem.data=wordnet does without.");
    draft.set("problem.data=elsewhere.csv");
    assertThatThrownBy(() -> draft.experiment().open())
        .hasMessageContaining("There is no file 'elsewhere.csv'");
    draft.set("problem.data=wordnet-pair");
    assertThatThrownBy(() -> draft.experiment().open())
        .hasMessageContaining("Maybe 'wordnet-pairs' was meant");
  }

  /** The published experiments in their published sizes. */
  @Test
  void thePapersSizesAreTheirs() {
    var auc = (DeepAuc) paper("auc-sentiment140");
    assertThat(auc.network().hidden()).isEqualTo(4096);
    assertThat(auc.network().headHidden()).containsExactly(1024, 1024);
    assertThat(auc.split()).isEqualTo(DeepAuc.Split.HALVES);
    assertThat(auc.pretraining().steps()).isZero();
    var pairs = (DataCleaning) paper("clean-snli");
    assertThat(pairs.sizes().trainSize()).isEqualTo(10_000);
    assertThat(pairs.network().encoder().toOption()).isEqualTo("pair");
    var accBo = (AccBo) standIn("clean-snli").experiment().algorithm();
    assertThat(accBo.variant()).isEqualTo(AccBo.Variant.PERIODIC);
    assertThat(accBo.neumannStep()).isEqualTo(1e-2);
    assertThat(accBo.extrapolation()).isEqualTo(.1);
    assertThat(accBo.momentum()).isEqualTo(.9);
    var strengths = (Regularization) paper("ho-amazon");
    assertThat(strengths.network().hidden()).isEqualTo(2048);
    assertThat(strengths.batch()).isEqualTo(500);
    assertThat(strengths.learned().x0()).isZero();
  }

  private static ProblemOptions paper(String name) {
    return standIn(name).experiment().problem();
  }

  private static Draft standIn(String name) {
    return standIn(Presets.named(name), Scale.PAPER);
  }

  /** Every one but those of no publication. */
  @Test
  void everyExperimentOfAPublicationHasItsScale() {
    assertThat(Presets.all())
        .filteredOn(preset -> !preset.scales().containsKey(Scale.PAPER))
        .extracting(Preset::name)
        .containsExactly("logistic", "quadratic-demo", "quadratic-sum");
  }

  @ParameterizedTest
  @CsvSource({
    "pl-game, 100",
    "pl-game-stochastic, 100",
    "matrix-sensing, 50",
    "matrix-sensing-stochastic, 50"
  })
  void theSyntheticOnesMakeProgressAtPaperScale(String name, long steps) {
    Draft draft = standIn(name);
    draft.set("steps=" + steps);
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
    assertThat(norms.get(norms.size() - 1)).isLessThan(norms.get(0));
  }

  @Test
  void piecesChangeNoMetricButForRounding() {
    var draft = Presets.named("logistic").draft(Scale.TINY);
    draft.set("steps=20");
    Metrics whole = Runner.run(draft.experiment(), new RunListener() {}).metrics();
    draft.set("pieces=3");
    Metrics sliced = Runner.run(draft.experiment(), new RunListener() {}).metrics();
    whole
        .values()
        .forEach(
            (name, value) ->
                assertThat(sliced.get(name)).as(name).isCloseTo(value, withPercentage(1e-8)));
  }

  /** The preset with what it can do without the files of others. */
  public static Draft standIn(Preset preset, Scale scale) {
    Draft draft = preset.draft(scale);
    preset.needs().stream()
        .flatMap(file -> file.standIn().stream())
        .forEach(assignment -> draft.set("problem." + assignment));
    return draft;
  }

  @Test
  void everyScaleOfEveryPresetIsAnExperiment() {
    assertThat(Presets.all()).extracting(Preset::name).isSorted();
    for (Preset preset : Presets.all()) {
      for (Scale scale : preset.scales().keySet()) {
        assertThat(standIn(preset, scale).experiment().settings().steps()).isPositive();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"pl-game, 3", "pl-game-stochastic, 60", "matrix-sensing-stochastic, 24"})
  void epochsAreThoseOfTheLowerSamples(String name, long steps) {
    Draft draft = Presets.named(name).draft(Scale.TINY);
    draft.setEpochs(3);
    assertThat(draft.experiment().completed().settings().steps()).isEqualTo(steps);
  }
}
