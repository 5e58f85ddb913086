package org.stackel.preset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.auc.DeepAuc;
import org.stackel.cleaning.DataCleaning;
import org.stackel.cleaning.LabelNoise;
import org.stackel.experiment.Draft;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.regularization.Regularization;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;

/** What a preset says about its data does not outlive them. */
class PresetAndOwnDataTest {
  @TempDir Path folder;

  private static Draft draft(String preset, String... assignments) {
    Draft draft = Presets.named(preset).draft(Scale.TINY);
    List.of(assignments).forEach(draft::set);
    return draft;
  }

  private Path texts(int rare) throws IOException {
    var text = new StringBuilder("words,kind\n");
    for (int i = 0; i < 60; i++) {
      text.append(i % 2 == 0 ? "a good house " : "a bad street ").append(i).append(',');
      text.append(i < rare ? "yes" : "no").append('\n');
    }
    return Files.writeString(folder.resolve("own.csv"), text);
  }

  @Test
  void noiseAndSizesGo() {
    Draft own = draft("clean-sentiment140", "problem.data=own.csv", "problem.testSize=16");
    assertThat(own.fitToData())
        .containsExactly("noise=uniform", "noiseRate=0.4", "trainSize=600", "trustedSize=200");
    var cleaning = (DataCleaning) own.experiment().problem();
    assertThat(cleaning.mislabeling().noise()).isEqualTo(LabelNoise.NONE);
    assertThat(cleaning.sizes().trainSize()).isZero();
    assertThat(cleaning.sizes().testSize()).isEqualTo(16);

    var auc = (DeepAuc) draft("auc-amazon", "problem.data=own.csv").experiment().problem();
    assertThat(auc.selection().imratio()).isNull();
    assertThat(auc.selection().trainSize()).isZero();
    var tuned = (Regularization) draft("ho-amazon", "problem.data=own.csv").experiment().problem();
    assertThat(tuned.split().heldOut()).isEmpty();
    assertThat(tuned.split().trainSize()).isZero();
    assertThat(tuned.split().testSize()).isNull();
  }

  /** The preset's own file elsewhere, what Stackel carries, and what the user asks for. */
  @ParameterizedTest
  @CsvSource({
    "problem.data=/data/training.1600000.processed.noemoticon.csv,problem.hidden=4",
    "problem.data=wordnet,problem.hidden=4",
    "problem.data=own.csv,problem.noise=uniform",
    "problem.noise=uniform,problem.data=own.csv"
  })
  void noiseThatIsMeantStays(String one, String other) {
    Draft draft = draft("clean-sentiment140", one, other);
    draft.fitToData();
    assertThat(((DataCleaning) draft.experiment().problem()).mislabeling().noise())
        .isEqualTo(LabelNoise.UNIFORM);
  }

  /** Options of reading work without any others, for every problem with texts. */
  @ParameterizedTest
  @CsvSource({"data-cleaning", "deep-auc", "hyper-representation", "regularization"})
  void readingOptionsNeedNoOthers(String problem) throws IOException {
    String file = texts(30).toString();
    for (Map<String, Object> options :
        List.<Map<String, Object>>of(
            Map.of("data", file, "text", "words", "label", "kind"),
            Map.of("data", file, "format", "table"),
            Map.of("data", file, "only", List.of("kind=no")),
            Map.of("data", file, "encoding", "UTF-8", "dropDuplicates", true),
            Map.of("data", file, "noLabel", List.of("?"), "mergeClasses", "case"))) {
      assertThat(Problems.create(problem, options, Set.of())).isNotNull();
    }
    if (!problem.equals("hyper-representation")) {
      Map<String, Object> named = Map.of("data", file, "text", "words", "label", "kind");
      try (BilevelProblem<?> opened =
          Problems.create(problem, named, Set.of()).open(new Seed(0), Device.CPU)) {
        assertThat(opened.remarks()).anyMatch(r -> r.contains("60 examples in 2 classes"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2", "3", "4"})
  void theTestSetHasTheRareClass(int seed) throws IOException {
    Map<String, Object> options =
        Map.of("data", texts(3).toString(), "text", "words", "label", "kind", "positive", "yes");
    try (BilevelProblem<?> opened =
        Problems.create("deep-auc", options, Set.of()).open(new Seed(seed), Device.CPU)) {
      assertThat(opened.remarks())
          .anyMatch(
              r ->
                  r.equals(
                      "yes is positive: 4.2 % of the training and 8.3 % of the test examples."));
    }
  }
}
