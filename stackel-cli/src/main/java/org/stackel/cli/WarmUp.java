package org.stackel.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.stackel.runfile.BudgetKind;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ExperimentFile;
import org.stackel.runfile.MetricsLine;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.ProvenanceFile;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.RunStatus;
import org.stackel.runfile.WholeFile;

/**
 * Loads the classes of commands that should answer at once: the launcher keeps them in an archive.
 * It prints help, lists everything and reports on a comparison of one run, into a temporary
 * directory.
 */
final class WarmUp {
  private WarmUp() {}

  public static void main(String[] args) throws IOException {
    var nowhere = new PrintWriter(Writer.nullWriter());
    for (String command : List.of("--help", "run --help", "list", "list settings")) {
      Main.run(command.split(" ", -1), nowhere, nowhere);
    }
    Path directory = Files.createTempDirectory("stackel");
    try {
      write(directory);
      Main.run(
          new String[] {"report", directory.toString(), "--out", directory + "/r"},
          nowhere,
          nowhere);
    } finally {
      List<Path> files;
      try (Stream<Path> walk = Files.walk(directory)) {
        files = walk.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  private static void write(Path directory) throws IOException {
    Path run = Files.createDirectory(directory.resolve("run"));
    Map<String, Double> metrics = Map.of("upperLoss", 1.0);
    Map<String, Object> block = Map.of("type", "any");
    write(
        run.resolve(ExperimentFile.NAME),
        new ExperimentFile(
            block, block, 0L, 1L, null, null, null, null, null, null, null, null, null, null, null,
            null, null));
    write(
        run.resolve(ProvenanceFile.NAME),
        new ProvenanceFile(
            "0", null, null, null, null, null, null, null, null, null, 1, null, null, null,
            Map.of(), 0L, null, null));
    write(
        run.resolve(OutcomeFile.NAME),
        new OutcomeFile(RunStatus.COMPLETED, 1, 0, metrics, null, null));
    var line = new MetricsLine(1, null, 0, new MetricsLine.Calls(1, 1, 1, 1), 1L, metrics);
    Files.writeString(run.resolve(MetricsLine.NAME), RunFiles.line(line));
    var row =
        new ComparisonFile.Row(
            "any",
            ComparisonFile.Row.Kind.BILEVEL,
            Map.of("upperLoss", ComparisonFile.Summary.of(1)),
            Map.of());
    write(
        directory.resolve(ComparisonFile.NAME),
        new ComparisonFile(
            "",
            List.of(),
            List.of(
                new ComparisonFile.Section(
                    "",
                    List.of(),
                    List.of(new ComparisonFile.Column("upperLoss", null, null, "0.000")),
                    List.of(row),
                    List.of("run"),
                    null,
                    null,
                    new ComparisonFile.Budget(BudgetKind.STEPS, null, ""),
                    null,
                    null))));
  }

  private static void write(Path file, WholeFile content) throws IOException {
    Files.writeString(file, RunFiles.text(content));
  }
}
