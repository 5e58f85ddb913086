package org.stackel.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.stackel.report.Fixtures.line;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-01-05T12:00:00Z"), ZoneOffset.UTC);

  @TempDir Path directory;

  @Test
  void averagesOverSeeds() throws IOException {
    JsonNode page =
        data(
            simple("a", "slip", 0, 0.4, 0.6),
            simple("b", "slip", 1, 0.5, 0.8),
            simple("c", "adambo", 0, 0.3, 0.5));

    JsonNode section = page.at("/sections/0");
    assertThat(cells(section, 0)).containsExactly("0.70 ± 0.10", "2 ± 0", "1.5 ± 0", "70 ± 0");
    assertThat(cells(section, 1)).containsExactly("0.5", "2", "1.5", "70");
    assertThat(best(section, 0)).containsExactly(true, false, false, false);
    assertThat(best(section, 1)).containsOnly(false);
    JsonNode slip = section.at("/curves/lines/0");
    assertThat(slip.path("label").asString()).isEqualTo("slip");
    assertThat(slip.path("step").toString()).isEqualTo("[0,10]");
    assertThat(slip.path("calls").toString()).isEqualTo("[0,70]");
    assertThat(slip.at("/bands/testAccuracy/mean").toString()).isEqualTo("[0.45,0.7]");
    assertThat(slip.at("/bands/testAccuracy/low").toString()).isEqualTo("[0.4,0.6]");
    assertThat(slip.at("/bands/testAccuracy/high").toString()).isEqualTo("[0.5,0.8]");
    assertThat(page.path("result").asString())
        .isEqualTo(
            "slip reaches test accuracy 0.70 ± 0.10 (2 seeds), against 0.5 for the next best, adambo."
                + " With so few seeds, chance cannot be ruled out.");
    assertThat(page.path("status").asString()).isEqualTo("All 3 runs completed.");
    assertThat(page.path("title").asString()).isEqualTo("slip, adambo on quadratic");
    assertThat(page.path("written").asString()).isEqualTo("5 January 2026, 12:00");
  }

  @Test
  void separatesConfigurationsOfOneAlgorithmAndProblems() throws IOException {
    Path a = simple("a", "slip", 0, 0.1, 0.2);
    Path b = simple("b", "slip", 0, 0.1, 0.2);
    Path c = simple("c", "slip", 0, 0.1, 0.2);
    replace(b, "experiment.json", "0.05", "0.5");
    replace(c, "experiment.json", "[[2]]", "[[3]]");

    JsonNode page = data(a, b, c);

    assertThat(page.at("/sections/0/title").asString()).isEqualTo("quadratic (A [[2]])");
    assertThat(page.at("/sections/0/rows/0/method").asString()).isEqualTo("slip (upperLr 0.05)");
    assertThat(page.at("/sections/0/rows/1/method").asString()).isEqualTo("slip (upperLr 0.5)");
    assertThat(page.at("/sections/1/title").asString()).isEqualTo("quadratic (A [[3]])");
    assertThat(page.at("/sections/1/rows/0/method").asString()).isEqualTo("slip");
  }

  /** Seeds of one experiment, of which version 0.1 ran one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "data-cleaning | 'model': 'rnn', 'startWeight': 1.0 | 'x0': 1.0, 'encoder': 'rnn'"
            + " | slip | 'mode': 'paper', 'script': null,",
        "hyper-representation | 'regularizer': 'norm' | 'penalty': 'norm'"
            + " | soba | 'sampling': 'shared', 'mode': 'paper',",
        "quadratic | 'A': 1 | 'A': 1"
            + " | saba | 'sampling': 'independent', 'mode': 'paper', 'script': null,",
      })
  void runsOfFormerVersionsBelongToTheirExperiment(
      String problem, String old, String now, String algorithm, String former) throws IOException {
    Path a = simple("a", algorithm, 0, 0.1, 0.2);
    Path b = simple("b", algorithm, 1, 0.1, 0.4);
    for (Path run : List.of(a, b)) {
      replace(run, "experiment.json", "\"type\": \"quadratic\"", "\"type\": \"" + problem + "\"");
    }
    replace(a, "experiment.json", "\"A\": [[2]]", old.replace('\'', '"'));
    replace(a, "experiment.json", "\"upperLr\"", former.replace('\'', '"') + "\"upperLr\"");
    replace(b, "experiment.json", "\"A\": [[2]]", now.replace('\'', '"'));

    JsonNode page = data(a, b);

    assertThat(page.at("/sections")).hasSize(1);
    assertThat(page.at("/sections/0/rows")).hasSize(1);
    assertThat(page.at("/sections/0/rows/0/method").asString()).isEqualTo(algorithm);
    assertThat(cells(page.at("/sections/0"), 0)).first().isEqualTo("0.30 ± 0.10");
  }

  @Test
  void whatChangesNumbersStillSeparates() throws IOException {
    Path a = simple("a", "slip", 0, 0.1, 0.2);
    Path b = simple("b", "slip", 1, 0.1, 0.4);
    replace(a, "experiment.json", "\"upperLr\"", "\"sampling\": \"shared\", \"upperLr\"");
    replace(b, "experiment.json", "\"upperLr\"", "\"mode\": \"authors\", \"upperLr\"");
    assertThat(data(a, b).at("/sections/0/rows")).hasSize(2);
  }

  @Test
  void showsDivergedRunsAndGaps() throws IOException {
    Path good = simple("good", "slip", 0, 0.1, 0.2);
    Path bad =
        Fixtures.run(
            directory.resolve("bad"),
            "slip",
            1,
            line(0, 0, "\"testAccuracy\":0.9,\"upperLoss\":1"),
            line(10, 1, "\"testAccuracy\":\"NaN\",\"upperLoss\":\"Infinity\""));
    Fixtures.outcome(bad, "diverged", 12, "{\"testAccuracy\":0.99},\"quantity\":\"z\"");

    JsonNode page = data(good, bad, simple("other", "adambo", 0, 0.1, 0.15));

    assertThat(page.path("status").asString())
        .isEqualTo(
            "2 of 3 runs completed. slip, seed 1, diverged at step 12 after 1.5 s: z was not finite.");
    JsonNode section = page.at("/sections/0");
    assertThat(section.at("/rows/0/remark").asString()).isEqualTo("1 of 2 diverged");
    assertThat(cells(section, 0)).startsWith("0.2");
    assertThat(best(section, 0)).containsOnly(false);
    assertThat(best(section, 1)).containsOnly(false);
    assertThat(section.path("remarks").toString())
        .contains(
            "slip, seed 1: not finite in the evaluation at step 10: test accuracy, upper loss."
                + " The curves leave it out there.");
    assertThat(section.at("/curves/lines/0/bands/testAccuracy/mean").toString())
        .isEqualTo("[0.5,0.2]");
    assertThat(section.at("/curves/lines/0/ends/testAccuracy").toString())
        .isEqualTo("[{\"index\":0,\"value\":0.9}]");

    assertThat(data(bad).at("/sections/0/curves/lines/0/bands/testAccuracy/mean").toString())
        .isEqualTo("[0.9,null]");
  }

  @Test
  void readsARunThatWasKilledWhileWriting() throws IOException {
    Path killed = simple("killed", "slip", 0, 0.1, 0.2);
    Files.delete(killed.resolve("outcome.json"));
    String cut = line(0, 0, "\"testAccuracy\":0.1") + "\n{\"step\":10,\"epo";
    Files.writeString(killed.resolve("metrics.jsonl"), cut);

    assertThat(data(killed).path("status").asString())
        .isEqualTo(
            "0 of 1 runs completed. slip, seed 0, wrote no outcome: it still runs or was killed;"
                + " its last evaluation is step 0 after 0.0 s.");

    Fixtures.outcome(killed, "completed", 100, "{}");
    assertThatThrownBy(() -> data(killed))
        .hasMessageContaining("metrics.jsonl:2: This is not JSON");
  }

  @Test
  void leavesOutStepsThatOnlyAnInterruptedSeedHas() throws IOException {
    Path first = simple("a", "slip", 0, 0.1, 0.2);
    Path stopped =
        Fixtures.run(
            directory.resolve("b"), "slip", 1, line(0, 0, "\"m\":1"), line(7, 1, "\"m\":9"));
    Fixtures.outcome(stopped, "stopped", 7, "{\"m\":9}");
    Path third = simple("c", "slip", 2, 0.1, 0.2);

    assertThat(data(first, stopped, third).at("/sections/0/curves/lines/0/step").toString())
        .isEqualTo("[0,10]");
  }

  @Test
  void tablesAsMarkdown() throws IOException {
    Path comparison = Fixtures.comparison(directory.resolve("comparison"));
    Path run =
        Fixtures.run(directory.resolve("a"), "slip", 0, Fixtures.line(10, 1, "\"loss\":0.5"));
    Path file = directory.resolve("results.md");

    Report.write(List.of(comparison, run), file);

    assertThat(Files.readAllLines(file))
        .contains("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        .contains("| slip | 1 of 1 | 0.5 | 1.5 |")
        .contains(
            "![test accuracy over steps and oracle calls, of slip, bo-rep, adambo](results/comparison.png)")
        .contains("- cpu: 12th Gen Example CPU")
        .contains("- runs: 10, of 2026-01-05")
        .anyMatch(
            line ->
                line.startsWith("| slip | 0.483 ± 0.001 |  |  | 0.882 ± 0.001 | 0.770 ± 0.002 |")
                    && line.endsWith(" | 2,083 |"))
        .anyMatch(line -> line.contains("(1 of 3 diverged) |"));
  }

  @Test
  void comparisonStandsAlone() throws IOException {
    JsonNode page = data(Fixtures.comparison(directory.resolve("comparison")));

    assertThat(page.path("result").asString())
        .isEqualTo(
            "Linear model, pair-flipped labels: slip reaches test accuracy 0.483 ± 0.001 (3 seeds),"
                + " against 0.478 ± 0.004 for the best baseline, validation-model pruning."
                + " The difference, paired over 3 seeds, is 0.005 ± 0.000 (p = 0.0063).");
    JsonNode section = page.at("/sections/0");
    assertThat(cells(section, 0))
        .containsExactly("0.483 ± 0.001", "0.882 ± 0.001", "0.770 ± 0.002", "2.1 ± 0.1");
    assertThat(best(section, 0)).containsExactly(true, true, true, false);
    assertThat(section.at("/rows/2/remark").asString()).isEqualTo("1 of 3 diverged");
    assertThat(section.at("/rows/3/remark").asString()).isEqualTo("1 of 3 diverged");
    assertThat(section.at("/rows/4/cells/1/text").asString()).isEqualTo("—");
    assertThat(section.at("/rows/4/cells/1/about").asString())
        .isEqualTo("AUROC of wrong labels was not measured for plain training");
    assertThat(best(section, 12)).containsOnly(false);
    assertThat(page.at("/sections/1/rows/1/cells/0/text").asString()).isEqualTo("49.2% ± 0.2%");
    assertThat(page.path("runs")).hasSize(9);
    assertThat(page.at("/suspects/0/suspects/examples")).as("all suspected").hasSize(24);
    assertThat(page.at("/suspects/0/suspects/summary").asString())
        .isEqualTo(
            "24 of 60 examples are suspected. Of the suspected, 20 (83.3%) really are wrong.");
    assertThat(page.at("/suspects/0/suspects/examples/0/wrong").asBoolean()).isTrue();
  }

  @Test
  void showsTestsTargetsAndTuning() throws IOException {
    JsonNode page = data(Fixtures.comparison(directory.resolve("comparison")));

    assertThat(page.path("axis").asString()).isEqualTo("calls");
    JsonNode section = page.at("/sections/0");
    assertThat(section.path("budget").asString()).startsWith("Budget of every run: 4,003 oracle");
    assertThat(section.at("/tables/0/title").asString()).isEqualTo("Differences from slip");
    assertThat(rows(section.at("/tables/0")))
        .containsExactly(
            "bo-rep | −0.002 ± 0.002 | 0.31 | 3",
            "validation-model pruning | −0.005 ± 0.000 | 0.0063 | 3",
            "plain training | −0.119 ± 0.002 | < 0.001 | 3",
            "trained on true labels | 0.000 ± 0.000 | seeds do not vary | 3");
    assertThat(section.at("/tables/1/title").asString())
        .isEqualTo("Cost to reach test accuracy 0.4512");
    assertThat(rows(section.at("/tables/1")))
        .containsExactly(
            "slip | 3 of 3 | 520 | 1.040 | 2,083 | 4,166",
            "bo-rep | 1 of 3 | — | — | — | —",
            "adambo | 0 of 3 | — | — | — | —");
    assertThat(rows(section.at("/tables/2")))
        .containsExactly(
            "slip | upperLr 0.5, lowerLr {\"type\":\"power\",\"initial\":2,\"exponent\":0.5}"
                + " | 1.234 | ∞ | 1",
            "bo-rep | as given | 1.3 | 1.3 | 0");
    assertThat(section.at("/curves/metrics").findValuesAsString("target"))
        .containsExactly("", "0.4512", "", "");
    assertThat(page.at("/sections/1/tables")).isEmpty();
    assertThat(page.at("/sections/1/budget").asString()).isEmpty();
  }

  private static List<String> rows(JsonNode table) {
    return table
        .get("rows")
        .valueStream()
        .map(row -> String.join(" | ", row.valueStream().map(JsonNode::asString).toList()))
        .toList();
  }

  @Test
  void leavesOutTheEndsThatABudgetOfSecondsMade() throws IOException {
    Path first = directory.resolve("a");
    Path second = directory.resolve("b");
    String metric = "\"testAccuracy\":0.5";
    Fixtures.run(
        first,
        "slip",
        0,
        Fixtures.line(0, 0, metric),
        Fixtures.line(10, 1, metric),
        Fixtures.line(17, 2, metric));
    Fixtures.run(
        second,
        "slip",
        1,
        Fixtures.line(0, 0, metric),
        Fixtures.line(10, 1, metric),
        Fixtures.line(20, 1.9, metric),
        Fixtures.line(22, 2, metric));
    assertThat(data(first, second).at("/sections/0/curves/lines/0/step").toString())
        .isEqualTo("[0,10]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"oracle\", | \"joules\", | 'sections[0].budget.kind' (\"joules\") must be steps, seconds",
        "\"difference\" | \"gain\" | 'sections[0].tests.rows[0].difference' is missing",
        "0.4512 | \"much\" | 'sections[0].target.value' (\"much\") must be a number",
      })
  void namesThePlaceBesideTheTable(String from, String to, String message) throws IOException {
    Path comparison = Fixtures.comparison(directory.resolve("comparison"));
    replace(comparison, "comparison.json", from, to);

    assertThatThrownBy(() -> data(comparison))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(comparison + "/comparison.json")
        .hasMessageContaining(": " + message);
  }

  /** Files of `clean` have records and suspicions in place of rows and weights. */
  @Test
  void showsTheMostSuspiciousFirst() throws IOException {
    Path run = simple("run", "slip", 0, 0.1, 0.2);
    var csv = new StringBuilder("record,line,label,suspicion,suspected,suggested\n");
    for (int i = 0; i < 30; i++) {
      csv.append("%d,%d,a,%s,%b,b%n".formatted(i + 1, i + 2, i / 30.0, i >= 5));
    }
    Files.writeString(run.resolve("weights.csv"), csv);

    JsonNode suspects = data(run).at("/suspects/0/suspects");

    assertThat(suspects.path("measure").asString()).isEqualTo("suspicion");
    assertThat(suspects.path("summary").asString()).isEqualTo("25 of 30 examples are suspected.");
    assertThat(suspects.path("examples")).hasSize(25);
    assertThat(suspects.at("/examples/0/row").asString()).isEqualTo("30");
  }

  @Test
  void recordsThatAreMissingAreTold() throws IOException {
    Path run = simple("run", "slip", 0, 0.1, 0.2);
    Files.writeString(
        run.resolve("weights.csv"),
        "record,line,label,suspicion,suspected,suggested\n1,2,'=a,0.9,true,b\n4,5,b,0.1,false,\n");

    JsonNode suspects = data(run).at("/suspects/0/suspects");

    assertThat(suspects.path("summary").asString())
        .isEqualTo(
            "1 of 2 examples are suspected. Missing in weights.csv, which was edited or damaged: 2 records.");
    assertThat(suspects.at("/examples/0/label").asString()).isEqualTo("=a");
  }

  @Test
  void whatNeverChangesHasNoChart() throws IOException {
    Path run =
        Fixtures.run(
            directory.resolve("run"),
            "slip",
            0,
            line(0, 0, "\"upperLoss\":1e-18,\"gap\":0.5,\"other\":0.1"),
            line(10, 1, "\"upperLoss\":2e-18,\"gap\":0.5,\"other\":0.10000000000000001"));

    JsonNode curves = data(run).at("/sections/0/curves");

    assertThat(curves.at("/metrics").findValuesAsString("key")).containsExactly("upperLoss");
    assertThat(curves.at("/constants").toString())
        .isEqualTo("[{\"label\":\"gap\",\"value\":0.5},{\"label\":\"other\",\"value\":0.1}]");
  }

  /** A loss at a y that does not solve the lower level can be below the optimum. */
  @Test
  void belowTheOptimumIsNotTheBest() throws IOException {
    String known = "\"valueFunction\":%s,\"optimalityGap\":%s,\"upperLoss\":%s";
    Path good =
        Fixtures.run(directory.resolve("a"), "slip", 0, line(0, 0, known.formatted(1.5, 0.5, 1.5)));
    Path low =
        Fixtures.run(directory.resolve("b"), "soba", 0, line(0, 0, known.formatted(3, 2, 0.2)));
    Path other =
        Fixtures.run(directory.resolve("c"), "bo-rep", 0, line(0, 0, known.formatted(2, 1, 1.7)));

    JsonNode page = data(good, low, other);

    JsonNode section = page.at("/sections/0");
    List<String> keys = section.path("columns").findValuesAsString("key");
    int loss = keys.indexOf("upperLoss");
    assertThat(best(section, 0).get(loss)).isTrue();
    assertThat(best(section, 1).get(loss)).isFalse();
    assertThat(section.at("/rows/1/cells/" + loss + "/about").asString())
        .isEqualTo("below the optimum: y does not solve the lower level");
    assertThat(page.path("result").asString()).doesNotContain("soba");
  }

  @Test
  void saysWhenABaselineIsBetter() throws IOException {
    Path comparison =
        comparison(
            "{\"method\":\"slip\",\"values\":{\"loss\":0.5}},"
                + "{\"method\":\"plain\",\"kind\":\"baseline\",\"values\":{\"loss\":{\"mean\":0.25}}},"
                + "{\"method\":\"oracle\",\"kind\":\"reference\",\"values\":{\"loss\":0.1}}");

    JsonNode page = data(comparison);

    assertThat(page.path("result").asString())
        .isEqualTo(
            "plain reaches loss 0.25 (one seed), against 0.50 for the best bilevel method, slip."
                + " With so few seeds, chance cannot be ruled out.");
    assertThat(best(page.at("/sections/0"), 1)).containsExactly(true);
    assertThat(best(page.at("/sections/0"), 2)).containsExactly(false);
  }

  @Test
  void textOfUsersIsNeverMarkup() throws IOException {
    String evil = "</script><img src=x onerror=alert(1)>'&\u2028{{script}}";
    Path run = simple("run", "slip", 0, 0.1, 0.2);
    replace(run, "experiment.json", "\"slip\"", "\"" + evil + "\"");
    Files.writeString(
        run.resolve("weights.csv"),
        "row,label,weight,extra,text\n1," + evil + ",0.5,x," + evil + "\n");

    String html = html(run);

    assertThat(html).doesNotContain("<img");
    assertThat(html.substring(html.indexOf("id=\"data\">"))).doesNotContain("\u2028");
    assertThat(html).contains("<title>&lt;/script&gt;&lt;img src=x");
    assertThat(html.split("</script>", -1)).hasSize(5);
    JsonNode page = parse(html);
    assertThat(page.at("/suspects/0/suspects/examples/0/text").asString()).isEqualTo(evil);
  }

  @Test
  void loadsNothing() throws IOException {
    String html = html(Fixtures.comparison(directory.resolve("comparison")));

    assertThat(html)
        .contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
        .contains("Permission is hereby granted")
        .doesNotContain("{{")
        .doesNotContainPattern("https?:")
        .doesNotContainPattern("@import|<script[^>]*src=|<link[^>]*href=\"(?!data:)");
  }

  /** A slip of the hand must not cost a file of the run, or any other. */
  @Test
  void replacesNothingButReports() throws IOException {
    Path run = simple("run", "slip", 0, 0.1, 0.2);
    Path notes = Files.writeString(directory.resolve("notes.md"), "## Mine");
    for (Path file : List.of(notes, run.resolve("metrics.jsonl"))) {
      String before = Files.readString(file);
      assertThatThrownBy(() -> Report.write(List.of(run), file))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("is not a report of Stackel")
          .hasMessageContaining("\nMaybe ");
      assertThat(file).hasContent(before);
    }
    Path template = Files.writeString(directory.resolve("a.template.md"), "# Only a title\n");
    Path document = directory.resolve("document.md");
    for (int i = 0; i < 2; i++) {
      Report.write(List.of(run), document, template);
      assertThat(document).content().startsWith("# Only a title\n");
    }
  }

  @Test
  void replacesTheReportWhole() throws IOException {
    Path run = simple("run", "slip", 0, 0.1, 0.2);
    Path out = directory.resolve("new/report.html");
    Report.write(List.of(run), out);
    Report.write(List.of(run, run), out);

    assertThat(out).content().startsWith("<!doctype html>").endsWith("</html>\n");
    try (Stream<Path> files = Files.list(out.getParent())) {
      assertThat(files).containsExactly(out);
    }
    assertThatThrownBy(() -> Report.write(List.of(run), directory))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> Report.write(List.of(), out))
        .isInstanceOf(InvalidInputException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "experiment.json | | experiment.json: The file is missing.",
        "experiment.json | {\"algorithm\":{}} | experiment.json:1: 'algorithm.type' is missing.",
        "experiment.json | [1] | experiment.json:1: The document must be an object.",
        "provenance.json | {\"a\":1} {} | provenance.json:1: There is text after the end of the JSON value.",
        "provenance.json | {;\"a\" 1} | provenance.json:2: This is not JSON",
        "provenance.json | | provenance.json: The file is missing.",
        "metrics.jsonl | | metrics.jsonl: The file is missing.",
        "provenance.json | {\"start\":\"now\"} | provenance.json:1: 'start' (\"now\") must be a time such as",
        "metrics.jsonl | {\"step\":\"x\"} | metrics.jsonl:1: 'step' (\"x\") must be a whole number of at least 0.",
        "metrics.jsonl | {\"step\":1,\"seconds\":1,\"metrics\":{}} | metrics.jsonl:1: 'oracle' is missing.",
        "outcome.json | {\"status\":\"fine\"} | outcome.json:1: 'status' (\"fine\") must be completed, diverged or stopped.",
        "outcome.json | {\"status\":\"stopped\",\"step\":-1,\"seconds\":1} | outcome.json:1: 'step' (-1) must be a finite number of at least 0.",
        "weights.csv | row,label;1,a | weights.csv:2: The column 'weight' is missing; the file has row, label.",
        "weights.csv | row,label | weights.csv:1: The column 'weight' is missing; the file has row, label.",
        "weights.csv | row,label,weight;1,a | weights.csv:2: The column 'weight' is missing; the file has row, label, weight.",
        "weights.csv | row,label,weight,weight;1,a,.5,.6 | weights.csv:1: The column 'weight' is there twice.",
        "weights.csv | row,label,weight;1,a,b | weights.csv:2: The weight (b) must be a number.",
      })
  void namesTheFileAndTheRule(String file, String content, String message) throws IOException {
    Path run = simple("run", "slip", 0, 0.1, 0.2);
    Path path = run.resolve(file);
    if (content == null) {
      Files.delete(path);
    } else {
      Files.writeString(path, content.replace(";", "\n") + "\n");
    }

    assertThatThrownBy(() -> data(run))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(run + "/" + message)
        .hasMessageContaining("\nMaybe ");
  }

  /** Excel begins a file with a mark of its encoding; a field more on a line does no harm. */
  @Test
  void readsWeightsThatAnotherProgramSaved() throws IOException {
    Path run = simple("run", "slip", 0, 0.1, 0.2);
    Path weights = run.resolve("weights.csv");
    Files.writeString(weights, "\uFEFFrow,label,weight\n7,a,0.5,extra\n8,b,0.25\n");
    Suspects found = Suspects.read(weights);
    assertThat(found.examples()).extracting(Suspects.Example::row).containsExactly("8", "7");
    assertThat(found.measure()).isEqualTo("weight");
  }

  @Test
  void namesTheLineOfABadNumber() throws IOException {
    Path run = simple("run", "slip", 0, 0.1, 0.2);
    replace(run, "metrics.jsonl", "0.2", "\"high\"");

    assertThatThrownBy(() -> data(run))
        .hasMessageStartingWith(
            run + "/metrics.jsonl:2: 'metrics.testAccuracy' (\"high\") must be a number");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"runs\":[] | \"runs\":[\"gone\"] | 'sections[0].runs[0]' (\"gone\") names no directory",
        "\"lower\" | \"less\" | 'sections[0].columns[0].better' (\"less\") must be higher or lower.",
        "\"0.00\" | \"0.0.0\" | 'sections[0].columns[0].format' (\"0.0.0\") must be a pattern",
        "\"method\" | \"name\" | 'sections[0].rows[0].method' is missing.",
      })
  void namesThePlaceInAComparison(String from, String to, String message) throws IOException {
    Path comparison = comparison("{\"method\":\"slip\",\"values\":{\"loss\":0.5}}");
    replace(comparison, "comparison.json", from, to);

    assertThatThrownBy(() -> data(comparison))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(comparison + "/comparison.json")
        .hasMessageContaining(": " + message);
  }

  @Test
  void namesAndNumbersAreForPeople() {
    assertThat(Stream.of("testAccuracy", "testAUC", "auroc", "upper_loss", "gradientNormF", "f1"))
        .extracting(key -> Section.Column.named(key).label())
        .containsExactly(
            "test accuracy", "test AUC", "AUROC", "upper loss", "gradient norm F", "F1");
    assertThat(Stream.of(0.48314, 0.0, -2.5, 12345.6, 1.5e9, 1.2345e-5, Double.NEGATIVE_INFINITY))
        .extracting(Numbers::plain)
        .containsExactly("0.4831", "0", "−2.5", "12,346", "1.5e9", "1.234e−5", "−∞");
  }

  private Path comparison(String rows) throws IOException {
    Path comparison = Files.createDirectories(directory.resolve("comparison"));
    Files.writeString(
        comparison.resolve("comparison.json"),
        """
        {"title":"t","sections":[{"title":"s","columns":[{"key":"loss","better":"lower","format":"0.00"}],
         "rows":[%s],"runs":[]}]}
        """
            .formatted(rows));
    return comparison;
  }

  private Path simple(String name, String algorithm, long seed, double first, double last)
      throws IOException {
    return Fixtures.run(
        directory.resolve(name),
        algorithm,
        seed,
        line(0, 0, "\"testAccuracy\":" + first + ",\"other\":1"),
        line(10, 1, "\"testAccuracy\":" + last + ",\"other\":2"));
  }

  private static void replace(Path directory, String file, String from, String to)
      throws IOException {
    Path path = directory.resolve(file);
    Files.writeString(path, Files.readString(path).replace(from, to));
  }

  private String html(Path... runs) throws IOException {
    Path out = directory.resolve("report.html");
    Report.write(List.of(runs), out, NOON);
    return Files.readString(out);
  }

  private JsonNode data(Path... runs) throws IOException {
    return parse(html(runs));
  }

  private static JsonNode parse(String html) {
    var matcher = Pattern.compile("id=\"data\">(.*?)</script>", Pattern.DOTALL).matcher(html);
    assertThat(matcher.find()).isTrue();
    return JsonMapper.shared().readTree(matcher.group(1));
  }

  private static List<String> cells(JsonNode section, int row) {
    return section
        .at("/rows/" + row + "/cells")
        .valueStream()
        .map(c -> c.path("text").asString())
        .toList();
  }

  private static List<Boolean> best(JsonNode section, int row) {
    return section
        .at("/rows/" + row + "/cells")
        .valueStream()
        .map(c -> c.path("best").asBoolean())
        .toList();
  }
}
