package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code stackel predict}. */
class PredictCommandTest {
  @TempDir Path temp;

  @Test
  void predictsIntoAFileOrToTheScreen() throws IOException {
    Path run = temp.resolve("a run");
    assertThat(
            Cli.run("run", "clean-wordnet", "--scale", "tiny", "--steps", 2, "--out", run).code())
        .isZero();
    Path file =
        Cli.write(
            temp.resolve("new texts.csv"),
            "id,text,label\n7,a tall tree,noun.plant\n8,\"to run, fast\",verb.motion\n9,,x\n");
    Path out = temp.resolve("out/new.csv");

    Cli.Result screen = Cli.run("predict", run, file);
    assertThat(screen.code()).isZero();
    assertThat(screen.out().lines().toList())
        .hasSize(4)
        .startsWith("id,text,label,predicted,probability");
    assertThat(screen.err())
        .contains("'text' is taken for the text", "1 of 3 rows have no prediction");

    Cli.Result written = Cli.run("predict", run, file, "--out", out, "--label", "label", "--json");
    assertThat(written.code()).as(written.err()).isZero();
    assertThat(Cli.read(out)).isEqualTo(screen.out());
    JsonNode summary = new JsonMapper().readTree(written.lastLine());
    assertThat(summary.get("rows").asInt()).isEqualTo(3);
    assertThat(summary.get("compared").asInt()).isEqualTo(2);
    assertThat(summary.get("accuracy").asDouble()).isBetween(0.0, 1.0);

    Cli.Result again = Cli.run("predict", run, file, "--out", out);
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("new.csv: The output file exists.\nMaybe --force");
    assertThat(Cli.run("predict", run, file, "--out", out, "--force", "--quiet").code()).isZero();

    InputStream before = System.in;
    try {
      System.setIn(Files.newInputStream(file));
      Cli.Result piped = Cli.run("predict", run, "-");
      assertThat(piped.out()).as(piped.err()).isEqualTo(screen.out());
    } finally {
      System.setIn(before);
    }
    Cli.Result itself = Cli.run("predict", run, file, "--out", file, "--force");
    assertThat(itself.code()).isEqualTo(2);
    assertThat(itself.err()).contains("would replace the file that is read.\nMaybe");
    Cli.Result other = Cli.run("predict", run, file, "--out", temp.resolve("new.jsonl"));
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("--out: The output is CSV, as the file is");

    Cli.Result json = Cli.run("predict", run, file, "--json");
    assertThat(json.code()).isEqualTo(2);
    assertThat(json.err()).contains("--json prints", "\nMaybe --out");
    Cli.Result none = Cli.run("predict", temp, file);
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("There is no model here", "\nMaybe ");
  }
}
