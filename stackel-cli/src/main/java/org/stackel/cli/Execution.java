package org.stackel.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.stackel.check.Check;
import org.stackel.check.CheckPlan;
import org.stackel.check.CheckResult;
import org.stackel.check.CheckTable;
import org.stackel.config.Options;
import org.stackel.distributed.Ranks;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;
import org.stackel.reference.Finding;
import org.stackel.report.Report;
import org.stackel.run.ResumePoint;
import org.stackel.run.RunDirectory;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.runfile.Descent;
import org.stackel.runfile.Document;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RollbackLine;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.RunStatus;
import org.stackel.tensor.Device;
import org.stackel.tensor.PeakMemory;

/** One run into one directory, from its first message to its exit code. */
final class Execution {
  private final PrintWriter out;
  private final PrintWriter err;
  private final OutputOptions output;
  private final String again;

  /**
   * @param again options of {@code resume} that go on in the same way, after a space each
   */
  Execution(PrintWriter out, PrintWriter err, OutputOptions output, String again) {
    this.out = out;
    this.err = err;
    this.output = output;
    this.again = again;
  }

  /**
   * Runs, and reports how it ended.
   *
   * @param from where to resume; null for a new run
   * @param ranks the processes that share it
   * @return the exit code
   */
  int run(RunDirectory directory, @Nullable ResumePoint from, Ranks ranks, StopSignal stop) {
    Experiment experiment = directory.experiment();
    directory.sharedBy(ranks.count());
    RunOutcome outcome;
    try (directory;
        var progress = new Progress(experiment, err, Progress.style(output))) {
      var listener =
          RunListener.all(
              directory, progress, stop, talk(directory), RunListener.finishing(directory));
      outcome =
          from == null
              ? Runner.run(experiment, ranks, listener)
              : Runner.resume(experiment, from, ranks, listener);
      directory.finish(outcome);
    }
    report(directory);
    tell(outcome, directory);
    if (output.json) {
      out.println(RunFiles.line(Summary.of(directory, outcome.toFile())));
    }
    out.flush();
    return code(outcome);
  }

  /**
   * Runs and checks, and reports what was found.
   *
   * @param ranks the processes that share the run
   * @return the exit code
   */
  int check(RunDirectory directory, CheckPlan plan, Ranks ranks, StopSignal stop) {
    Experiment experiment = directory.experiment();
    directory.sharedBy(ranks.count());
    Check.Checked checked;
    try (directory;
        var progress = new Progress(experiment, err, Progress.style(output))) {
      var listener = RunListener.all(directory, progress, stop, talk(directory));
      checked =
          Check.run(
              experiment,
              plan,
              ranks,
              listener,
              sentence -> {
                progress.close();
                if (!output.quiet) {
                  err.println(sentence);
                }
              });
      directory.finish(checked.outcome());
      if (checked.result() != null) {
        directory.finish(checked.result().toFile());
      }
    }
    report(directory);
    CheckResult result = checked.result();
    if (!(checked.outcome() instanceof RunOutcome.Completed) || result == null) {
      tell(checked.outcome(), directory);
    }
    if (result != null) {
      CheckTable.lines(result).forEach(out::println);
      out.println(directory.path());
    }
    if (output.json) {
      var summary = new LinkedHashMap<String, @Nullable Object>();
      summary.put("status", Options.kebab(checked.outcome().status()));
      summary.put("directory", directory.path().toString());
      summary.putAll(result == null ? Map.of() : RunFiles.toMap(result.toFile()));
      out.println(Document.line(summary));
    }
    out.flush();
    int code = code(checked.outcome());
    if (code != ExitCode.COMPLETED && code != ExitCode.DIVERGED) {
      return code;
    }
    if (result == null) {
      return ExitCode.INTERRUPTED;
    }
    return code == ExitCode.COMPLETED && !result.passed() ? ExitCode.CHECK_FAILED : code;
  }

  static void report(RunDirectory directory) {
    Path page = directory.path().resolve("report.html");
    try {
      Report.write(List.of(directory.path()), page);
    } catch (IOException e) {
      throw FileErrors.writing(page, e);
    }
  }

  private RunListener talk(RunDirectory directory) {
    return new RunListener() {
      @Override
      public void opened(Experiment complete, BilevelProblem<?> problem) {
        Path replaced = directory.replaced();
        if (replaced != null && !output.quiet) {
          err.println("What was in %s is in %s now.".formatted(directory.path(), replaced));
        }
      }

      @Override
      public void checked(List<Finding> findings) {
        findings.forEach(finding -> out.println("check: " + finding));
      }

      @Override
      public void rolledBack(RollbackLine rollback) {
        err.println("The run " + rollback);
      }

      @Override
      public void judged(Descent descent) {
        out.println("check: " + descent);
      }
    };
  }

  private static String memory(Device device) {
    OptionalLong peak = PeakMemory.megabytes();
    OptionalLong gpu = PeakMemory.ofGpu(device);
    return (peak.isPresent() ? ", %d MB at most".formatted(peak.getAsLong()) : "")
        + (gpu.isPresent() ? ", %d MB of the GPU".formatted(gpu.getAsLong()) : "");
  }

  private void tell(RunOutcome outcome, RunDirectory directory) {
    Experiment experiment = directory.experiment();
    String who = experiment.algorithmType() + " on " + experiment.problemType();
    if (outcome instanceof RunOutcome.Stopped stopped && stopped.lost() != null) {
      err.println(stopped.lost());
    }
    if (outcome instanceof RunOutcome.Diverged diverged) {
      err.println(
          diverged.at() == 0
              ? "%s diverged in its initialisation: %s.".formatted(who, diverged.cause())
              : "%s diverged in step %d: %s. The state of step %d is saved in %s."
                  .formatted(
                      who, diverged.at(), diverged.cause(), diverged.step(), directory.path()));
      err.println("Maybe " + (diverged.maybe() == null ? rates(experiment) : diverged.maybe()));
    } else if (outcome instanceof RunOutcome.Stopped stopped && !stopped.isSaved()) {
      err.println(
          stopped.lost() == null
              ? "%s stopped during its initialisation; there was no state to save.".formatted(who)
              : "%s stopped before its first checkpoint.".formatted(who));
      err.println("`stackel resume %s%s` restarts it.".formatted(directory.path(), again));
    } else if (outcome instanceof RunOutcome.Stopped stopped) {
      err.println(
          "%s %s.".formatted(who, Progress.at("stopped after step", stopped.step(), experiment)));
      err.println(
          stopped.lost() == null
              ? "`stackel resume %s%s` continues it.".formatted(directory.path(), again)
              : "`stackel resume %s --ranks N` continues it, with any number of ranks."
                  .formatted(directory.path()));
    } else {
      out.println(
          "%s: %d steps in %.2f s%s"
              .formatted(who, outcome.step(), outcome.seconds(), memory(experiment.device())));
      outcome
          .metrics()
          .values()
          .forEach(
              (name, value) -> out.println("%-20s %s".formatted(name, Progress.number(value))));
      experiment.remarks(outcome.metrics()).forEach(err::println);
      out.println(directory.path());
    }
  }

  /** What may help a run that diverged. */
  private static String rates(Experiment experiment) {
    boolean isUnscaled =
        experiment.problem() instanceof Record options
            && "none".equals(Options.toMap(options).get("scaling"));
    return isUnscaled
        ? "features of very different size: --set problem.scaling=standard helps, or "
            + smaller(experiment)
        : smaller(experiment);
  }

  private static String smaller(Experiment experiment) {
    List<String> rates =
        experiment.hyperparameters().stream()
            .filter(key -> key.endsWith("Lr") || key.equals("neumannStep"))
            .toList();
    return switch (rates.size()) {
      case 0 -> "smaller step sizes help.";
      case 1 -> "a smaller %s helps.".formatted(rates.get(0));
      default -> "smaller step sizes help (%s).".formatted(String.join(", ", rates));
    };
  }

  /** What {@code --json} prints about a run. */
  record Summary(
      RunStatus status,
      String problem,
      String algorithm,
      long seed,
      long step,
      double seconds,
      Map<String, Double> metrics,
      String directory) {
    static Summary of(RunDirectory directory, OutcomeFile outcome) {
      Experiment experiment = directory.experiment();
      return new Summary(
          outcome.status(),
          experiment.problemType(),
          experiment.algorithmType(),
          experiment.settings().seed(),
          outcome.step(),
          outcome.seconds(),
          outcome.metrics(),
          directory.path().toString());
    }
  }

  static int code(RunOutcome outcome) {
    if (outcome instanceof RunOutcome.Stopped stopped && stopped.lost() != null) {
      return ExitCode.RANK_LOST;
    }
    if (outcome instanceof RunOutcome.Diverged) {
      return ExitCode.DIVERGED;
    }
    return outcome instanceof RunOutcome.Stopped ? ExitCode.INTERRUPTED : ExitCode.COMPLETED;
  }
}
