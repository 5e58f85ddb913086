package org.stackel.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.run.ResumePoint;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.RunStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Resumes a run. */
@Command(
    name = "resume",
    description = "Resume a run from its last checkpoint, as if it had never stopped.",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class ResumeCommand implements CommandPlugin {
  @Parameters(paramLabel = "RUN_DIR", description = "Directory of the run.")
  Path directory = Path.of("");

  @Option(
      names = "--steps",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Total number of steps; a larger number than the run's extends it.")
  @Nullable Long steps;

  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    RunDirectory run = RunDirectory.open(directory);
    OutcomeFile ended = run.ended();
    long planned = run.experiment().settings().steps();
    if (steps != null && steps < planned) {
      throw new InvalidInputException(
              "--steps (%d) must be at least %d, the steps of the run.".formatted(steps, planned),
              "%d more steps were meant: --steps %d.".formatted(steps, planned + steps))
          .at("--steps");
    }
    if (ended != null && ended.status() == RunStatus.DIVERGED) {
      throw new InvalidInputException(
              "The run diverged after step %d; resuming it would diverge again."
                  .formatted(ended.step()),
              "a new run with smaller step sizes helps: `stackel run %s --out … --set …`."
                  .formatted(directory.resolve(RunDirectory.EXPERIMENT)))
          .at(directory.toString());
    }
    boolean hasSpentItsBudget = ended != null && ended.step() < planned;
    if (ended != null
        && ended.status() == RunStatus.COMPLETED
        && (steps == null || steps == planned || hasSpentItsBudget)) {
      out.println(
          hasSpentItsBudget
              ? "%s is complete: its budget of %s was spent after %d steps."
                  .formatted(directory, run.experiment().settings().length(), ended.step())
              : "%s is complete: %d steps. A larger number for --steps extends it."
                  .formatted(directory, ended.step()));
      if (output.json) {
        out.println(RunFiles.line(Execution.Summary.of(run, ended)));
      }
      return ExitCode.COMPLETED;
    }
    RunDirectory longer = steps == null ? run : run.withSteps(steps);
    try (var stop = StopSignal.watch();
        longer) {
      ResumePoint from = longer.prepareToResume();
      if (!output.quiet) {
        err.println(
            from == null
                ? "There is no checkpoint yet: starting from the beginning."
                : Progress.at("Resuming from step", from.step(), longer.experiment()) + ".");
      }
      return new Execution(out, err, output).run(longer, from, stop);
    }
  }
}
