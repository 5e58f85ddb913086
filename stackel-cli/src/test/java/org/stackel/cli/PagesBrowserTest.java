package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.report.Browser;
import tools.jackson.databind.JsonNode;

/** Every page that a command writes, in a real browser, on a desk and on a phone. */
@Tag("browser")
@Tag("slow")
class PagesBrowserTest {
  /** Looks at the page when it has settled. */
  private static final String LOOK =
      """
      <script>
      window.addEventListener('load', () => setTimeout(() => send({
        text: document.body.innerText,
        headings: document.querySelectorAll('h1, h2, h3').length,
        cut: [...document.querySelectorAll('table')].filter((table) => {
          const box = table.parentElement;
          return table.offsetWidth > box.clientWidth + 1 && !/auto|scroll/.test(getComputedStyle(box).overflowX);
        }).length,
      }), 500));
      </script>
      """;

  private static final String[] BILLING = {"invoice", "bank card", "payment", "refund"};
  private static final String[] DELIVERY = {"parcel", "courier", "shipment", "address"};

  @TempDir static Path directory;
  private static Browser browser;

  @BeforeAll
  static void writePages() throws Exception {
    browser = Browser.find();
    Path experiment = Cli.write(directory.resolve("q.json"), Cli.NOISY);
    done(Cli.run("run", experiment, "--out", directory.resolve("run")));
    done(Cli.run("check", experiment, "--points", 1, "--samples", 4, "--out", path("check")));
    done(
        Cli.run(
            "compare",
            experiment,
            "--algorithms",
            "slip,soba",
            "--seeds",
            "0,1",
            "--tune",
            2,
            "--out",
            path("compare")));
    Path noisy = Cli.write(directory.resolve("train.csv"), tickets(240, 0.2, 1));
    Path trusted = Cli.write(directory.resolve("trusted.csv"), tickets(60, 0, 2));
    done(Cli.run("clean", noisy, "--trusted", trusted, "--out", path("clean")));
    done(Cli.run("review", path("clean")));
    done(
        Cli.run(
            "tune",
            noisy,
            "--strengths",
            "one",
            "--search",
            5,
            "--steps",
            5,
            "--out",
            path("tune")));
  }

  private static Path path(String name) {
    return directory.resolve(name);
  }

  /** Bounds that a noisy check may miss are no concern here. */
  private static void done(Cli.Result result) {
    assertThat(result.code()).as(result.err()).isIn(0, 4);
  }

  private static String tickets(int rows, double wrong, long seed) {
    var random = new Random(seed);
    var csv = new StringBuilder("id,text,label\n");
    for (int i = 0; i < rows; i++) {
      boolean isBilling = random.nextBoolean();
      String[] words = isBilling ? BILLING : DELIVERY;
      boolean isFlipped = random.nextDouble() < wrong;
      csv.append(
          "%d,the %s and the %s <b>%d</b>,%s%n"
              .formatted(
                  i,
                  words[random.nextInt(4)],
                  words[random.nextInt(4)],
                  random.nextInt(50),
                  isBilling == isFlipped ? "delivery" : "billing"));
    }
    return csv.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "run/report.html, Curves",
    "check/report.html, Check of",
    "compare/report.html, Step sizes chosen",
    "clean/report.html, rows are suspected",
    "tune/report.html, random search",
    "clean/review.html, suspected rows decided",
  })
  void opensWithoutAnError(String page, String text) throws Exception {
    for (int width : new int[] {1280, 390}) {
      Path copy = Files.createTempDirectory(directory, "page").resolve("page.html");
      Files.copy(directory.resolve(page), copy);
      JsonNode seen = browser.use(copy, LOOK, width);
      assertThat(seen.path("text").asString()).as("at %d pixels", width).contains(text);
      assertThat(seen.path("headings").asInt()).isPositive();
      assertThat(seen.path("cut").asInt()).as("tables that are cut off").isZero();
    }
  }
}
