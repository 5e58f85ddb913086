package org.stackel.cli;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.stackel.auc.Auc;
import org.stackel.run.ResultDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains a classifier for imbalanced classes. */
@Command(
    name = "auc",
    description = {
      "Train a text classifier for imbalanced classes: for the area under the ROC curve and by cross"
          + " entropy. The better one on validation texts is kept.",
      "Reports ROC and precision-recall curves, thresholds, and the test AUC with its interval."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class AucCommand implements CommandPlugin {
  @Parameters(
      paramLabel = "TRAIN",
      description = "CSV, TSV or JSONL file of texts with labels, also with .gz.")
  String train = "";

  @Option(
      names = "--validation",
      paramLabel = "FILE",
      description = "File with validation texts (default: 15 %% of the data).")
  @Nullable String validation;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "File with test texts (default: 15 %% of the data).")
  @Nullable String test;

  @Option(
      names = "--positive",
      paramLabel = "CLASS",
      description = "Positive class; all others are negative (default: the rarer one of two).")
  @Nullable String positive;

  @Option(
      names = "--encoder",
      paramLabel = "NAME",
      description =
          "Encoder of the network: rnn (default), mean-rnn, lstm, gru, transformer or mean.")
  @Nullable String encoder;

  @Option(
      names = "--pretraining",
      paramLabel = "N",
      converter = WholeNumber.class,
      description =
          "Steps by cross entropy before those for the AUC (default: 20 passes over the training"
              + " texts, from 300 to 3,000 steps).")
  @Nullable Long pretraining;

  @Option(
      names = "--steps",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Steps for the AUC (default: 500); cross entropy makes as many more.")
  long steps = 500;

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Random seed of the sets, the start and the minibatches (default: 0).")
  long seed;

  @Mixin TextColumnOptions columns = new TextColumnOptions();
  @Mixin DataOptions files = new DataOptions();
  @Mixin ResultOptions target = new ResultOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    var run = new ResultRun(spec.commandLine().getOut(), spec.commandLine().getErr(), output);
    Auc auc = options();
    try (ResultDirectory directory = target.directory("auc", train);
        var stop = StopSignal.watch();
        var trained = auc.run(stop::stopRequested, run::say)) {
      if (trained == null) {
        return run.stopped();
      }
      trained.write(directory);
      return stop.ended(
          run.done(
              directory,
              trained.sheet(),
              ResultRun.summary("kept", trained.kept(), trained.results()),
              trained.stopped()));
    }
  }

  private Auc options() {
    var given = new LinkedHashMap<String, @Nullable Object>();
    given.put("data", train);
    given.put("validation", validation);
    given.put("test", test);
    given.put("positive", positive);
    given.put("pretraining", pretraining);
    given.put("steps", steps);
    given.put("seed", seed);
    given.putAll(files.rules().given());
    columns.put(given);
    if (encoder != null) {
      given.put("encoder", encoder);
    }
    return ResultOptions.bound(new Auc(), given, "auc");
  }
}
