package org.stackel.example;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.stackel.cli.CommandPlugin;
import org.stackel.config.InvalidInputException;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RunFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

// ---- begin: command
/** Names the run with the smallest value of a metric. Reads files only. */
@Command(name = "best", description = "Name the run with the smallest value of a metric.")
public final class BestCommand implements CommandPlugin {
  @Parameters(arity = "1..*", paramLabel = "RUN_DIR", description = "Directories of runs.")
  List<Path> runs = new ArrayList<>();

  @Option(names = "--metric", description = "Name of the metric (default: ${DEFAULT-VALUE}).")
  String metric = "upperLoss";

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    Path best = runs.get(0);
    for (Path run : runs) {
      best = value(run) < value(best) ? run : best;
    }
    spec.commandLine().getOut().printf("%s %s%n", best, value(best));
    return 0;
  }

  private double value(Path run) throws IOException {
    Path file = run.resolve(OutcomeFile.NAME);
    Double value = RunFiles.read(file, OutcomeFile.class).metrics().get(metric);
    if (value == null) {
      throw new InvalidInputException(
              "There is no metric '%s'.".formatted(metric), "--metric is misspelled.")
          .at(file.toString());
    }
    return value;
  }
}
// ---- end: command
