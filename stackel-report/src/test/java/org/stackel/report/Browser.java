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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real browser that opens a page, uses it and looks at what it draws.
 *
 * @param program to start
 */
public record Browser(Path program) {
  /** Runs before everything in the page: every error becomes a message on the console. */
  private static final String WATCH =
      """
      <script>
      window.problems = [];
      const problem = (text) => { window.problems.push(text); console.error('PAGE ERROR: ' + text); };
      window.addEventListener('error', (e) => problem(e.message + ' at line ' + e.lineno));
      window.addEventListener('unhandledrejection', (e) => problem(String(e.reason)));
      document.addEventListener('securitypolicyviolation', (e) => problem('blocked ' + e.blockedURI));
      const send = (seen) => parent.postMessage(JSON.stringify({
        problems: window.problems,
        width: window.innerWidth,
        page: document.documentElement.scrollWidth,
        failure: document.getElementById('failure')?.hidden ?? true ? '' : 'shown',
        ...seen,
      }), '*');
      </script>
      """;

  /** A window cannot be as narrow as a phone, a frame can. The pages send what they saw. */
  private static final String FRAMES =
      """
      <!doctype html>
      <body style="margin: 0">
      <script>
      window.addEventListener('message', (e) => {
        const frame = [...document.querySelectorAll('iframe')].find((each) => each.contentWindow === e.source);
        frame.dataset.seen = e.data;
      });
      </script>
      """;

  private static final String FRAME =
      "<iframe src=\"%s\" style=\"border: 0; width: %dpx; height: 850px\"></iframe>\n";

  /** The browser of this machine; a test that needs one is skipped where there is none. */
  public static Browser find() {
    Optional<Path> found =
        Stream.of("chromium", "chromium-browser", "google-chrome", "chrome")
            .flatMap(
                name ->
                    Stream.of(System.getenv("PATH").split(Pattern.quote(File.pathSeparator)))
                        .map(folder -> Path.of(folder, name)))
            .filter(Files::isExecutable)
            .findFirst();
    String reason =
        "No chromium and no google-chrome on the PATH: pages are not opened in a browser."
            + " On Debian, `apt-get install chromium` brings one.";
    if (found.isEmpty()) {
      System.err.println("SKIPPED: " + reason);
    }
    Assumptions.assumeTrue(found.isPresent(), reason);
    return new Browser(found.get());
  }

  /**
   * What a page sends after use, once it is sure that nothing went wrong in it: no error, no line
   * on the console, nothing wider than the window.
   *
   * @param page an HTML file; other files are put beside it
   * @param use script element that uses the page, then calls {@code send} with what it saw
   * @param width of the window in pixels
   */
  public JsonNode use(Path page, String use, int width) throws IOException, InterruptedException {
    return look(page.toAbsolutePath().getParent(), List.of(page), use, width).get(0);
  }

  /**
   * The same of several pages in one browser.
   *
   * @param directory where files for the browser are put
   * @param widths each page is opened in each of them
   * @return what was seen, page by page, of each by width
   */
  public List<JsonNode> look(Path directory, List<Path> pages, String use, int... widths)
      throws IOException, InterruptedException {
    var frames = new StringBuilder(FRAMES);
    for (int i = 0; i < pages.size(); i++) {
      Path watched = directory.resolve("watched%d.html".formatted(i));
      Files.writeString(
          watched,
          Files.readString(pages.get(i))
              .replace("<meta charset=\"utf-8\">", "<meta charset=\"utf-8\">" + WATCH)
              .replaceFirst("script-src[^;]*;|(?=style-src)", "script-src 'unsafe-inline'; ")
              .replace("</body>", use + "</body>"));
      for (int width : widths) {
        frames.append(FRAME.formatted(watched.getFileName(), width));
      }
    }
    Path frame = directory.resolve("frame.html");
    Files.writeString(frame, frames);
    Path console = directory.resolve("console.txt");
    String dom = dom(directory, frame, console);

    String log = Files.readString(console);
    assertThat(log.lines().filter(line -> line.contains("CONSOLE")))
        .as("console of the page")
        .isEmpty();
    var matcher = Pattern.compile("<iframe[^>]*?(?: data-seen=\"(.*?)\")?></iframe>").matcher(dom);
    var all = new ArrayList<JsonNode>();
    for (Path page : pages) {
      for (int width : widths) {
        assertThat(matcher.find()).as("a frame for each page").isTrue();
        String seen = matcher.group(1);
        assertThat(seen).as("%s was drawn to its end; console:%n%s", page, log).isNotNull();
        all.add(checked(seen, page, width));
      }
    }
    return all;
  }

  private static JsonNode checked(String html, Path page, int width) {
    JsonNode seen =
        JsonMapper.shared()
            .readTree(
                html.replace("&quot;", "\"")
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&amp;", "&"));
    assertThat(seen.path("problems")).as("%s", page).isEmpty();
    assertThat(seen.path("failure").asString()).as("%s", page).isEmpty();
    assertThat(seen.path("width").asInt()).as("width of the window").isEqualTo(width);
    assertThat(seen.path("page").asInt())
        .as("width of %s at %d", page, width)
        .isLessThanOrEqualTo(width);
    return seen;
  }

  private String dom(Path directory, Path page, Path console)
      throws IOException, InterruptedException {
    Path dom = directory.resolve("dom.html");
    var command = new ArrayList<String>(List.of(program.toString()));
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
