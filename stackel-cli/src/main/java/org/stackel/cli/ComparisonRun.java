package org.stackel.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import org.stackel.compare.Comparison;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.RankLostException;
import org.stackel.distributed.Ranks;
import org.stackel.report.Report;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.Document;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.RunFiles;

/** A comparison from its first message to its exit code. */
final class ComparisonRun {
  private final PrintWriter out;
  private final PrintWriter err;
  private final OutputOptions output;

  ComparisonRun(PrintWriter out, PrintWriter err, OutputOptions output) {
    this.out = out;
    this.err = err;
    this.output = output;
  }

  /**
   * Runs, prints the tables, writes the report.
   *
   * @param jobs number of concurrent runs; 1 if ranks share them
   * @param ranks the processes that share every run
   * @return the exit code
   */
  int run(
      Comparison comparison,
      Path directory,
      RunDirectory.IfExists ifExists,
      int jobs,
      Ranks ranks) {
    try (var stop = StopSignal.watch()) {
      return stop.ended(run(comparison, directory, ifExists, jobs, ranks, stop));
    }
  }

  private int run(
      Comparison comparison,
      Path directory,
      RunDirectory.IfExists ifExists,
      int jobs,
      Ranks ranks,
      StopSignal stop) {
    Comparison.Result result;
    try (var progress =
        new ComparisonProgress(err, Progress.style(output), System::nanoTime, "compare")) {
      result =
          ranks.count() == 1
              ? comparison.run(directory, ifExists, jobs, progress, stop::stopRequested)
              : comparison.run(directory, ifExists, ranks, progress, stop::stopRequested);
    } catch (RankLostException e) {
      err.println(e.getMessage());
      return stopped(ExitCode.RANK_LOST);
    }
    if (result.stopped()) {
      return stopped(ExitCode.INTERRUPTED);
    }
    ComparisonFile file = result.file();
    if (file == null) { // it diverged before there was anything to compare
      result.diverged().forEach(run -> err.println("Diverged: " + run));
      err.println("Maybe smaller step sizes or --budget with an amount help.");
      return ExitCode.DIVERGED;
    }
    Path report = directory.resolve("report.html");
    try {
      Report.write(List.of(directory), report);
    } catch (IOException e) {
      throw FileErrors.writing(report, e);
    }
    if (!output.quiet) {
      out.println(comparison.title());
      comparison.notes().forEach(out::println);
    }
    TextTable.print(file, out);
    result.diverged().forEach(run -> err.println("Diverged: " + run));
    if (!result.diverged().isEmpty()) {
      err.println("Maybe smaller step sizes help; --tune N searches for them.");
    }
    out.println();
    out.println(report);
    if (output.json) {
      var summary = new LinkedHashMap<>(RunFiles.toMap(file));
      summary.put("directory", directory.toString());
      summary.put("report", report.toString());
      out.println(Document.line(summary));
    }
    out.flush();
    return result.diverged().isEmpty() ? ExitCode.COMPLETED : ExitCode.DIVERGED;
  }

  private int stopped(int code) {
    err.println("Stopped. The same command with --resume goes on, with --force it starts again.");
    return code;
  }

  /** What becomes of a comparison that is in the directory already. */
  static RunDirectory.IfExists ifExists(boolean resume, boolean force) {
    if (resume && force) {
      throw new InvalidInputException(
              "--resume and --force exclude each other.", "one of them can be left out.")
          .at("--resume");
    }
    return resume
        ? RunDirectory.IfExists.CONTINUE
        : force ? RunDirectory.IfExists.REPLACE : RunDirectory.IfExists.REFUSE;
  }

  /** Reads {@code 0,1,2}. */
  static List<Long> numbers(String text, String option) {
    var numbers = new ArrayList<Long>();
    for (String word : words(text, option)) {
      try {
        long number = Long.parseLong(word);
        if (number < 0) {
          throw new NumberFormatException();
        }
        numbers.add(number);
      } catch (NumberFormatException e) {
        throw new InvalidInputException(
                "%s takes whole numbers of at least 0, found '%s'.".formatted(option, word),
                option + " 0,1,2 was meant.")
            .at(option);
      }
    }
    return numbers;
  }

  /** Reads words separated by commas. */
  static List<String> words(String text, String option) {
    List<String> words = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    if (words.stream().anyMatch(String::isEmpty)
        || words.size() != words.stream().distinct().count()) {
      String what = option.equals("--seeds") ? "number" : "name";
      throw new InvalidInputException(
              "%s takes distinct %ss separated by commas, found '%s'."
                  .formatted(option, what, text),
              "a comma or a %s is repeated.".formatted(what))
          .at(option);
    }
    return words;
  }
}
