package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.data.Table;

/** Cells that a spreadsheet would execute, in files that Stackel composes, and what reads them. */
class SpreadsheetTest {
  private static final List<String> NOTES =
      List.of("=cmd|' /C calc'!A0", "@SUM(A1)", "-3.5", "+1-2", "'=quoted", "'tis");

  @TempDir Path temp;

  private Path file(String name, int rows) {
    var text = new StringBuilder("text,note,label\n");
    for (int i = 0; i < rows; i++) {
      boolean yes = i % 2 == 0;
      text.append(yes ? "=good agree sure " : "-bad refuse never ").append(i).append(',');
      text.append(NOTES.get(i % NOTES.size())).append(yes ? ",@yes\n" : ",=no\n");
    }
    return Cli.write(temp.resolve(name), text.toString());
  }

  private static List<String> column(Table table, String name) {
    var cells = new ArrayList<String>();
    int column = table.column(name, "the test");
    for (int row = 0; row < table.size(); row++) {
      cells.add(String.valueOf(table.cell(row, column)));
    }
    return cells;
  }

  private static void requireSafe(Table table) {
    for (int row = 0; row < table.size(); row++) {
      for (int column = 0; column < table.width(row); column++) {
        String raw = String.valueOf(table.raw(row, column)).replace("\"", "");
        assertThat(raw).matches("(?s)[^=@+-].*|[+-]?[0-9.].*|");
      }
    }
  }

  @Test
  void cellsOfCleaningAreTextsAndReadBack() {
    Path train = file("train.csv", 60);
    Path out = temp.resolve("out");
    Cli.Result cleaned =
        Cli.run("clean", train, "--text", "text", "--id", "note", "--label", "label", "--out", out);
    assertThat(cleaned.code()).as(cleaned.err()).isZero();
    Table given = Table.read(train, null);
    Table weights = Table.read(out.resolve("weights.csv"), null);
    requireSafe(weights);
    assertThat(column(weights, "note")).isEqualTo(column(given, "note"));
    assertThat(column(weights, "label")).isEqualTo(column(given, "label"));
    assertThat(out.resolve("corrected.csv")).hasSameTextualContentAs(train);

    Path predicted = temp.resolve("predicted.csv");
    Cli.Result done = Cli.run("predict", out, train, "--out", predicted);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(Cli.read(predicted)).contains(",=no,'=no,", ",@yes,'@yes,");
    assertThat(column(Table.read(predicted, null), "predicted")).contains("=no", "@yes");
    assertThat(column(Table.read(predicted, null), "note")).isEqualTo(column(given, "note"));

    var text = new StringBuilder("record,line,label,decision,new_label,sha256\n");
    for (int row = 1; row < 9; row++) {
      String label = row % 2 == 0 ? "'=no" : "'@yes";
      String decision = row == 1 ? "change,'=no" : "keep,";
      text.append("%d,%d,%s,%s,%s\n".formatted(row, row + 1, label, decision, given.sha256()));
    }
    Path decisions = Cli.write(temp.resolve("decisions.csv"), text.toString());
    Cli.Result again = Cli.run("clean", train, "--decisions", decisions, "--out", out, "--force");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(Cli.read(out.resolve("corrected.csv"))).contains("sure 0,=cmd|' /C calc'!A0,=no\n");
  }

  @Test
  void cellsOfRunsAreTextsAndReadBack() {
    Path train = file("train.csv", 60);
    Path out = temp.resolve("run");
    Cli.Result run =
        Cli.run(
            "run",
            "clean-wordnet",
            "--scale",
            "tiny",
            "--steps",
            2,
            "--set",
            "problem.data=" + train,
            "--set",
            "problem.trusted=" + file("trusted.csv", 20),
            "--out",
            out);
    assertThat(run.code()).as(run.err()).isZero();
    Path file = out.resolve("weights.csv");
    requireSafe(Table.read(file, null));
    assertThat(column(Table.read(train, null), "text"))
        .containsAll(column(Table.read(file, null), "text"));
    assertThat(Cli.read(out.resolve("report.html")))
        .contains("\"label\":\"=no\"")
        .doesNotContain("\"'=");

    Path predicted = temp.resolve("predicted.csv");
    assertThat(Cli.run("predict", out, file, "--text", "text", "--out", predicted).code()).isZero();
    assertThat(column(Table.read(predicted, null), "text"))
        .isEqualTo(column(Table.read(file, null), "text"));
  }

  /** A column name that turns a terminal red is said in a remark. */
  @Test
  void remarksDoNotCommandTheTerminal() {
    String red = "a\u001b[31mtext";
    Path train = temp.resolve("train.csv");
    Cli.write(train, Cli.read(file("train.csv", 60)).replaceFirst("text", red));
    Cli.Result cleaned = Cli.run("clean", train, "--out", temp.resolve("out"));
    assertThat(cleaned.err() + cleaned.out()).contains("a\\u001b[31mtext").doesNotContain("\u001b");
  }
}
