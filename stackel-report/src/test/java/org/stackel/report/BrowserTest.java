package org.stackel.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Opens the page in a real browser, uses its controls and looks at what it draws. */
@Tag("browser")
class BrowserTest {
  /** Runs after everything: uses all controls, then sends what it sees. */
  private static final String USE =
      """
      <script>
      window.addEventListener('load', () => {
        const all = (selector) => [...document.querySelectorAll(selector)];
        const painted = (canvas) => {
          const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let coloured = 0;
          for (let i = 0; i < data.length; i += 4) {
            const spread = Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]);
            if (data[i + 3] > 200 && spread > 60) coloured++;
          }
          return coloured > 300;
        };
        const axis = document.querySelector('input[name=x]:checked')?.value;
        const unused = all('figure canvas').filter(painted).length;
        for (const input of all('input[type=radio]')) input.click();
        all('thead button')[0]?.click(); all('thead button')[0]?.click();
        const sorted = all('tbody tr:nth-child(2) th')[0]?.textContent;
        for (const details of all('details')) details.open = true;
        const select = document.querySelector('select');
        if (select) { select.value = select.options.length - 1; select.dispatchEvent(new Event('change')); }
        const query = document.querySelector('.suspects input');
        const rows = () => all('.suspects tbody tr').length;
        const used = {};
        const saved = [];
        HTMLAnchorElement.prototype.click = function() { saved.push(this.download); };
        // The browser's virtual time does not wait for what is encoded in the background.
        HTMLCanvasElement.prototype.toBlob = function(done) {
          const bytes = Uint8Array.from(atob(this.toDataURL().split(',')[1]), (c) => c.charCodeAt(0));
          done(new Blob([bytes], {type: 'image/png'}));
        };
        if (query) {
          used.suspects = rows();
          document.querySelector('.suspects p button').click(); used.more = rows();
          query.value = 'MUSICAL orchestra'; query.dispatchEvent(new Event('input')); used.found = rows();
          query.value = ''; query.dispatchEvent(new Event('input'));
          all('.suspects thead button')[1].click(); all('.suspects thead button')[1].click();
          used.heaviest = document.querySelector('.suspects tbody td:nth-child(2)').textContent;
        }
        const plot = document.querySelector('.plot');
        plot?.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
        window.dispatchEvent(new Event('beforeprint'));
        window.dispatchEvent(new Event('afterprint'));
        setTimeout(() => {
          if (charts.length > 0) {
            const drawn = new DOMParser().parseFromString(pictureOf(charts[0]), 'image/svg+xml');
            used.svg = drawn.querySelector('parsererror') ? 'broken' : drawn.documentElement.textContent;
            used.svgPaths = drawn.querySelectorAll('path').length;
            for (const button of document.querySelectorAll('.saving')[0].children) button.click();
          }
          plot?.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
          const started = Date.now();
          const report = () => {
            if (saved.length < 2 && charts.length > 0 && Date.now() < started + 5_000) {
              setTimeout(report, 50);
              return;
            }
            const count = (selector) => all(selector).length;
            send({
              ...used, saved: saved.join(', '),
              ticks: charts.map((chart) => chart.u.axes[1]._values.filter((value) => value).length).join(' '),
              hints: all('.hint').filter((hint) => !hint.hidden).length,
              tables: count('.scroll table'), beside: all('.beside h4').map((h) => h.textContent).join('; '),
              axis: axis, best: count('td.best .mark'), sorted,
              charts: count('figure'), unused, painted: all('figure canvas').filter(painted).length,
              described: all('.plot').filter((p) => p.getAttribute('aria-label').includes(' from ')).length,
              swatches: count('.key svg path'), numbers: count('figure details tbody tr'),
              reading: document.querySelector('.reading')?.textContent ?? '',
              runs: count('.runs > details pre'),
            });
          };
          setTimeout(report, 100);
        }, 100);
      });
      </script>
      """;

  private static Browser browser;

  @TempDir Path directory;

  @BeforeAll
  static void findBrowser() {
    browser = Browser.find();
  }

  @ParameterizedTest
  @ValueSource(ints = {1280, 390})
  void drawsAComparison(int width) throws Exception {
    JsonNode seen = open(Fixtures.comparison(directory.resolve("comparison")), width);

    assertThat(seen.path("tables").asInt()).isEqualTo(2 + 3 + 4);
    assertThat(seen.path("beside").asString())
        .isEqualTo("Differences from slip; Cost to reach test accuracy 0.4512; Step sizes chosen");
    assertThat(seen.path("axis").asString()).as("the axis of the budget").isEqualTo("calls");
    assertThat(seen.path("best").asInt()).isEqualTo(5);
    assertThat(seen.path("sorted").asString()).startsWith("adambo");
    assertThat(seen.path("charts").asInt()).isEqualTo(4);
    assertThat(seen.path("unused").asInt()).as("charts painted before use").isEqualTo(4);
    assertThat(seen.path("painted").asInt()).as("charts painted after use").isEqualTo(4);
    assertThat(seen.path("described").asInt()).isEqualTo(4);
    assertThat(seen.path("swatches").asInt()).isEqualTo(6);
    assertThat(seen.path("numbers").asInt()).isEqualTo(4 * 3 * 9);
    assertThat(seen.path("reading").asString())
        .startsWith("oracle calls")
        .contains("slip", "bo-rep");
    assertThat(seen.path("suspects").asInt()).isEqualTo(20);
    assertThat(seen.path("more").asInt()).isEqualTo(24);
    assertThat(seen.path("found").asInt()).isBetween(1, 10);
    assertThat(seen.path("heaviest").asString()).isEqualTo("0.3706");
    assertThat(seen.path("svg").asString()).startsWith("Upper loss").contains("bo-rep");
    assertThat(seen.path("svgPaths").asInt()).isGreaterThan(10);
    if (width < 800) {
      assertThat(seen.path("hints").asInt()).as("wide tables have a hint").isPositive();
    }
    assertThat(seen.path("saved").asString())
        .isEqualTo("upper-loss-by-calls.svg, upper-loss-by-calls.png");
    assertThat(seen.path("runs").asInt()).isEqualTo(9);
  }

  @Test
  void drawsARunWithoutASingleFiniteNumber() throws Exception {
    Path run =
        Fixtures.run(
            directory.resolve("run"), "slip", 0, Fixtures.line(0, 0, "\"upperLoss\":\"NaN\""));
    Fixtures.outcome(run, "diverged", 1, "{\"upperLoss\":\"NaN\"}");

    JsonNode seen = open(run, 800);

    assertThat(seen.path("tables").asInt()).isEqualTo(1);
    assertThat(seen.path("charts").asInt()).isZero();
    assertThat(seen.path("runs").asInt()).isEqualTo(1);
  }

  @Test
  void drawsOneEvaluationAndHugeNumbers() throws Exception {
    Path one =
        Fixtures.run(directory.resolve("a"), "slip", 0, Fixtures.line(0, 0, "\"upperLoss\":-1"));
    Path huge =
        Fixtures.run(
            directory.resolve("b"),
            "adambo",
            0,
            Fixtures.line(0, 0, "\"upperLoss\":1"),
            Fixtures.line(1, 0, "\"upperLoss\":1e300"));

    JsonNode seen = open(List.of(one, huge), 800);

    assertThat(seen.path("charts").asInt()).isEqualTo(1);
    assertThat(seen.path("painted").asInt()).isEqualTo(1);
  }

  /** The chart library ends near 1e-16; the second spans many orders, the last never changes. */
  @Test
  void drawsTinyNumbers() throws Exception {
    var lines = new String[20];
    for (int i = 0; i < lines.length; i++) {
      String tiny = String.format(Locale.ROOT, "%.3fe-18", 1 + Math.sin(i) / 2);
      String falling = String.format(Locale.ROOT, "1e-%d", 2 * i);
      lines[i] =
          Fixtures.line(
              i, i, "\"upperLoss\":%s,\"gapNorm\":%s,\"lowerLoss\":0.25".formatted(tiny, falling));
    }
    Path run = Fixtures.run(directory.resolve("run"), "slip", 0, lines);

    JsonNode seen = open(run, 1280);

    assertThat(seen.path("charts").asInt()).isEqualTo(2);
    assertThat(seen.path("painted").asInt()).isEqualTo(2);
    for (String ticks : seen.path("ticks").asString().split(" ")) {
      assertThat(Integer.parseInt(ticks)).isBetween(2, 12);
    }
  }

  /** The page's data are broken for one part and one chart: the others are drawn. */
  @Test
  void aPartThatFailsLeavesTheOthersAlone() throws Exception {
    Path out = directory.resolve("report.html");
    Report.write(List.of(Fixtures.comparison(directory.resolve("comparison"))), out);
    String html = Files.readString(out);
    assertThat(html).contains("\"checks\":[]", "\"label\":\"slip\",\"seeds\":3");
    Files.writeString(
        out, html.replace("\"checks\":[]", "\"checks\":[{\"run\":\"a\",\"check\":null}]"));

    String use =
        """
        <script>
        window.addEventListener('load', () => setTimeout(() => send({
          failure: '',
          notes: [...document.querySelectorAll('main > .note:not([hidden])')].map((p) => p.textContent).join('; '),
          charts: document.querySelectorAll('figure canvas').length,
          runs: document.querySelectorAll('.runs > details').length,
        }), 300));
        </script>
        """;
    Files.writeString(
        out,
        Files.readString(out)
            .replace(
                "<meta charset=\"utf-8\">",
                "<meta charset=\"utf-8\"><script>console.error = () => {};</script>"));
    JsonNode seen = browser.use(out, use, 1280);
    assertThat(seen.path("notes").asString()).contains("“Checks” could not be drawn");
    assertThat(seen.path("charts").asInt()).isEqualTo(4);
    assertThat(seen.path("runs").asInt()).isEqualTo(9);
  }

  private JsonNode open(Path reported, int width) throws Exception {
    return open(List.of(reported), width);
  }

  /** What the page looks like after use, once it is sure that nothing went wrong in it. */
  private JsonNode open(List<Path> reported, int width) throws Exception {
    Path out = directory.resolve("report.html");
    Report.write(reported, out);
    return browser.use(out, USE, width);
  }
}
