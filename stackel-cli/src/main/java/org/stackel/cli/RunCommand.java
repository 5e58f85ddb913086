package org.stackel.cli;

import java.io.PrintWriter;
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
    description = "Run an experiment and write its results to a directory.",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class RunCommand implements CommandPlugin {
  @Parameters(
      paramLabel = "EXPERIMENT",
      description = "JSON file, or name of a preset (`stackel list presets`).")
  String name = "";

  @Mixin OneRunOptions options = new OneRunOptions();
  @Mixin RankOptions ranks = new RankOptions();
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
      if (ranks.isOther()) {
        return stop.ended(ranks.compute(experiment, stop, err));
      }
      RunDirectory directory =
          RunDirectory.create(
              options.directory(name, experiment), experiment, options.ifExists(), options.trace());
      try (var group = ranks.open(spec.commandLine(), experiment.device())) {
        var execution = new Execution(spec.commandLine().getOut(), err, output, ranks.again());
        return stop.ended(execution.run(directory, null, group.ranks(), stop));
      }
    } catch (InvalidInputException e) {
      throw draft.locate(e);
    }
  }
}
