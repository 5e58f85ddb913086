package org.stackel.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Report;
import org.stackel.runfile.FileErrors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a page of runs. Loads no native library. */
@Command(
    name = "report",
    description = "One self-contained HTML page of one or more runs, or their tables as Markdown.",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
final class ReportCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "RUN_DIR",
      description = "Directories of runs or comparisons.")
  List<Path> directories = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "The page; report.html in the directory, or here if there are several. A name that ends in .md gets the tables as Markdown, with figures in a directory of that name.")
  @Nullable Path out;

  @Option(
      names = "--template",
      paramLabel = "FILE.md",
      description = {
        "A Markdown text for --out FILE.md; its places are filled, such as {{NAME: table}},"
            + " {{NAME: figure}}, {{NAME: testAccuracy of slip}}, NAME being that of a directory.",
        "docs/results.template.md is one."
      })
  @Nullable Path template;

  @Option(names = "--stacktrace", description = "Everything about an error.")
  boolean stacktrace;

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
