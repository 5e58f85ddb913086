package org.stackel.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.preset.Preset;
import org.stackel.preset.Presets;
import org.stackel.preset.PresetsTest;
import org.stackel.preset.Scale;
import org.stackel.problem.Baselines;
import org.stackel.problem.Goal;
import org.stackel.problem.Start;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.MetricDirection;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** Comparisons as a library. */
class ComparisonTest {
  @TempDir Path directory;

  static Stream<Preset> presets() {
    return Presets.all().stream();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void goalsOfPresetsAreMetricsOfTheirEvaluations(Preset preset) {
    Scale scale = preset.scales().containsKey(Scale.TINY) ? Scale.TINY : Scale.SMALL;
    Experiment experiment = PresetsTest.standIn(preset, scale).experiment();
    Goal goal = experiment.problem().goal();
    assertThat(MetricDirection.of(goal.objective())).isEqualTo(MetricDirection.LOWER);
    assertThat(MetricDirection.of(goal.progress())).isNotNull();
    assertThat(MetricDirection.of(goal.result())).isNotNull();
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      Start start = problem.start(new Seed(0));
      assertThat(problem.evaluate(start.x(), start.y()).values())
          .containsKeys(goal.objective(), goal.progress());
    }
  }

  /** While it is measured, while it is tuned, while it is compared. */
  @ParameterizedTest
  @ValueSource(strings = {"measuring", "point 2 of 3", "seed 1"})
  void stopsWhereverItIs(String at) {
    Draft draft = Presets.named("quadratic-demo").draft(Scale.TINY);
    var section =
        new Comparison.Section(
            "", "title", List.of(), List.of(draft.experiment()), List.of(0L, 1L), Baselines.NONE);
    var terms = new Terms(Budget.parse("oracle"), null, 3);
    var said = new ArrayList<String>();
    Comparison.Result result =
        new Comparison("title", List.of(), List.of(section), terms)
            .run(
                directory.resolve("c"),
                RunDirectory.IfExists.REFUSE,
                said::add,
                () -> said.get(said.size() - 1).contains(at));
    assertThat(result.stopped()).isTrue();
    assertThat(result.file()).isNull();
    assertThat(said.get(said.size() - 1)).contains(at);
    assertThat(directory.resolve("c/comparison.json")).doesNotExist();
  }
}
