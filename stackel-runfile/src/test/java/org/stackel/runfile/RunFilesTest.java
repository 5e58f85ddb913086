package org.stackel.runfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.config.InvalidInputException;
import org.stackel.runfile.ComparisonFile.Summary;

class RunFilesTest {
  /** As release 0.1.0 wrote it, without a version. */
  private static final String EXPERIMENT =
      """
      {
        "problem": {
          "type": "quadratic",
          "A": [[2.0, 0.0], [0.0, 1.0E-300]],
          "upperBox": null,
          "noise": { }
        },
        "algorithm": {
          "type": "slip",
          "upperLr": 0.05
        },
        "seed": 3,
        "steps": 100,
        "dtype": "float64",
        "threads": 1,
        "maxSeconds": 0.5
      }
      """;

  private static final String COMPARISON =
      """
      {
        "version": 1,
        "title": "two methods",
        "notes": [ ],
        "sections": [{
          "title": "only one",
          "notes": ["a note"],
          "columns": [{
            "key": "testAccuracy",
            "label": "test accuracy",
            "better": "higher",
            "format": "0.000"
          }, {
            "key": "seconds",
            "label": "seconds",
            "better": null,
            "format": null
          }],
          "rows": [{
            "method": "slip",
            "kind": "bilevel",
            "values": {
              "testAccuracy": {
                "mean": 0.5,
                "sd": 0.0,
                "se": null,
                "n": 1
              },
              "seconds": {
                "mean": "Infinity",
                "sd": "NaN",
                "se": "NaN",
                "n": 2
              }
            },
            "seeds": {
              "testAccuracy": {
                "1": 0.5,
                "0": "-Infinity"
              }
            }
          }],
          "runs": ["slip-seed0", "slip-seed1"],
          "primary": "testAccuracy",
          "tests": {
            "metric": "testAccuracy",
            "reference": "slip",
            "test": "paired",
            "rows": [{
              "method": "soba",
              "n": 3,
              "difference": -0.1,
              "se": 0.0,
              "p": null
            }]
          },
          "budget": {
            "kind": "oracle",
            "amount": 403.0,
            "text": "403 calls."
          },
          "target": {
            "metric": "testAccuracy",
            "label": "test accuracy",
            "better": "higher",
            "value": 0.4,
            "source": "reached by all",
            "rows": [{
              "method": "slip",
              "reached": 0,
              "runs": 2,
              "diverged": 1
            }]
          },
          "tuning": {
            "metric": "upperLoss",
            "label": "upper loss",
            "better": "lower",
            "seeds": [1000],
            "rows": [{
              "method": "slip",
              "chosen": 0,
              "points": 1,
              "diverged": 1,
              "values": {
                "upperLr": {
                  "type": "power",
                  "initial": 1.0
                },
                "lowerLr": 2
              },
              "score": "Infinity",
              "defaults": { },
              "scoreOfDefaults": "Infinity"
            }]
          }
        }]
      }
      """;

  @TempDir Path directory;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  @Test
  void filesWithoutAVersionAreReadAndWrittenWithOne() throws IOException {
    ExperimentFile experiment =
        RunFiles.read(file("experiment.json", EXPERIMENT), ExperimentFile.class);

    assertThat(experiment.algorithmType()).isEqualTo("slip");
    assertThat(experiment.problem()).containsKey("upperBox");
    assertThat(experiment.pieces()).isNull();
    assertThat(RunFiles.text(experiment))
        .isEqualTo(EXPERIMENT.replaceFirst("\\{\n", "{\n  \"version\": 1,\n"));
    assertThat(RunFiles.toMap(experiment)).doesNotContainKey("version").containsEntry("seed", 3L);
  }

  @Test
  void whatIsReadIsWrittenTheSame() throws IOException {
    ComparisonFile comparison =
        RunFiles.read(file("comparison.json", COMPARISON), ComparisonFile.class);

    assertThat(RunFiles.text(comparison)).isEqualTo(COMPARISON);
    assertThat(comparison.sections().get(0).rows().get(0).seeds().get("testAccuracy"))
        .containsEntry("0", Double.NEGATIVE_INFINITY);
  }

  @Test
  void linesAreReadAndWrittenTheSame() throws IOException {
    String lines =
        """
        {"step":0,"seconds":0.0,"oracle":{"gradientF":1,"gradientG":2,"hessianVector":3,"crossVector":4},"metrics":{"loss":"NaN","b":1.0}}
        {"step":10,"epoch":0.5,"seconds":1.25,"oracle":{"gradientF":1,"gradientG":2,"hessianVector":3,"crossVector":4},"metrics":{}}
        """;
    List<MetricsLine> read =
        RunFiles.readLines(
            file("metrics.jsonl", "\n" + lines), MetricsLine.class, RunFiles.LastLine.WHOLE);

    assertThat(read.get(0).oracle().total()).isEqualTo(10);
    assertThat(read.stream().map(line -> RunFiles.line(line) + "\n")).hasSize(2);
    assertThat(String.join("", read.stream().map(line -> RunFiles.line(line) + "\n").toList()))
        .isEqualTo(lines);
    String trace = "{\"step\":1,\"x\":[0.1,\"NaN\"],\"y\":[]}";
    List<RunFiles.Line<TraceLine>> traced =
        RunFiles.lines(file("trace.jsonl", trace), TraceLine.class, RunFiles.LastLine.WHOLE);
    assertThat(traced.get(0).text()).isEqualTo(trace);
    assertThat(RunFiles.line(traced.get(0).content())).isEqualTo(trace);
  }

  @Test
  void aLineThatIsCutOffMayBeTheLast() throws IOException {
    String whole =
        "{\"step\":1,\"seconds\":1,\"oracle\":{\"gradientF\":1,\"gradientG\":1,\"hessianVector\":1,\"crossVector\":1},\"metrics\":{}}\n";
    Path cut = file("metrics.jsonl", whole + "{\"step\":2,\"sec");

    assertThat(RunFiles.readLines(cut, MetricsLine.class, RunFiles.LastLine.MAY_BE_CUT)).hasSize(1);
    assertThatThrownBy(() -> RunFiles.readLines(cut, MetricsLine.class, RunFiles.LastLine.WHOLE))
        .hasMessageStartingWith(
            cut + ":2: This is not JSON: the text ends too early (column 15).\nMaybe ");
    Files.writeString(cut, "{\"step\"\n" + whole);
    assertThatThrownBy(
            () -> RunFiles.readLines(cut, MetricsLine.class, RunFiles.LastLine.MAY_BE_CUT))
        .hasMessageStartingWith(cut + ":1: ");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 1e-300, 4.9e-324, 1.7976931348623157e308, -0.0, 1.0 / 3, 100})
  void numbersReadBackBitForBit(double number) {
    Summary summary = new Summary(number, number, number, 1L);
    String line = RunFiles.line(summary);
    assertThat(line).isEqualTo(Document.line(RunFiles.toMap(summary)));
    Map<?, ?> read = (Map<?, ?>) Document.parse(line, "x").value();
    assertThat(Double.doubleToLongBits((Double) read.get("mean")))
        .isEqualTo(Double.doubleToLongBits(number));
  }

  @Test
  void numbersThatAreNotFiniteAreTexts() {
    assertThat(
            Document.line(List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)))
        .isEqualTo("[\"NaN\",\"Infinity\",\"-Infinity\"]");
  }

  /** File, line, path, value and rule. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "  \"title\": \"two | \"version\": 2, \"title\": \"two | :3: The key 'version' stands twice; it is already on line 2.",
        "\"version\": 1 | \"version\": 2 | :2: The version (2) is larger than 1: the file was written by a newer Stackel.",
        "\"version\": 1 | \"version\": \"new\" | :2: The version (new) must be 1.",
        "\"version\": 1 | \"version\": \"1\" | :2: The version (\"1\") must be the number 1, without quotes.",
        "\"version\": 1 | \"version\": 0 | :2: The version (0) must be 1.",
        "\"title\": \"two methods\", | | :1: 'title' is missing.",
        "\"title\": \"two methods\" | \"title\": 2 | :3: 'title' (2) must be a text.",
        "\"notes\": [\"a note\"] | \"notes\": \"a note\" | :7: 'sections[0].notes' (\"a note\") must be a list.",
        "\"notes\": [\"a note\"] | \"notes\": [null] | :7: 'sections[0].notes' must have a value at every place.",
        "\"higher\", | \"hihger\", | :11: 'sections[0].columns[0].better' (\"hihger\") must be higher or lower.",
        "\"higher\", | 0, | :11: 'sections[0].columns[0].better' (0) must be higher or lower.",
        "0.000\" | 0.0.0\" | :12: 'sections[0].columns[0].format' (\"0.0.0\") must be a pattern such as 0.000 or 0.0%.",
        "\"method\": \"slip\", | | :19: 'sections[0].rows[0].method' is missing.",
        "\"mean\": 0.5 | \"mean\": \"0.5\" | :24: 'sections[0].rows[0].values.testAccuracy.mean' (\"0.5\") must be a number, \"NaN\", \"Infinity\" or \"-Infinity\".",
        "\"mean\": 0.5, | | :23: 'sections[0].rows[0].values.testAccuracy.mean' is missing.",
        "\"reached\": 0, | | :68: 'sections[0].target.rows[0].reached' is missing.",
        "\"mean\": 0.5 | \"mean\": null | :24: 'sections[0].rows[0].values.testAccuracy.mean' is missing.",
        "\"n\": 1 | \"n\": 1.5 | :27: 'sections[0].rows[0].values.testAccuracy.n' (1.5) must be a whole number of at least 0.",
        "\"n\": 1 | \"n\": -1 | :27: 'sections[0].rows[0].values.testAccuracy.n' (-1) must be a finite number of at least 0.",
        "\"0\": \"-Infinity\" | \"0\": \"low\" | :39: 'sections[0].rows[0].seeds.testAccuracy.0' (\"low\") must be a number,",
        "\"se\": 0.0, | \"se\": \"Infinity\", | :53: 'sections[0].tests.rows[0].se' (\"Infinity\") must be a finite number of at least 0.",
        "\"oracle\" | \"joules\" | :58: 'sections[0].budget.kind' (\"joules\") must be steps, seconds, oracle or samples.",
        "\"reached by all\" | \"guessed\" | :67: 'sections[0].target.source' (\"guessed\") must be given or reached by all.",
        "\"seeds\": [1000] | \"seeds\": [1e400] | :79: The number 1e400 is too large.",
        "\"seeds\": [1000] | \"seeds\": [100000000000000000000] | :79: 'sections[0].tuning.seeds[0]' (1.0E20) must be a whole number of at least 0.",
      })
  void namesThePlaceAndTheRule(String from, String to, String message) throws IOException {
    assertThat(COMPARISON).contains(from);
    String text =
        COMPARISON.replaceFirst(java.util.regex.Pattern.quote(from), to == null ? "" : to);
    Path file = file("comparison.json", text);

    assertThatThrownBy(() -> RunFiles.read(file, ComparisonFile.class))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file + message)
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void saysWhatWasMeant() throws IOException {
    Path file = file("comparison.json", COMPARISON.replace("\"higher\"", "\"hihger\""));
    assertThatThrownBy(() -> RunFiles.read(file, ComparisonFile.class))
        .hasMessageEndingWith("\nMaybe 'higher' was meant.");
  }

  @Test
  void namesFilesThatAreNotThere() {
    Path file = directory.resolve("outcome.json");
    assertThatThrownBy(() -> RunFiles.read(file, OutcomeFile.class))
        .hasMessageStartingWith(file + ": The file is missing.\nMaybe '" + directory + "' is not");
  }

  /** A newer version may have keys of other types: it is the version that is said to be wrong. */
  @Test
  void theVersionIsLookedAtFirst() throws IOException {
    Path file = file("outcome.json", "{\"status\": [], \"version\": 7}");
    assertThatThrownBy(() -> RunFiles.read(file, OutcomeFile.class))
        .hasMessageStartingWith(file + ":1: The version (7) is larger than 1");
  }

  @Test
  void recordsKeepTheirRulesInJavaToo() {
    assertThatThrownBy(() -> new OutcomeFile(RunStatus.STOPPED, -1, 0, Map.of(), null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'step' must be a finite number of at least 0.");
  }

  @Test
  void summariesHaveStandardErrors() {
    Summary summary = Summary.of(1, 2, 4);
    double sd = Math.sqrt((16 + 1 + 25) / 9.0 / 2);
    assertThat(summary.mean()).isCloseTo(7 / 3.0, within(1e-15));
    assertThat(summary.sd()).isCloseTo(sd, within(1e-15));
    assertThat(summary.se()).isCloseTo(sd / Math.sqrt(3), within(1e-15));
    assertThat(Summary.of(2)).isEqualTo(new Summary(2, 0.0, null, 1L));
    assertThat(Summary.of().mean()).isNaN();
    assertThat(new Summary(1, 3.0, null, 9L).error()).isEqualTo(1);
    assertThat(new Summary(1, null, null, 9L).error()).isNaN();
  }

  /** A number for a mean, as files that were written by hand have it. */
  @Test
  void aPlainNumberIsAMean() throws IOException {
    String text =
        "{\"title\": \"t\", \"sections\": [{\"title\": \"s\", \"rows\": [{\"method\": \"a\", \"values\": {\"x\": 0.5, \"y\": {\"mean\": 1}, \"z\": 2}}]}]}";
    var row =
        RunFiles.read(file("comparison.json", text), ComparisonFile.class)
            .sections()
            .get(0)
            .rows()
            .get(0);
    assertThat(row.kind()).isEqualTo(ComparisonFile.Row.Kind.BILEVEL);
    assertThat(row.values().values().stream().map(Summary::mean)).containsExactly(0.5, 1.0, 2.0);
    assertThat(row.values().values()).allSatisfy(value -> assertThat(value.n()).isEqualTo(1));
  }
}
