package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.preset.Preset;
import org.stackel.preset.Presets;
import org.stackel.problem.Problems;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What there is, and what its options are. */
class ListCommandTest {
  private static final int LINES = 24;
  private static final int COLUMNS = 100;

  @TempDir Path temp;

  private static String text(String what) {
    Cli.Result result = Cli.run((Object[]) what.split(" "));
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }

  private static JsonNode json(String what) {
    return new JsonMapper().readTree(text(what + " --json"));
  }

  @Test
  void withoutANameItFitsOneScreen() {
    String text = text("list");
    assertThat(text.lines().count()).isLessThanOrEqualTo(LINES);
    assertThat(text.lines()).allMatch(line -> line.length() <= COLUMNS);
    String words = text.replace(",", " ");
    Algorithms.all().forEach(each -> assertThat(words).contains(" " + each.name()));
    Problems.all().forEach(each -> assertThat(words).contains(" " + each.name()));
    Presets.all().forEach(each -> assertThat(words).contains(" " + each.name()));
    assertThat(text)
        .contains(Algorithms.all().size() + " algorithms", "stackel list preset hr-snli");
  }

  @Test
  void forProgramsItHasEverything() {
    assertThat(json("list").propertyNames())
        .containsExactly("algorithms", "problems", "presets", "combinations");
    assertThat(text("list --json").lines()).hasSize(1);
  }

  @Test
  void hintsWork() {
    text("list")
        .lines()
        .filter(line -> line.startsWith("stackel "))
        .map(line -> line.substring("stackel ".length()).split(" {2,}", 2)[0])
        .forEach(ListCommandTest::text);
  }

  static List<String> names() {
    var names = new ArrayList<>(Algorithms.all().stream().map(Algorithms.Entry::name).toList());
    Problems.all().forEach(each -> names.add(each.name()));
    names.add("settings");
    return names;
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyEntryHasAPage(String name) {
    assertThat(text("list " + name).lines())
        .startsWith(name)
        .allMatch(line -> line.length() <= COLUMNS + 1); // a word may be longer than a line
    assertThat(json("list " + name).get("name").stringValue()).isEqualTo(name);
  }

  @Test
  void describesTheOptionsOfAnAlgorithm() {
    assertThat(text("list slip"))
        .contains("title: SLIP", "paper: Gong, Hao, Liu, ICML 2024", "oracle calls: 1 ∇f")
        .contains("momentum (number; default: 0.9)\n      weight of the previous momentum")
        .contains("linearSystemRadius (number; left out)")
        .contains("shared: One lower and one upper minibatch per step.");
    JsonNode options = json("list slip").get("options");
    assertThat(options.findValuesAsString("key")).contains("upperLr", "sampling");
    for (JsonNode option : options) {
      assertThat(option.get("description").stringValue()).isNotEmpty();
    }
  }

  @Test
  void describesOneOption() {
    assertThat(text("list data-cleaning.noise")).contains("noise (word;", "uniform");
    assertThat(json("list data-cleaning.noise").at("/options/0/values/0/word").stringValue())
        .isEqualTo("none");
    assertThat(text("list quadratic.noise"))
        .contains("noise (object;", "noise.gradient (number; default: 0.0)");
    assertThat(text("list settings.check")).contains("full:").doesNotContain("seed");
  }

  @Test
  void aNameOfTwoKindsIsAProblemUnlessAPresetIsAskedFor() {
    assertThat(text("list pl-game")).doesNotContain("The experiment at scale");
    assertThat(text("list preset pl-game")).contains("The experiment at scale small:");
    assertThat(text("list problem pl-game")).isEqualTo(text("list pl-game"));
  }

  @Test
  void describesAPreset() {
    assertThat(text("list hr-snli --scale tiny"))
        .contains("papers: SLIP", "scales: tiny, small, paper", "needs data/snli_1.0/")
        .contains("The experiment at scale tiny:", "problem.type: hyper-representation");
  }

  static List<String> presets() {
    return Presets.all().stream().map(Preset::name).toList();
  }

  /** A preset that was saved is the preset. */
  @ParameterizedTest
  @ValueSource(strings = {"quadratic-demo", "pl-game", "hr-wordnet"})
  void aPresetCanBeSavedEditedAndRun(String name) {
    Path file =
        Cli.write(
            temp.resolve("mine.json"),
            text("list preset " + name + " --json --scale tiny")
                .replaceFirst("\"steps\": \\d+", "\"steps\": 2"));
    Cli.Result saved =
        Cli.run("run", file, "--steps", 2, "--out", temp.resolve("saved"), "--quiet");
    assertThat(saved.code()).as(saved.err()).isZero();
    Cli.run(
        "run", name, "--scale", "tiny", "--steps", 2, "--out", temp.resolve("preset"), "--quiet");
    assertThat(Cli.metricsButTime(temp.resolve("saved")))
        .isEqualTo(Cli.metricsButTime(temp.resolve("preset")));
  }

  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetIsAFile(String name) {
    assertThat(json("list preset " + name + " --scale tiny").has("problem")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "slipp | 'slip' was meant",
        "algorithm | 'algorithms' was meant",
        "data-cleening.noise | 'data-cleaning' was meant",
        "slip.momentun | 'momentum' was meant",
        "settings.sead | 'seed' was meant",
        "preset hr-sni | 'hr-snli' was meant",
        "zzz | Maybe it is misspelled; `stackel list` shows all names",
        "preset slip | `stackel list algorithm slip` was meant",
        "data-cleaning.model | `stackel list data-cleaning.encoder` was meant",
        "foo bar | one of algorithm, problem, preset",
        "preset quadratic-demo --scale paper | one of tiny, small was meant",
        "preset quadratic-demo --scale large | small",
      })
  void unknownNamesAreSaidInTwoLines(String what, String maybe) {
    Cli.Result result = Cli.run((Object[]) ("list " + what).split(" "));
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errLines()).hasSize(2);
    assertThat(result.errLines().get(1)).startsWith("Maybe ").contains(maybe);
  }
}
