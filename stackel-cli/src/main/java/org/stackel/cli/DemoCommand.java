package org.stackel.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.stackel.run.RunDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the main job on data that Stackel carries. */
@Command(
    name = "demo",
    description = {
      "Find wrong labels in real text with three published algorithms and eight baselines.",
      "Needs no data and no network; takes a minute or two."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--seeds",
      paramLabel = "0,1,2",
      description = "Seeds of the first table; the others run the first; 0,1,2 if left out.")
  String seeds = "0,1,2";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where runs and report go; runs/demo if left out.")
  Path out = Path.of("runs", "demo");

  @Option(names = "--force", description = "Replace a comparison that is in the directory.")
  boolean force;

  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    return new ComparisonRun(spec.commandLine().getOut(), spec.commandLine().getErr(), output)
        .run(
            Demo.comparison(ComparisonRun.numbers(seeds, "--seeds")),
            out,
            force ? RunDirectory.IfExists.REPLACE : RunDirectory.IfExists.REFUSE,
            1);
  }
}
