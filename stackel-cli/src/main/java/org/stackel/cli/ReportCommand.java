package org.stackel.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Report;
import org.stackel.runfile.FileErrors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a report on runs. Loads no native library. */
@Command(
    name = "report",
    description = "Write a self-contained HTML page about runs, or their tables as Markdown.",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class ReportCommand implements CommandPlugin {
  @Parameters(
      arity = "1..*",
      paramLabel = "RUN_DIR",
      description = "Directories of runs or comparisons.")
  List<Path> directories = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Output file (default: report.html in the run directory, or in the current directory for several runs). FILE.md writes Markdown with figures beside it.")
  @Nullable Path out;

  @Option(
      names = "--template",
      paramLabel = "FILE.md",
      description = {
        "Markdown template for --out FILE.md. Placeholders such as {{NAME: table}},"
            + " {{NAME: figure}} and {{NAME: testAccuracy of slip}} are filled in, where NAME is"
            + " the name of a run directory.",
        "Example: docs/results.template.md."
      })
  @Nullable Path template;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    Path file = out != null ? out : fallback();
    try {
      String warning = Report.write(directories, file, template);
      if (warning != null) {
        spec.commandLine().getErr().println(warning);
      }
    } catch (IOException e) {
      throw FileErrors.writing(file, e);
    }
    spec.commandLine().getOut().println(file);
    return ExitCode.COMPLETED;
  }

  private Path fallback() {
    return directories.size() == 1
        ? directories.get(0).resolve("report.html")
        : Path.of("report.html");
  }
}
