package org.stackel.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.run.RunDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one experiment. */
@Command(
    name = "run",
    description = "Run an experiment into a directory of its own.",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
final class RunCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "EXPERIMENT",
      description = "A JSON file, or the name of a preset (`stackel list presets`).")
  String name = "";

  @Mixin OneRunOptions options = new OneRunOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Draft draft = options.draft(name, err);
    Experiment experiment = draft.experiment();
    try (var stop = StopSignal.watch()) {
      RunDirectory directory =
          RunDirectory.create(
              options.directory(name, experiment), experiment, options.ifExists(), options.trace());
      return new Execution(spec.commandLine().getOut(), err, output).run(directory, null, stop);
    } catch (InvalidInputException e) {
      throw draft.locate(e);
    }
  }
}
