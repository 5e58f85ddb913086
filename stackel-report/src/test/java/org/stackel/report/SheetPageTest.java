package org.stackel.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.SheetFile;

/** Pages of sheets. */
class SheetPageTest {
  @TempDir Path folder;

  private static SheetFile sheet(List<Double> x, List<Double> y, SheetFile.Scale scale) {
    return new SheetFile(
        "A <title>",
        "Better & best.",
        List.of("One note."),
        List.of(
            new SheetFile.Table(
                "Numbers",
                List.of("name", "value", "words"),
                List.of(List.of("a", "0.5", "x"), List.of("b", "—", "y")),
                "A note below.")),
        List.of(
            new SheetFile.Chart(
                "Loss", "products", "loss", scale, List.of(new SheetFile.Line("one", x, y)))));
  }

  private String page(SheetFile sheet) throws IOException {
    Files.writeString(folder.resolve(SheetFile.NAME), RunFiles.text(sheet));
    assertThat(RunFiles.read(folder.resolve(SheetFile.NAME), SheetFile.class)).isEqualTo(sheet);
    Path page = folder.resolve("report.html");
    Report.write(List.of(folder), page);
    return Files.readString(page);
  }

  @Test
  void tablesAndChartsAreDrawnWithoutAScript() throws IOException {
    String page =
        page(sheet(List.of(1.0, 10.0, 1000.0), List.of(.5, .25, 0.0), SheetFile.Scale.LOG));
    assertThat(page)
        .contains("A &lt;title&gt;", "Better &amp; best.", "<li>One note.</li>")
        .contains("<td class=\"number\">0.5</td>", "<td>x</td>", "A note below.")
        .contains("<path class=\"line\" d=\"M70.0 12.0L", ">10³</text>", ">products</text>")
        .doesNotContain("<script", "NaN", "Infinity");
  }

  @Test
  void constantsEmptyLinesAndGapsAreDrawn() throws IOException {
    assertThat(page(sheet(List.of(1.0, 2.0), List.of(3.0, 3.0), SheetFile.Scale.LINEAR)))
        .contains("class=\"line\" d=\"M70.0")
        .doesNotContain("NaN");
    assertThat(page(sheet(List.of(), List.of(), SheetFile.Scale.LOG))).doesNotContain("NaN");
    assertThat(
            page(
                sheet(
                    List.of(1.0, 2.0, 3.0), List.of(1.0, Double.NaN, 2.0), SheetFile.Scale.LINEAR)))
        .containsPattern("class=\"line\" d=\"M[0-9. ]+M[0-9. ]+\"")
        .doesNotContain("NaN");
  }

  @Test
  void aSheetHasAPageOfItsOwn() throws IOException {
    page(sheet(List.of(), List.of(), SheetFile.Scale.LINEAR));
    assertThatThrownBy(() -> Report.write(List.of(folder), folder.resolve("report.md")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("a page of their own")
        .hasMessageContaining("report.html");
  }
}
