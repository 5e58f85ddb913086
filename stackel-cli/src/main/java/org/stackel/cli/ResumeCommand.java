package org.stackel.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.run.ResumePoint;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ExperimentFile;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.SheetFile;
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

  @Mixin RankOptions ranks = new RankOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    requireRun();
    RunDirectory run = RunDirectory.open(directory);
    OutcomeFile ended = run.ended();
    long planned = run.experiment().settings().steps();
    RunDirectory longer;
    try {
      longer = steps == null ? run : run.withSteps(steps);
    } catch (InvalidInputException e) {
      throw e.at("--steps");
    }
    if (ranks.isOther()) {
      try (var stop = StopSignal.watch()) {
        return stop.ended(ranks.compute(longer.experiment(), stop, err));
      }
    }
    run.checkNotDiverged(ended);
    boolean hasSpentItsBudget = ended != null && ended.step() < planned;
    if (ended != null && run.isComplete(ended, steps)) {
      if (!Files.exists(directory.resolve("report.html"))) { // it was killed before that
        run.tidy();
        Execution.report(run);
      }
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
      try (var group = ranks.open(spec.commandLine(), longer.experiment().device())) {
        var execution = new Execution(out, err, output, ranks.again());
        return stop.ended(execution.run(longer, from, group.ranks(), stop));
      }
    }
  }

  /** Complains about directories of commands that have nothing to resume, or resume otherwise. */
  private void requireRun() {
    if (isIn(directory, ExperimentFile.NAME)) {
      return;
    }
    if (isIn(directory, "sweep.json")) {
      throw several("sweep");
    }
    if (isIn(directory, SheetFile.NAME) || isIn(directory, "clean.json")) {
      throw new InvalidInputException(
              "There is nothing to resume: these are the results of a command that has no checkpoints.",
              "the same command with --force starts again.")
          .at(directory.toString());
    }
    try (Stream<Path> entries = Files.list(directory)) {
      if (isIn(directory, ComparisonFile.NAME)
          || entries.anyMatch(entry -> isIn(entry, ExperimentFile.NAME))) {
        throw several("compare");
      }
    } catch (IOException e) {
      return; // what is wrong is said where the run is opened
    }
  }

  private InvalidInputException several(String command) {
    return new InvalidInputException(
            "This is the directory of a %s, which has several runs."
                .formatted(command.equals("compare") ? "comparison" : command),
            "`stackel %s … --resume --out %s` was meant, with the options of the first call."
                .formatted(command, Shell.word(directory.toString())))
        .at(directory.toString());
  }

  private static boolean isIn(Path directory, String file) {
    return Files.exists(directory.resolve(file));
  }
}
