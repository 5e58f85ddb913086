package org.stackel.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Goes through suspected rows by keyboard, in a real browser. */
@Tag("browser")
@Tag("slow")
class ReviewBrowserTest {
  private static final int ROWS = 5005;

  /** The names are those of the page's own script. */
  private static final String USE =
      """
      <script>
      window.addEventListener('load', () => {
        const all = (selector) => [...document.querySelectorAll(selector)];
        const press = (key, target) => (target ?? document.activeElement)
          .dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
        const heading = () => document.querySelector('.about h2').textContent;
        const seen = {first: heading(), begin: all('.row').length, done: []};
        const done = () => seen.done.push(document.querySelector('header .state p').textContent);
        press('k'); done();
        press('s'); press('u'); done();
        press('z'); done();
        press('c');
        const search = document.querySelector('dialog[open] input');
        search.value = 'BILL'; search.dispatchEvent(new Event('input')); press('Enter', search);
        done();
        seen.after = heading();
        seen.storage = JSON.parse(localStorage.getItem(KEY)).decisions.length;
        decisions = new Map(); restore(); seen.restored = decisions.size;
        seen.csv = csv();
        seen.marks = all('.row .mark').map((mark) => mark.textContent).join('; ');
        press('End'); seen.last = heading(); seen.selected = all('.row[aria-selected=true]').length;
        press('ArrowDown'); press('ArrowUp'); seen.before = heading();
        let most = 0;
        for (let top = 0; top < ROW * rows.length; top += 777) {
          parts.list.scrollTop = top; draw();
          most = Math.max(most, all('.row').length);
        }
        seen.most = most;
        parts.search.value = 'invoice T<6>'; refilter(); seen.found = parts.shown.textContent;
        parts.search.value = 'nothing like it'; refilter();
        seen.empty = parts.empty.hidden ? 'hidden' : parts.empty.textContent;
        parts.search.value = ''; parts.state.value = 'open'; refilter(); seen.open = heading();
        press('k'); seen.next = heading();
        parts.state.value = 'all'; parts.order.value = 'label'; refilter(); seen.sorted = heading();
        parts.order.value = 'suspicion'; parts.label.value = ''; refilter();
        press('Home'); press('ArrowDown'); press('ArrowDown'); press('ArrowDown');
        seen.folded = document.querySelector('.about .text').textContent.length;
        document.querySelector('.about .text + button').click();
        seen.unfolded = document.querySelector('.about .text').textContent.length;
        press('ArrowUp');
        seen.direction = getComputedStyle(document.querySelector('.about .text')).direction;
        press('?'); seen.help = document.querySelector('dialog[open]') !== null;
        document.querySelector('dialog[open] button').click();
        HTMLAnchorElement.prototype.click = function() { seen.saved = this.download; };
        press('d');
        seen.hacked = window.hacked ?? 0;
        seen.images = all('img').length;
        setTimeout(() => send(seen), 100);
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
  void goesThroughSuspectsByKeyboard(int width) throws Exception {
    Path out = directory.resolve("review.html");
    Review.write(Fixtures.review(directory.resolve("run"), ROWS), out, Review.DEFAULT_LIMIT);

    JsonNode seen = browser.use(out, USE, width);

    assertThat(seen.path("first").asString()).isEqualTo("Record 1, line 2 · ticket T<0>");
    assertThat(seen.path("begin").asInt()).isBetween(3, 40);
    assertThat(seen.path("done").toString())
        .isEqualTo(
            "[\"1 of 5,000 suspected rows decided · 1 kept, 0 changed, 0 unsure\","
                + "\"3 of 5,000 suspected rows decided · 1 kept, 1 changed, 1 unsure\","
                + "\"2 of 5,000 suspected rows decided · 1 kept, 1 changed, 0 unsure\","
                + "\"3 of 5,000 suspected rows decided · 1 kept, 2 changed, 0 unsure\"]");
    assertThat(seen.path("after").asString()).startsWith("Record 7, ");
    assertThat(seen.path("storage").asInt()).isEqualTo(3);
    assertThat(seen.path("restored").asInt()).isEqualTo(3);
    String sha256 = "ab".repeat(32);
    assertThat(seen.path("csv").asString())
        .isEqualTo(
            "record,line,label,decision,new_label,sha256\n1,2,billing,keep,,"
                + sha256
                + "\n3,5,\"refund, partial\",change,<b>bold</b>,"
                + sha256
                + "\n5,8,<b>bold</b>,change,billing,"
                + sha256
                + "\n");
    assertThat(seen.path("marks").asString()).isEqualTo("keep; → <b>bold</b>; → billing");
    assertThat(seen.path("last").asString()).startsWith("Record 9,999, ");
    assertThat(seen.path("selected").asInt()).isEqualTo(1);
    assertThat(seen.path("before").asString()).startsWith("Record 9,997, ");
    assertThat(seen.path("most").asInt()).as("rows in the page").isBetween(5, 40);
    assertThat(seen.path("found").asString()).isEqualTo("1 of 5,005 rows");
    assertThat(seen.path("empty").asString()).isEqualTo("No row matches.");
    assertThat(seen.path("open").asString()).startsWith("Record 7, ");
    assertThat(seen.path("next").asString()).startsWith("Record 9, ");
    assertThat(seen.path("sorted").asString()).startsWith("Record 9, ");
    assertThat(seen.path("folded").asInt()).isLessThan(1000);
    assertThat(seen.path("unfolded").asInt()).isGreaterThan(5000);
    assertThat(seen.path("direction").asString()).isEqualTo("rtl");
    assertThat(seen.path("help").asBoolean()).isTrue();
    assertThat(seen.path("saved").asString()).isEqualTo("decisions.csv");
    assertThat(seen.path("hacked").asInt()).isZero();
    assertThat(seen.path("images").asInt()).isZero();
  }
}
