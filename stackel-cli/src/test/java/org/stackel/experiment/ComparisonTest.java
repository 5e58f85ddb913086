package org.stackel.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Comparisons as a library. */
class ComparisonTest {
  @TempDir Path directory;

  /** While it is measured, while it is tuned, while it is compared. */
  @ParameterizedTest
  @ValueSource(strings = {"measuring", "point 2 of 3", "seed 1"})
  void stopsWhereverItIs(String at) {
    Draft draft = Presets.named("quadratic-demo").draft(Presets.Scale.TINY);
    var section =
        new Comparison.Section(
            "",
            "title",
            List.of(),
            List.of(draft.experiment()),
            List.of(0L, 1L),
            Comparison.Baselines.NONE);
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
    assertThat(result.json()).isEmpty();
    assertThat(said.get(said.size() - 1)).contains(at);
    assertThat(directory.resolve("c/comparison.json")).doesNotExist();
  }
}
