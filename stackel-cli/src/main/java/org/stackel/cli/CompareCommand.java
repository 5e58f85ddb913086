package org.stackel.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.compare.Budget;
import org.stackel.compare.Comparison;
import org.stackel.compare.Target;
import org.stackel.compare.Terms;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Experiment;
import org.stackel.problem.Baselines;
import org.stackel.run.RunDirectory;
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
      "Run several algorithms on several seeds and compare them: means with standard errors,"
          + " paired tests (from three seeds on), and the cost of reaching a target.",
      "All runs have the same budget; runs with the same seed share data, start and the samples"
          + " that all of them draw.",
      "Baselines of the problem, if it has any, are included."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class CompareCommand implements CommandPlugin {
  private static final int MAX_JOBS = 1024;

  @Parameters(
      paramLabel = "EXPERIMENT",
      description = "JSON file, or name of a preset (`stackel list presets`).")
  String name = "";

  @Option(
      names = "--algorithms",
      paramLabel = "A,B,C",
      required = true,
      description = "Names of algorithms (`stackel list`).")
  String algorithms = "";

  @Option(
      names = "--seeds",
      paramLabel = "SEEDS",
      description = "Random seeds, such as 0,1,2; each has its own data and start (default: 0).")
  String seeds = "0";

  @Option(
      names = "--budget",
      paramLabel = "KIND[=AMOUNT]",
      description = {
        "Budget of every run: steps (default), seconds, oracle (oracle calls of all kinds), or"
            + " samples (a call on a minibatch of b samples counts b).",
        "Without an amount: what the first algorithm spends on the experiment's steps with the"
            + " first seed."
      })
  @Nullable String budget;

  @Option(
      names = "--target",
      paramLabel = "METRIC=VALUE",
      description = {
        "Report the steps, seconds, oracle calls and samples until an evaluation reaches this"
            + " value.",
        "Default: the worst final mean, which every algorithm reached."
      })
  @Nullable String target;

  @Option(
      names = "--tune",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = {
        "First try N choices of each algorithm's step sizes, including the given ones, on"
            + " separate seeds, and use the one with the best upper objective after the lower level"
            + " is solved: three other upper step sizes, then random choices."
      })
  @Nullable Long tune;

  @Option(
      names = "--tune-seeds",
      paramLabel = "SEEDS",
      description = "Random seeds of --tune; none of --seeds (default: 1000,1001).")
  @Nullable String tuneSeeds;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = {
        "Number of concurrent runs, each on its own thread (default: 1).",
        "Only wall-clock times change, since concurrent runs share the CPU; avoid it with"
            + " --budget seconds."
      })
  long jobs = 1;

  @Option(
      names = "--resume",
      description = {
        "Go on with the comparison in the output directory, which was stopped or killed: complete"
            + " runs are used, others resumed.",
        "With more --seeds or --algorithms, these are added."
      })
  boolean resume;

  @Mixin RunOptions options = new RunOptions();
  @Mixin RankOptions ranks = new RankOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    if (ranks.isOther()) {
      return follow(err);
    }
    var terms =
        new Terms(
            budget == null ? Budget.STEPS : Budget.parse(budget),
            target == null ? null : Target.parse(target),
            points(),
            tuneSeeds == null ? List.of() : ComparisonRun.numbers(tuneSeeds, "--tune-seeds"));
    var experiments = new ArrayList<Experiment>();
    for (String algorithm : ComparisonRun.words(algorithms, "--algorithms")) {
      var draft = options.draft(name, err);
      draft.useAlgorithm(algorithm, "--algorithms");
      experiments.add(draft.experiment());
    }
    List<Long> chosen = ComparisonRun.numbers(seeds, "--seeds");
    String title = name + ": " + algorithms.replace(",", ", ");
    var section = new Comparison.Section("", title, List.of(), experiments, chosen, Baselines.ALL);
    var comparison = new Comparison(title, List.of(), List.of(section), terms);
    RunDirectory.IfExists ifExists = ComparisonRun.ifExists(resume, options.force);
    int atOnce = jobs();
    try (var group = ranks.open(spec.commandLine(), experiments.get(0).device())) {
      return new ComparisonRun(spec.commandLine().getOut(), err, output)
          .run(comparison, directory(), ifExists, atOnce, group.ranks());
    } catch (InvalidInputException e) {
      throw options.draft(name, err).locate(e);
    }
  }

  /** All that other ranks need to know comes from the first. */
  private int follow(PrintWriter err) {
    try (var stop = StopSignal.watch()) {
      return stop.ended(
          ranks.compute(
              err,
              "The same commands with --resume go on from what is in the directory of rank 0.",
              joined -> {
                Comparison.follow(joined, stop::stopRequested);
                return ExitCode.COMPLETED;
              }));
    }
  }

  private long points() {
    if (tune != null && tune == 0) {
      throw new InvalidInputException(
              "--tune takes a number of points from 2 on, found 0.",
              "it can be left out, to use the step sizes of the experiment.")
          .at("--tune");
    }
    return tune == null ? 0 : tune;
  }

  private int jobs() {
    if (jobs < 1 || jobs > MAX_JOBS) {
      throw new InvalidInputException(
              "--jobs must be from 1 to %d, found %d.".formatted(MAX_JOBS, jobs),
              "the number of processors, %d, was meant."
                  .formatted(Runtime.getRuntime().availableProcessors()))
          .at("--jobs");
    }
    if (jobs > 1 && ranks.areSeveral()) {
      throw new InvalidInputException(
              "--jobs and --ranks exclude each other: ranks share one run after the other.",
              "one of them can be left out.")
          .at("--jobs");
    }
    return (int) jobs;
  }

  private Path directory() {
    return options.directoryOr("compare-" + RunOptions.baseName(name));
  }
}
