package org.stackel.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.run.ResumePoint;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RunFiles;
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
    RunDirectory longer;
    try {
      longer = steps == null ? run : run.withSteps(steps);
    } catch (InvalidInputException e) {
      throw e.at("--steps");
    }
    run.checkNotDiverged(ended);
    boolean hasSpentItsBudget = ended != null && ended.step() < planned;
    if (ended != null && run.isComplete(ended, steps)) {
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
    try (var stop = StopSignal.watch();
        longer) {
      ResumePoint from = longer.prepareToResume();
      longer.remarks().forEach(err::println);
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
