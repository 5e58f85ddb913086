package org.stackel.cli;

import java.nio.file.Path;
import org.stackel.distributed.Ranks;
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
      "Needs no data and no network; takes about a minute on two processors, each for one run."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class DemoCommand implements CommandPlugin {
  @Option(
      names = "--seeds",
      paramLabel = "0,1,2",
      description =
          "Random seeds of the first table; the other tables use the first one (default: 0,1,2).")
  String seeds = "0,1,2";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Output directory (default: runs/demo).")
  Path out = Path.of("runs", "demo");

  @Option(
      names = "--force",
      description = "Replace an existing comparison in the output directory.")
  boolean force;

  @Option(
      names = "--resume",
      description =
          "Go on with the comparison in the output directory, which was stopped or killed.")
  boolean resume;

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
            ComparisonRun.ifExists(resume, force),
            Math.min(2, Runtime.getRuntime().availableProcessors()),
            Ranks.ONE);
  }
}
