package org.stackel.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.cleaning.DataCleaning;
import org.stackel.cleaning.LabelNoise;
import org.stackel.config.InvalidInputException;
import org.stackel.preset.Presets;
import org.stackel.preset.PresetsTest;
import org.stackel.preset.Scale;
import org.stackel.problem.Problems;
import org.stackel.runfile.Document;
import org.stackel.runfile.RunFiles;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;

class ExperimentTest {
  static Stream<String> algorithms() {
    return Algorithms.all().stream().map(Algorithms.Entry::name);
  }

  static Stream<String> problems() {
    return Problems.all().stream().map(Problems.Entry::name);
  }

  private static Experiment with(String problem, String algorithm) {
    return Experiment.of(
        Map.of("problem", Map.of("type", problem), "algorithm", Map.of("type", algorithm)));
  }

  private static void checkRoundTrip(Experiment experiment) {
    String text = RunFiles.text(experiment.toFile());
    Object read = Document.parse(text, "saved").value();
    Draft draft = Draft.of("saved", asMap(read));
    Experiment again = draft.experiment();
    Experiment same = experiment.pending() == null ? again.completed() : again;
    assertThat(same).isEqualTo(experiment);
    assertThat(RunFiles.text(again.toFile())).isEqualTo(text);
  }

  private static Map<String, Object> asMap(Object value) {
    var map = new LinkedHashMap<String, Object>();
    ((Map<?, ?>) value).forEach((key, element) -> map.put(String.valueOf(key), element));
    return map;
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void everyAlgorithmComesBackFromItsFile(String name) {
    checkRoundTrip(with("quadratic", name));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void everyProblemComesBackFromItsFile(String name) {
    checkRoundTrip(with(name, "slip"));
  }

  static Stream<String> algorithmsWithAnUpperRate() {
    return algorithms().filter(name -> Algorithms.named(name).options().containsKey("upperLr"));
  }

  /** Rates for the problem are keys that the algorithm has, and what is given stands over them. */
  @ParameterizedTest
  @ValueSource(strings = {"linear", "rnn"})
  void everyAlgorithmHasRatesForCleaning(String model) {
    Map<String, ?> problem =
        Map.of(
            "type",
            "data-cleaning",
            "model",
            model,
            "trainSize",
            100,
            "trustedSize",
            40,
            "testSize",
            40);
    try (var scope = StateScope.open();
        var opened = cleaning(problem, Map.of("type", "slip")).open()) {
      algorithmsWithAnUpperRate()
          .forEach(
              name -> {
                Experiment plain = cleaning(problem, Map.of("type", name)).completed(opened);
                assertThat(plain.algorithm()).isNotEqualTo(Algorithms.named(name).defaults());
                var own = Map.of("type", name, "upperLr", .123);
                Experiment given = cleaning(problem, own).completed(opened);
                assertThat(asMap(given.toMap().get("algorithm"))).containsEntry("upperLr", .123);
              });
    }
  }

  private static Experiment cleaning(Map<String, ?> problem, Map<String, ?> algorithm) {
    return Experiment.of(Map.of("problem", problem, "algorithm", algorithm));
  }

  static Stream<String> scripts() {
    return algorithms().filter(name -> name.contains("-authors"));
  }

  /** What an algorithm has in common with its paper's has the same step sizes, whatever it is. */
  @ParameterizedTest
  @ValueSource(
      strings = {"clean-wordnet", "hr-wordnet", "auc-amazon", "ho-amazon", "quadratic-sum"})
  void scriptsHaveTheStepSizesOfTheirPapers(String preset) {
    Draft draft = PresetsTest.standIn(Presets.named(preset), Scale.TINY);
    try (var scope = StateScope.open();
        var opened = draft.experiment().open()) {
      scripts()
          .forEach(
              name -> {
                draft.useAlgorithm(name.substring(0, name.indexOf("-authors")), "test");
                Experiment paper = draft.experiment();
                draft.useAlgorithm(name, "test");
                Experiment script = draft.experiment();
                assertThat(script.problem()).isEqualTo(paper.problem());
                assertThat(script.settings()).isEqualTo(paper.settings());
                var theirs = asMap(paper.completed(opened).toMap().get("algorithm"));
                var own = asMap(script.completed(opened).toMap().get("algorithm"));
                own.remove("type");
                own.keySet().retainAll(theirs.keySet()); // saba has no sampling
                assertThat(theirs).as(name).containsAllEntriesOf(own);
              });
    }
  }

  private static Draft old(String algorithm) {
    String text =
        """
        {
          "problem": {"type": "quadratic"},
          "algorithm": {
            "type": "%s",
            "mode": "paper",
            "script": null,
            "sampling": "shared"
          }
        }
        """
            .formatted(algorithm);
    Document document = Document.parse(text, "old.json");
    return Draft.of("old.json", asMap(document.value()));
  }

  /** Version 0.1 wrote mode, script and sampling into every file. */
  @ParameterizedTest
  @MethodSource("algorithms")
  void filesOfVersionOneRun(String name) {
    Draft draft = old(name);
    Experiment experiment = draft.experiment();
    assertThat(experiment.toMap().get("algorithm").toString()).doesNotContain("mode", "script=");
    checkRoundTrip(experiment);
    Draft other = old("slip");
    assertThat(other.useAlgorithm(name, "--algorithm")).as("went").isEmpty();
    assertThat(other.experiment()).isEqualTo(experiment);
  }

  @Test
  void aScriptThatWasAModeIsRefusedWhereItStands(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("old.json");
    Files.writeString(
        file,
        """
        {
          "problem": {"type": "quadratic"},
          "algorithm": {
            "type": "slip",
            "mode": "authors"
          }
        }
        """);
    Draft draft = Draft.read(file);
    assertThatThrownBy(draft::experiment)
        .hasMessage(
            file
                + ":5: The mode (authors) of slip is now part of the algorithm's name.\n"
                + "Maybe one of slip-authors-cleaning, slip-authors-few-shot was meant.");
    draft.useAlgorithm("bo-rep", "--algorithm");
    assertThatThrownBy(draft::experiment)
        .as("nothing is lost on the way to another algorithm")
        .hasMessageContaining("Maybe one of bo-rep-authors-auc, ");
    draft.useAlgorithm("slip-authors-cleaning", "--algorithm");
    draft.set("algorithm.mode=paper");
    assertThat(draft.experiment().algorithmType()).isEqualTo("slip-authors-cleaning");
  }

  @Test
  void precisionFollowsTheProblem() {
    assertThat(with("quadratic", "slip").settings().dtype()).isEqualTo(Device.Precision.FLOAT64);
    assertThat(Settings.defaults(new DataCleaning()).dtype()).isEqualTo(Device.Precision.FLOAT32);
  }

  @Test
  void labelsOfOwnDataStayAsTheyAre(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("train.csv");
    Files.writeString(file, "text,label\n" + "bread,food\ntrain,travel\n".repeat(30));
    Draft draft = Presets.named("clean-wordnet").draft(Scale.SMALL);
    draft.set("problem.data", file.toString(), "--set");
    var cleaning = (DataCleaning) draft.experiment().completed().problem();
    assertThat(cleaning.mislabeling().noise()).isEqualTo(LabelNoise.NONE);
    assertThat(
            List.of(
                cleaning.sizes().trainSize(),
                cleaning.sizes().trustedSize(),
                cleaning.sizes().testSize()))
        .containsExactly(0, 6, 12);
    checkRoundTrip(draft.experiment().completed());
    draft.set("problem.noise=uniform");
    draft.set("problem.testSize=20");
    cleaning = (DataCleaning) draft.experiment().completed().problem();
    assertThat(cleaning.mislabeling().noise()).isEqualTo(LabelNoise.UNIFORM);
    assertThat(cleaning.sizes().testSize()).isEqualTo(20);
  }

  @Test
  void aMissingFileIsNamedWhereItWasGiven() {
    Draft draft = Presets.named("clean-wordnet").draft(Scale.SMALL);
    draft.set("problem.data=nowhere.csv");
    assertThatThrownBy(() -> completed(draft))
        .hasMessageStartingWith("--set problem.data: There is no file 'nowhere.csv'.");
  }

  private static Experiment completed(Draft draft) {
    try {
      return draft.experiment().completed();
    } catch (InvalidInputException e) {
      throw draft.locate(e);
    }
  }

  @Test
  void optionsStandOverTheFile() {
    Draft draft =
        Draft.of(
            "file",
            Map.of(
                "problem", Map.of("type", "quadratic"),
                "algorithm", Map.of("type", "slip", "lowerLr", 0.3, "momentum", 0.5)));
    draft.set("algorithm.upperLr={\"type\": \"power\", \"initial\": 1, \"exponent\": 0.5}");
    draft.set("problem.A=[[4]]");
    assertThat(draft.useAlgorithm("adambo", "--algorithm")).containsExactly("momentum");
    Map<?, ?> algorithm = (Map<?, ?>) draft.experiment().toMap().get("algorithm");
    assertThat(algorithm.get("type")).isEqualTo("adambo");
    assertThat(algorithm.get("lowerLr")).isEqualTo(0.3);
    assertThat(algorithm.get("upperLr").toString()).contains("power");
    assertThat(draft.experiment().toMap().get("problem").toString()).contains("A=[[4.0]]");
  }
}
