package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.data.FileRules;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class DataOptionsTest {
  @TempDir Path folder;

  @Command
  static final class Reading implements Runnable {
    @Mixin DataOptions data = new DataOptions();

    @Override
    public void run() {
      // only parsed
    }
  }

  private Cli.Result run(Object... options) throws IOException {
    var text = new StringBuilder("é,b,label\n");
    for (int i = 0; i < 24; i++) {
      text.append(i).append(',').append(i % 5).append(',').append(i % 2 == 0 ? "Yes" : "no");
      text.append('\n');
    }
    text.append("7,7,YES\n7,7,yes\n8,8,?\n9,9,None\n");
    Path file = folder.resolve("t.csv");
    Files.write(file, text.toString().getBytes(Charset.forName("windows-1252")));
    var all = new ArrayList<Object>();
    all.addAll(
        List.of("run", "logistic", "--steps", "1", "--out", folder.resolve("out"), "--force"));
    all.addAll(List.of("--set", "problem.data=" + file));
    all.addAll(List.of(options));
    return Cli.run(all.toArray());
  }

  @Test
  void changeHowFilesAreRead() throws IOException {
    Cli.Result all =
        run(
            "--encoding",
            "windows-1252",
            "--no-label",
            "?",
            "--merge-classes",
            "case",
            "--drop-duplicates");
    assertThat(all.err())
        .contains("2 rows are left out, having no label ('?' 1, 'None' 1)")
        .contains("26 examples in 2 classes: yes (14), no (12)")
        .contains("1 example repeats another with the same label and is left out")
        .contains("2 features (é, b)")
        .doesNotContain("--encoding names another");
    assertThat(all.code()).isZero();
    Cli.Result kept = run("--keep-label", "None");
    assertThat(kept.code()).isEqualTo(2);
    assertThat(kept.err()).contains("The labels show 6 classes (?, None, YES, Yes, no, …)");
  }

  @Test
  void mistakesAreNamed() throws IOException {
    Cli.Result unknown = run("--encoding", "utf-88");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).startsWith("--encoding: There is no encoding 'utf-88'.\nMaybe ");
    assertThat(run("--merge-classes", "all").err()).startsWith("--merge-classes: ");
    assertThat(Cli.run("run", "quadratic-demo", "--drop-duplicates").err())
        .startsWith("--drop-duplicates: ")
        .contains("dropDuplicates");
  }

  @Test
  void areRulesForCommandsWithoutAnExperiment() {
    var reading = new Reading();
    new CommandLine(reading)
        .parseArgs("--no-label", "?", "--no-label", "x", "--merge-classes", "case");
    assertThat(reading.data.rules())
        .isEqualTo(
            new FileRules().withNoLabel("?", "x").withMergeClasses(FileRules.MergeClasses.CASE));
  }
}
