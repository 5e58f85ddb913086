package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.data.Table;
import org.stackel.data.TableEdits;
import org.stackel.report.Browser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file as people have it, from wrong labels to predictions, in directories with blanks and other
 * letters in their names: three languages, a byte order mark, Windows line ends, quotes and line
 * breaks in cells, columns that nobody asked for.
 */
@Tag("browser")
@Tag("slow")
class NewUserTest {
  private static final List<String> CLASSES = List.of("billing", "delivery", "login");
  private static final String[][] WORDS = {
    {"invoice", "refund", "receipt", "Rechnung", "Zahlung", "Beleg", "請求書", "返金", "料金"},
    {"parcel", "courier", "tracking", "Paket", "Lieferung", "Straße", "荷物", "配達", "住所"},
    {"password", "account", "locked", "Passwort", "Anmeldung", "gesperrt", "確認", "メール", "ログイン"}
  };
  private static final String[] OTHERS = {
    "my", "\"urgent\"", "and,", "bitte", "mein", "お願い", "について"
  };

  /** Keeps one label, takes two suggestions, is unsure about the next. */
  private static final String DECIDE =
      """
      <script>
      window.addEventListener('load', () => {
        const press = (key) => document.activeElement
          .dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
        for (const key of ['k', 's', 's', 'u']) press(key);
        send({csv: csv()});
      });
      </script>
      """;

  @TempDir Path temp;
  private static Browser browser;

  @BeforeAll
  static void findBrowser() {
    browser = Browser.find();
  }

  private static String rows(int count, double wrong, long seed) {
    var random = new Random(seed);
    var csv =
        new StringBuilder(
            "\uFEFFTicket Nr,\"received\",Nachricht,Kategorie,\"note, internal\"\r\n");
    for (int i = 0; i < count; i++) {
      int kind = random.nextInt(3);
      int language = 3 * random.nextInt(3);
      String text = OTHERS[random.nextInt(7)];
      for (int k = 0; k < 2; k++) {
        text += (random.nextInt(8) == 0 ? "\r\n" : " ") + WORDS[kind][language + random.nextInt(3)];
        text += " " + OTHERS[random.nextInt(7)];
      }
      boolean isWrong = random.nextDouble() < wrong;
      String label = CLASSES.get(isWrong ? (kind + 1 + random.nextInt(2)) % 3 : kind);
      csv.append(1000 * seed + i).append(",2026-01-1").append(i % 10).append(',');
      csv.append('"').append(text.replace("\"", "\"\"")).append("\",");
      csv.append(i % 3 == 0 ? '"' + label + '"' : i % 7 == 0 ? ' ' + label : label);
      csv.append(i % 4 == 0 ? ",\"a \"\"note\"\", überprüft\"\r\n" : ",\r\n");
    }
    return csv.toString();
  }

  private static Cli.Result done(Object... args) {
    Cli.Result result = Cli.run(args);
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }

  /** A file with the same word in the place of all labels. */
  private static byte[] withoutLabels(Path file) {
    Table table = Table.read(file, null);
    TableEdits edits = table.edits();
    for (int row = 0; row < table.size(); row++) {
      edits.set(row, table.column("Kategorie", "the test"), "x");
    }
    return edits.bytes();
  }

  @Test
  void goesFromWrongLabelsToPredictions() throws Exception {
    Path folder = Files.createDirectories(temp.resolve("my data/Größe データ"));
    Path train = Cli.write(folder.resolve("tickets odd.csv"), rows(400, 0.25, 1));
    Path trusted = Cli.write(folder.resolve("checked.csv"), rows(100, 0, 2));
    Path test = Cli.write(folder.resolve("held out.csv"), rows(150, 0, 3));
    Path first = temp.resolve("my runs/first run");
    Cli.Result cleaned =
        done(
            "clean",
            train,
            "--trusted",
            trusted,
            "--test",
            test,
            "--text",
            "Nachricht",
            "--label",
            "Kategorie",
            "--out",
            first,
            "--json");
    JsonNode found = JsonMapper.shared().readTree(cleaned.lastLine());
    assertThat(cleaned.out()).contains("Next: stackel review '" + first + "'");
    assertThat(found.get("testAccuracy").asDouble()).isGreaterThan(0.9);
    requireOnlyLabelsChanged(train, first);

    done("review", first);
    Path page = Files.createDirectories(temp.resolve("browser")).resolve("page.html");
    Files.copy(first.resolve("review.html"), page);
    String csv = browser.use(page, DECIDE, 1280).get("csv").asString();
    Path decisions = Cli.write(folder.resolve("my decisions.csv"), csv);
    Path second = temp.resolve("my runs/second run");
    Cli.Result decided =
        done(
            "clean",
            train,
            "--trusted",
            trusted,
            "--test",
            test,
            "--text",
            "Nachricht",
            "--label",
            "Kategorie",
            "--decisions",
            decisions,
            "--out",
            second,
            "--json");
    requireOnlyLabelsChanged(train, second);
    requireDecided(train, decisions, second);

    Path out = folder.resolve("new & sorted.csv");
    Cli.Result predicted =
        done("predict", second, test, "--label", "Kategorie", "--out", out, "--json");
    double said = JsonMapper.shared().readTree(decided.lastLine()).get("testAccuracy").asDouble();
    assertThat(JsonMapper.shared().readTree(predicted.lastLine()).get("accuracy").asDouble())
        .isCloseTo(said, within(1e-12));
    assertThat(Files.readString(out).replaceAll(",[a-z]+,[0-9.E-]+\r\n", "\r\n"))
        .isEqualTo(
            Files.readString(test).replace("internal\"", "internal\",predicted,probability"));

    Cli.Result other =
        Cli.run(
            "clean",
            trusted,
            "--trusted-rows",
            50,
            "--text",
            "Nachricht",
            "--label",
            "Kategorie",
            "--decisions",
            decisions,
            "--out",
            temp.resolve("other"));
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("my decisions.csv:2: The decision is about another file");
  }

  private static void requireOnlyLabelsChanged(Path train, Path run) throws IOException {
    byte[] corrected = withoutLabels(run.resolve("corrected.csv"));
    assertThat(new String(corrected, StandardCharsets.UTF_8))
        .isEqualTo(new String(withoutLabels(train), StandardCharsets.UTF_8));
    assertThat(Files.size(run.resolve("corrected.csv"))).isNotEqualTo(Files.size(train));
  }

  private static void requireDecided(Path train, Path decisions, Path run) {
    Table made = Table.read(decisions, null);
    Table corrected = Table.read(run.resolve("corrected.csv"), null);
    assertThat(made.size()).isEqualTo(4);
    int label = corrected.column("Kategorie", "the test");
    for (int row = 0; row < 3; row++) {
      int record = Integer.parseInt(made.cell(row, 0)) - 1;
      String wanted = made.cell(row, row == 0 ? 2 : 4);
      assertThat(corrected.cell(record, label).strip()).isEqualTo(wanted);
    }
    assertThat(Table.read(train, null).size()).isEqualTo(corrected.size());
  }
}
