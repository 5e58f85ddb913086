package org.stackel.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.report.Review;
import org.stackel.runfile.FileErrors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a page to go through suspected rows. Loads no native library. */
@Command(
    name = "review",
    description = {
      "Write a self-contained HTML page to go through the suspected rows of `stackel clean` by"
          + " keyboard: keep the label, take the suggestion, another class, or unsure.",
      "The page keeps the decisions in the browser and offers them as decisions.csv, for `stackel"
          + " clean … --decisions decisions.csv`."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class ReviewCommand implements CommandPlugin {
  @Parameters(paramLabel = "RUN_DIR", description = "Directory of a run of `stackel clean`.")
  Path directory = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Output file (default: review.html in the run directory).")
  @Nullable Path out;

  @Option(
      names = "--limit",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Maximum number of rows, the most suspicious first (default: 20000).")
  long limit = Review.DEFAULT_LIMIT;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new InvalidInputException(
              "--limit must be at least 1, found %d.".formatted(limit), "it can be left out.")
          .at("--limit");
    }
    Path file = out != null ? out : directory.resolve("review.html");
    try {
      String remark = Review.write(directory, file, (int) Math.min(limit, Integer.MAX_VALUE));
      if (remark != null) {
        spec.commandLine().getErr().println(remark);
      }
    } catch (IOException e) {
      throw FileErrors.writing(file, e);
    }
    spec.commandLine().getOut().println(file);
    return ExitCode.COMPLETED;
  }
}
