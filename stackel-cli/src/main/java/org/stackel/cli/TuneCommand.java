package org.stackel.cli;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.stackel.run.ResultDirectory;
import org.stackel.tune.Tune;
import org.stackel.tune.Tuned;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Learns strengths of a linear model's penalty. */
@Command(
    name = "tune",
    description = {
      "Learn regularisation strengths of a linear model by hypergradient: one, one for each group,"
          + " or one for each feature.",
      "Random search of a single strength with at least the same budget is the yardstick. Sparse"
          + " data stay sparse."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class TuneCommand implements CommandPlugin {
  @Parameters(
      paramLabel = "TRAIN",
      description =
          "CSV, TSV, JSONL or LIBSVM file of numbers or texts with labels, also with .gz.")
  String train = "";

  @Option(
      names = "--validation",
      paramLabel = "FILE",
      description = "File with validation examples (default: a quarter of the data).")
  @Nullable String validation;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "File with test examples (default: a fifth of the data).")
  @Nullable String test;

  @Option(
      names = "--strengths",
      paramLabel = "KIND",
      description =
          "How many strengths: one, group or feature (default: feature, or group with --groups).")
  @Nullable String strengths;

  @Option(
      names = "--groups",
      paramLabel = "FILE",
      description = "CSV file with the columns feature and group.")
  @Nullable String groups;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      description = "Loss: logistic, softmax or squared (default: what suits the labels).")
  @Nullable String loss;

  @Option(
      names = "--steps",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Largest number of steps among many strengths (default: 60).")
  long steps = 60;

  @Option(
      names = "--search",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Least number of points of the random search (default: 50).")
  long search = 50;

  @Option(
      names = "--no-refit",
      description =
          "Leave the model of the training rows (default: fit it once more with the kept strengths, to"
              + " the validation rows too).")
  boolean noRefit;

  @Option(
      names = "--first-index",
      paramLabel = "0|1",
      converter = WholeNumber.class,
      description =
          "Index of the first feature in LIBSVM files (default: 0 where the index 0 is met, else 1).")
  @Nullable Long firstIndex;

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Random seed of the sets and of the random search (default: 0).")
  long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = WholeNumber.class,
      description =
          "Number of threads (default: the number of processors). Results do not depend on it.")
  @Nullable Long threads;

  @Mixin ColumnOptions columns = new ColumnOptions();
  @Mixin DataOptions files = new DataOptions();
  @Mixin ResultOptions target = new ResultOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    var run = new ResultRun(spec.commandLine().getOut(), spec.commandLine().getErr(), output);
    Tune tune = options();
    try (ResultDirectory directory = target.directory("tune", train);
        var stop = StopSignal.watch()) {
      Tuned tuned = tune.run(stop::stopRequested, run::say);
      if (tuned == null) {
        return run.stopped();
      }
      tuned.write(directory);
      return stop.ended(
          run.done(
              directory,
              tuned.sheet(),
              ResultRun.summary("kept", tuned.kept(), tuned.results()),
              tuned.stopped()));
    }
  }

  private Tune options() {
    var given = new LinkedHashMap<String, @Nullable Object>();
    given.put("data", train);
    given.put("validation", validation);
    given.put("test", test);
    given.put("text", columns.text);
    given.put("label", columns.label);
    given.put("groups", groups);
    given.put("steps", steps);
    given.put("search", search);
    given.put("refit", !noRefit);
    given.put("firstIndex", firstIndex);
    given.put("seed", seed);
    given.putAll(files.rules().given());
    if (groups != null) {
      given.put("strengths", "group");
    }
    if (strengths != null) {
      given.put("strengths", strengths);
    }
    if (loss != null) {
      given.put("loss", loss);
    }
    if (threads != null) {
      given.put("threads", threads);
    }
    return ResultOptions.bound(new Tune(), given, "tune");
  }
}
