package org.stackel.cli;

import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.check.Check;
import org.stackel.check.CheckPlan;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.run.RunDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs an experiment and compares its derivatives and estimators with exact ones. */
@Command(
    name = "check",
    description = {
      "Run an experiment and check some of its iterates: derivatives against finite differences,"
          + " hypergradient estimators against their formulas and against exact solutions.",
      "Exit code 4 if any check fails."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class CheckCommand implements CommandPlugin {
  @Parameters(
      paramLabel = "EXPERIMENT",
      description = "JSON file, or name of a preset (`stackel list presets`).")
  String name = "";

  @Option(
      names = "--points",
      paramLabel = "K",
      converter = WholeNumber.class,
      description = "Number of iterates to check, from the first to the last (default: 3).")
  @Nullable Long points;

  @Option(
      names = "--at",
      paramLabel = "0,50,100",
      description = "Check after these steps instead of --points.")
  @Nullable String at;

  @Option(
      names = "--samples",
      paramLabel = "M",
      converter = WholeNumber.class,
      description = "Samples drawn from each estimator at each iterate (default: 16).")
  @Nullable Long samples;

  @Option(
      names = "--reference",
      paramLabel = "R",
      converter = WholeNumber.class,
      description =
          "Maximum number of minibatches that an exact quantity is averaged over; all data if there are no more (default: 16).")
  @Nullable Long reference;

  @Option(
      names = "--constants",
      description = "Also estimate the problem's constants, for \"schedule\": \"theory\".")
  boolean constants;

  @Mixin OneRunOptions options = new OneRunOptions();
  @Mixin RankOptions ranks = new RankOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    CheckPlan plan = plan();
    Draft draft = options.draft(name, err);
    Experiment experiment = draft.experiment();
    try {
      plan.checkWithin(experiment.settings().steps());
    } catch (InvalidInputException e) {
      throw e.at("--at");
    }
    try (var stop = StopSignal.watch()) {
      if (ranks.isOther()) {
        return stop.ended(
            ranks.compute(
                err,
                RankOptions.RESUME,
                joined ->
                    RankOptions.code(
                        Check.run(experiment, plan, joined, stop, sentence -> {}).outcome())));
      }
      RunDirectory directory =
          RunDirectory.create(
              options.directoryOr("check-" + RunOptions.runName(name, experiment)),
              experiment,
              options.ifExists(),
              options.trace());
      try (var group = ranks.open(spec.commandLine(), experiment.device())) {
        var execution = new Execution(spec.commandLine().getOut(), err, output, ranks.again());
        return stop.ended(execution.check(directory, plan, group.ranks(), stop));
      }
    } catch (InvalidInputException e) {
      throw draft.locate(e);
    }
  }

  private CheckPlan plan() {
    CheckPlan fallback = CheckPlan.DEFAULTS;
    List<Long> steps = at == null ? List.of() : ComparisonRun.numbers(at, "--at");
    try {
      return new CheckPlan(
          whole("--points", points, fallback.points()),
          steps,
          whole("--samples", samples, fallback.samples()),
          whole("--reference", reference, fallback.reference()),
          constants ? CheckPlan.PAIRS : 0,
          List.of());
    } catch (InvalidInputException e) {
      throw e.at("--" + e.key());
    }
  }

  private static int whole(String option, @Nullable Long given, int fallback) {
    if (given != null && given > Integer.MAX_VALUE) {
      throw new InvalidInputException(
              "%s (%d) is too large; the limit is %d.".formatted(option, given, Integer.MAX_VALUE),
              "a digit was repeated.")
          .at(option);
    }
    return given == null ? fallback : given.intValue();
  }
}
