package org.stackel.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Comparison;
import org.stackel.experiment.Experiment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs several algorithms on several seeds. */
@Command(
    name = "compare",
    description = {
      "Run several algorithms on several seeds, and report them side by side.",
      "A cleaning problem is compared with its baselines too."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
final class CompareCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "EXPERIMENT",
      description = "A JSON file, or the name of a preset (`stackel list presets`).")
  String name = "";

  @Option(
      names = "--algorithms",
      paramLabel = "A,B,C",
      required = true,
      description = "Names of algorithms (`stackel list algorithms`).")
  String algorithms = "";

  @Option(
      names = "--seeds",
      paramLabel = "0,1,2",
      description = "Seeds, each with data and start of its own; 0 if left out.")
  String seeds = "0";

  @Mixin RunOptions options = new RunOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    options.refuseSingleRunOptions();
    var experiments = new ArrayList<Experiment>();
    for (String algorithm : ComparisonRun.words(algorithms, "--algorithms")) {
      var draft = options.draft(name, err);
      draft.useAlgorithm(algorithm, "--algorithms");
      experiments.add(draft.experiment());
    }
    List<Long> chosen = ComparisonRun.seeds(seeds);
    String title = name + ": " + algorithms.replace(",", ", ");
    var section =
        new Comparison.Section("", title, List.of(), experiments, chosen, Comparison.Baselines.ALL);
    try {
      return new ComparisonRun(spec.commandLine().getOut(), err, output)
          .run(new Comparison(title, List.of(), List.of(section)), directory(), options.ifExists());
    } catch (InvalidInputException e) {
      throw options.draft(name, err).locate(e);
    }
  }

  private Path directory() {
    return options.directoryOr("compare-" + RunOptions.baseName(name));
  }
}
