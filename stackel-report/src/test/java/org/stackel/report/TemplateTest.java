package org.stackel.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;

/** Documents in Markdown. */
class TemplateTest {
  @TempDir Path directory;

  private String fill(String template) throws IOException {
    Path comparison = study("study");
    Path run =
        Fixtures.run(directory.resolve("a"), "slip", 0, Fixtures.line(10, 1, "\"loss\":0.5"));
    Path text = Files.writeString(directory.resolve("text.md"), template);
    Path out = directory.resolve("out/document.md");
    assertThat(Report.write(List.of(comparison, run), out, text)).isNull();
    String sign = "\n\n<!-- Written by `stackel report`. -->\n";
    assertThat(out).content().endsWith(sign);
    return Files.readString(out).replace(sign, "");
  }

  /** Two methods and a baseline on three seeds; a third method diverged in all of them. */
  private Path study(String name) throws IOException {
    Path home = Files.createDirectories(directory.resolve(name));
    for (int seed = 0; seed < 3; seed++) {
      for (String method : List.of("slip", "soba", "ttsa")) {
        Path run =
            Fixtures.run(
                home.resolve(method + "-seed" + seed),
                method,
                seed,
                Fixtures.line(0, 0, "\"testAccuracy\":0.1"),
                Fixtures.line(10, 1, "\"testAccuracy\":0." + (4 + seed)));
        if (method.equals("ttsa")) {
          Fixtures.outcome(run, "diverged", 5, "{}");
        }
      }
    }
    Files.writeString(
        home.resolve("comparison.json"),
        """
        {"title": "Study", "notes": [], "sections": [{"title": "Study", "notes": [],
          "columns": [{"key": "testAccuracy"}, {"key": "testAccuracySe"}, {"key": "startAccuracy"}],
          "rows": [
            {"method": "slip", "kind": "bilevel", "values": {
               "testAccuracy": {"mean": 0.5, "se": 0.0577, "n": 3}, "testAccuracySe": {"mean": 0.01, "se": 0, "n": 3},
               "startAccuracy": {"mean": 0.3, "se": 0, "n": 3}},
             "seeds": {"testAccuracy": {"0": 0.4, "1": 0.5, "2": 0.6}, "startAccuracy": {"0": 0.3, "1": 0.3, "2": 0.3}}},
            {"method": "slip + trusted", "kind": "bilevel", "values": {"testAccuracy": {"mean": 0.6, "se": 0.02, "n": 3}}},
            {"method": "soba", "kind": "bilevel", "values": {
               "testAccuracy": {"mean": 0.45, "se": 0.0577, "n": 3}, "startAccuracy": {"mean": 0.3, "se": 0, "n": 3}},
             "seeds": {"testAccuracy": {"0": 0.35, "1": 0.45, "2": 0.55}}},
            {"method": "plain training", "kind": "baseline", "values": {"testAccuracy": {"mean": 0.2, "se": 0.01, "n": 3}}}],
          "primary": "testAccuracy",
          "tests": {"metric": "testAccuracy", "reference": "slip", "test": "paired t-test", "rows": [
             {"method": "soba", "n": 3, "difference": -0.05, "se": 0.0123, "p": 0.0312}]},
          "target": {"metric": "testAccuracy", "label": "test accuracy", "better": "higher", "value": 0.45,
             "source": "reached by all", "rows": [
             {"method": "soba", "reached": 2, "runs": 3, "steps": {"mean": 10, "sd": 0, "se": 0, "n": 2},
              "seconds": {"mean": 1, "sd": 0, "se": 0, "n": 2}, "oracleCalls": {"mean": 70, "sd": 0, "se": 0, "n": 2},
              "median": {"steps": 10, "seconds": 1, "oracleCalls": 71, "samples": 142}}]},
          "budget": {"kind": "steps", "text": "Budget of every run: 10 steps."},
          "runs": ["slip-seed0", "slip-seed1", "slip-seed2", "soba-seed0", "soba-seed1", "soba-seed2",
                   "ttsa-seed0", "ttsa-seed1", "ttsa-seed2"]}]}
        """);
    return home;
  }

  @Test
  void numbersDifferencesAndBounds() throws IOException {
    assertThat(
            fill(
                """
                {{study: testAccuracy of slip}}
                {{study: testAccuracy of slip minus testAccuracy of soba}}
                {{study: testAccuracy of slip minus startAccuracy of slip}}
                {{study: testAccuracy of slip minus testAccuracy of plain training}}
                {{study: testAccuracy of slip >= 0.5}} {{study: testAccuracy of slip <= 0.4}}
                {{study: testAccuracy of slip minus startAccuracy of slip >= 0.3}}
                {{study: testAccuracy of ttsa}} {{other: testAccuracy of slip >= 0.5}} {{other: table}}
                """))
        .isEqualTo(
            """
            0.500 ± 0.058
            0.05 ± 0
            0.200 ± 0.058
            0.3
            yes **no**
            **no**
            diverged not run *not run*""");
  }

  @Test
  void partsThatNeedWhatWasNotRunAreLeftOut() throws IOException {
    assertThat(
            fill(
                """
                <!-- needs study -->
                {{study: testAccuracy of slip}}
                <!-- end of needs -->
                <!-- needs other -->
                {{other: testAccuracy of slip}}
                <!-- end of needs -->
                <!-- needs runs -->
                {{runs: table of loss}}
                <!-- end of needs -->
                left out: {{absent}}
                """))
        .startsWith("0.500 ± 0.058\n| setting |")
        .endsWith("left out: `other`");
  }

  @Test
  void oneTableOfMethods() throws IOException {
    assertThat(fill("{{study: table}}"))
        .isEqualTo(
            """
            Budget of every run: 10 steps. Mean ± standard error over 3 seeds. Step sizes as given, not tuned. For all: start accuracy 0.3 ± 0.

            | method | test accuracy | trusted texts too | minus slip | median calls to test accuracy 0.45 |
            | --- | ---: | ---: | ---: | ---: |
            | slip | 0.500 ± 0.058 | 0.600 ± 0.020 |  |  |
            | soba | 0.450 ± 0.058 |  | −0.050 ± 0.012 (p = 0.031) | 71 (2 of 3) |
            | plain training | 0.200 ± 0.010 |  |  |  |
            | ttsa (3 of 3 diverged) |  |  |  |  |""");
    assertThat(fill("{{study: table of startAccuracy}}\n{{runs: table of loss}}"))
        .contains("| method | median calls to")
        .contains("| setting | completed | loss | seconds |", "| slip | 1 of 1 | 0.5 | 1.5 |");
  }

  @Test
  void figuresStandBesideTheDocument() throws IOException {
    assertThat(fill("{{study: figure}}"))
        .isEqualTo(
            "![test accuracy over steps and oracle calls, of slip, soba, ttsa](document/study.png)");
    BufferedImage image = ImageIO.read(directory.resolve("out/document/study.png").toFile());
    assertThat(image.getWidth()).isBetween(1000, 2000);
    int blue = 0;
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        blue += (image.getRGB(x, y) & 0xFFFFFF) == 0x0072B2 ? 1 : 0;
      }
    }
    assertThat(blue).as("pixels of the first line and its name in the legend").isGreaterThan(20);
    assertThat(fill("{{provenance}}"))
        .contains("- cpu: 12th Gen Example CPU", "- runs at a time: up to 10", "- runs: 10, of");
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    assertThatThrownBy(() -> fill("{{study: testAccuracy of slap}}"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("{{study: testAccuracy of slap}} names no method")
        .hasMessageContaining("slip + trusted, soba");
    assertThatThrownBy(() -> fill("{{study: accuracy of slip}}"))
        .hasMessageContaining("names no metric of the method");
    assertThatThrownBy(() -> fill("{{study: everything}}"))
        .hasMessageContaining("is neither a table, a figure nor 'METRIC of METHOD'");
    assertThatThrownBy(() -> fill("{{study}}")).hasMessageContaining("has no name with a colon");
    Path study = study("study");
    assertThatThrownBy(() -> Report.write(List.of(study), directory.resolve("a.html"), directory))
        .hasMessageContaining("A template makes a Markdown document");
  }

  @Test
  void digitsThatTheErrorLeavesSure() {
    assertThat(Numbers.measured(0.66853, 0.02031)).isEqualTo("0.669 ± 0.020");
    assertThat(Numbers.measured(2.625e-7, 1.553e-7)).isEqualTo("(2.6 ± 1.6)e−7");
    assertThat(Numbers.measured(-3.073e-4, 8.93e-5)).isEqualTo("(−3.07 ± 0.89)e−4");
    assertThat(Numbers.measured(1603.2, 12.4)).isEqualTo("1,603 ± 12");
    assertThat(Numbers.measured(0, 0)).isEqualTo("0 ± 0");
    assertThat(Numbers.measured(Double.NaN, 1)).isEqualTo("NaN ± 1");
  }

  @Test
  void settingsAreNamedByWhatIsUnusual() {
    assertThat(
            Group.labels(
                List.of("a", "a", "a", "a"),
                List.of(
                    java.util.Map.of("lr", "1", "beta", "2"),
                    java.util.Map.of("lr", "3", "beta", "2"),
                    java.util.Map.of("lr", "1", "beta", "4"),
                    java.util.Map.of("lr", "1", "beta", "2", "more", "5"))))
        .containsExactly("a", "a (lr 3)", "a (beta 4)", "a (more 5)");
  }
}
