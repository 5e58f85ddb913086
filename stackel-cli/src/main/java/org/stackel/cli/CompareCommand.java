package org.stackel.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.stackel.compare.Budget;
import org.stackel.compare.Comparison;
import org.stackel.compare.Target;
import org.stackel.compare.Terms;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Experiment;
import org.stackel.problem.Baselines;
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
      "Run several algorithms on several seeds, and report them side by side: means with standard"
          + " errors, paired tests from three seeds on, and what it cost to reach a target.",
      "Every run has the same budget; runs of a seed share data, start and the draws that both"
          + " make.",
      "A cleaning problem is compared with its baselines too."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
final class CompareCommand implements Callable<Integer> {
  private static final int MOST_JOBS = 1024;

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

  @Option(
      names = "--budget",
      paramLabel = "KIND[=AMOUNT]",
      description = {
        "What every run may spend: steps, seconds, or oracle (calls of all kinds together);"
            + " steps if left out.",
        "Without an amount: what the first algorithm uses in the experiment's steps on the first"
            + " seed."
      })
  @Nullable String budget;

  @Option(
      names = "--target",
      paramLabel = "METRIC=VALUE",
      description = {
        "Report the steps, seconds and oracle calls until an evaluation reaches this.",
        "The level that every algorithm reached at its end if left out."
      })
  @Nullable String target;

  @Option(
      names = "--tune",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = {
        "Before, try N random points of the step sizes of each algorithm, the given ones among"
            + " them, on seeds of their own, and use the best by the upper objective."
      })
  @Nullable Long tune;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = {
        "Runs that are made at the same time, each on a thread of its own; 1 if left out.",
        "The results are the same but for seconds, for which the runs then compete: so does a"
            + " budget of seconds."
      })
  long jobs = 1;

  @Mixin RunOptions options = new RunOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    var terms =
        new Terms(
            budget == null ? Budget.STEPS : Budget.parse(budget),
            target == null ? null : Target.parse(target),
            points());
    var experiments = new ArrayList<Experiment>();
    for (String algorithm : ComparisonRun.words(algorithms, "--algorithms")) {
      var draft = options.draft(name, err);
      draft.useAlgorithm(algorithm, "--algorithms");
      experiments.add(draft.experiment());
    }
    List<Long> chosen = ComparisonRun.numbers(seeds, "--seeds");
    String title = name + ": " + algorithms.replace(",", ", ");
    var section = new Comparison.Section("", title, List.of(), experiments, chosen, Baselines.ALL);
    try {
      return new ComparisonRun(spec.commandLine().getOut(), err, output)
          .run(
              new Comparison(title, List.of(), List.of(section), terms),
              directory(),
              options.ifExists(),
              jobs());
    } catch (InvalidInputException e) {
      throw options.draft(name, err).locate(e);
    }
  }

  private long points() {
    if (tune != null && tune == 0) {
      throw new InvalidInputException(
              "--tune takes a number of points from 2 on, found 0.",
              "it can be left out: the step sizes are then those of the experiment.")
          .at("--tune");
    }
    return tune == null ? 0 : tune;
  }

  private int jobs() {
    if (jobs < 1 || jobs > MOST_JOBS) {
      throw new InvalidInputException(
              "--jobs takes a number of runs from 1 to %d, found %d.".formatted(MOST_JOBS, jobs),
              "the number of processors, %d, was meant."
                  .formatted(Runtime.getRuntime().availableProcessors()))
          .at("--jobs");
    }
    return (int) jobs;
  }

  private Path directory() {
    return options.directoryOr("compare-" + RunOptions.baseName(name));
  }
}
