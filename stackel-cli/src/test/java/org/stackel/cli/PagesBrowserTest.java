package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    Path few = Cli.write(directory.resolve("few.csv"), tickets(20, 0, 3));
    done(Cli.run("auc", noisy, "--pretraining", 5, "--steps", 2, "--out", path("auc")));
    Path domains = Cli.write(directory.resolve("domains.csv"), domains());
    done(
        Cli.run(
            "meta",
            domains,
            "--domain",
            "domain",
            "--shots",
            3,
            "--steps",
            1,
            "--out",
            path("meta")));
    done(Cli.run("adapt", path("meta"), few, "--out", path("adapt")));
  }

  private static String domains() {
    var csv = new StringBuilder();
    for (String domain : List.of("books", "music", "toys")) {
      String own = tickets(60, 0, domain.length());
      own.lines().skip(1).forEach(line -> csv.append(line).append(',').append(domain).append('\n'));
    }
    return "id,text,label,domain\n" + csv;
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

  /** Pages, and a text that each of them must show. */
  private static final Map<String, String> PAGES =
      Map.of(
          "run/report.html", "Curves",
          "check/report.html", "Check of",
          "compare/report.html", "Step sizes chosen",
          "clean/report.html", "rows are suspected",
          "clean/review.html", "suspected rows decided",
          "tune/report.html", "random search",
          "auc/report.html", "ROC curve",
          "meta/report.html", "Accuracy on test tasks",
          "adapt/report.html", "over five folds");

  @Test
  void openWithoutAnError() throws Exception {
    List<String> names = PAGES.keySet().stream().sorted().toList();
    List<Path> pages = names.stream().map(PagesBrowserTest::path).toList();
    Path work = Files.createTempDirectory(directory, "browser");
    List<JsonNode> all = browser.look(work, pages, LOOK, 1280, 390);
    for (int i = 0; i < all.size(); i++) {
      String page = names.get(i / 2);
      JsonNode seen = all.get(i);
      assertThat(seen.path("text").asString()).as(page).contains(PAGES.get(page));
      assertThat(seen.path("headings").asInt()).as(page).isPositive();
      assertThat(seen.path("cut").asInt()).as("tables of %s that are cut off", page).isZero();
    }
  }
}
