package org.stackel.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Opens the page in a real browser, uses its controls and looks at what it draws. */
@Tag("browser")
class BrowserTest {
  /** Runs before everything in the page: every error becomes a message on the console. */
  private static final String WATCH =
      """
      <script>
      window.problems = [];
      const problem = (text) => { window.problems.push(text); console.error('PAGE ERROR: ' + text); };
      window.addEventListener('error', (e) => problem(e.message + ' at line ' + e.lineno));
      window.addEventListener('unhandledrejection', (e) => problem(String(e.reason)));
      document.addEventListener('securitypolicyviolation', (e) => problem('blocked ' + e.blockedURI));
      </script>
      """;

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
        const plot = document.querySelector('.plot');
        plot?.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
        window.dispatchEvent(new Event('beforeprint'));
        window.dispatchEvent(new Event('afterprint'));
        setTimeout(() => {
          plot?.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
          setTimeout(() => {
            const count = (selector) => all(selector).length;
            parent.postMessage(JSON.stringify({
              problems: window.problems,
              width: window.innerWidth,
              page: document.documentElement.scrollWidth,
              tables: count('.scroll table'), beside: all('.beside h4').map((h) => h.textContent).join('; '),
              axis: axis, best: count('td.best .mark'), sorted,
              charts: count('figure'), unused, painted: all('figure canvas').filter(painted).length,
              described: all('.plot').filter((p) => p.getAttribute('aria-label').includes(' from ')).length,
              swatches: count('.key svg path'), numbers: count('figure details tbody tr'),
              reading: document.querySelector('.reading')?.textContent ?? '',
              suspects: count('.suspects tbody tr'), runs: count('.runs > details pre'),
              failure: document.getElementById('failure').hidden ? '' : 'shown',
            }), '*');
          }, 100);
        }, 100);
      });
      </script>
      """;

  /** A window cannot be as narrow as a phone, a frame can. The page sends what it saw. */
  private static final String FRAME =
      """
      <!doctype html>
      <body style="margin: 0">
      <script>window.addEventListener('message', (e) => { document.body.dataset.seen = e.data; });</script>
      <iframe src="watched.html" style="border: 0; width: %dpx; height: 850px"></iframe>
      """;

  private static Path browser;

  @TempDir Path directory;

  @BeforeAll
  static void findBrowser() {
    Optional<Path> found =
        Stream.of("chromium", "chromium-browser", "google-chrome", "chrome")
            .flatMap(
                name ->
                    Stream.of(System.getenv("PATH").split(Pattern.quote(File.pathSeparator)))
                        .map(folder -> Path.of(folder, name)))
            .filter(Files::isExecutable)
            .findFirst();
    String reason =
        "No chromium and no google-chrome on the PATH: the report is not opened in a browser."
            + " On Debian, `apt-get install chromium` brings one.";
    if (found.isEmpty()) {
      System.err.println("SKIPPED BrowserTest: " + reason);
    }
    Assumptions.assumeTrue(found.isPresent(), reason);
    browser = found.get();
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

  private JsonNode open(Path reported, int width) throws Exception {
    return open(List.of(reported), width);
  }

  /** What the page looks like after use, once it is sure that nothing went wrong in it. */
  private JsonNode open(List<Path> reported, int width) throws Exception {
    Path out = directory.resolve("report.html");
    Report.write(reported, out);
    String html = Files.readString(out);
    Path watched = directory.resolve("watched.html");
    Files.writeString(
        watched,
        html.replace("<meta charset=\"utf-8\">", "<meta charset=\"utf-8\">" + WATCH)
            .replace("</body>", USE + "</body>"));

    Path console = directory.resolve("console.txt");
    Path frame = directory.resolve("frame.html");
    Files.writeString(frame, FRAME.formatted(width));
    String dom = run(frame, console);

    String log = Files.readString(console);
    assertThat(log.lines().filter(line -> line.contains("CONSOLE")))
        .as("console of the page")
        .isEmpty();
    var matcher = Pattern.compile("data-seen=\"(.*?)\"").matcher(dom);
    assertThat(matcher.find()).as("the page was drawn to its end; console:%n%s", log).isTrue();
    JsonNode seen =
        JsonMapper.shared()
            .readTree(matcher.group(1).replace("&quot;", "\"").replace("&amp;", "&"));
    assertThat(seen.path("problems")).isEmpty();
    assertThat(seen.path("failure").asString()).isEmpty();
    assertThat(seen.path("width").asInt()).as("width of the window").isEqualTo(width);
    assertThat(seen.path("page").asInt()).as("width of the page").isLessThanOrEqualTo(width);
    return seen;
  }

  private String run(Path page, Path console) throws IOException, InterruptedException {
    Path dom = directory.resolve("dom.html");
    var command = new ArrayList<String>(List.of(browser.toString()));
    command.addAll(
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--user-data-dir=" + Files.createTempDirectory(directory, "profile"),
            "--enable-logging=stderr",
            "--virtual-time-budget=10000",
            "--window-size=1400,900",
            "--dump-dom",
            page.toUri().toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(dom.toFile())
            .redirectError(console.toFile())
            .start();
    try {
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("the browser answers").isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    return Files.readString(dom);
  }
}
