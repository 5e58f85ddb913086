package org.stackel.cli;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.fewshot.Meta;
import org.stackel.run.ResultDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains an encoder for new domains or classes. */
@Command(
    name = "meta",
    description = {
      "Train an encoder of texts that adapts to new domains, or to new classes, from a few examples"
          + " of each.",
      "`stackel adapt` puts a head for a new task on it."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class MetaCommand implements CommandPlugin {
  @Parameters(
      paramLabel = "TRAIN",
      description = "CSV, TSV or JSONL file of texts with labels and domains, also with .gz.")
  String train = "";

  @Option(
      names = "--domain",
      paramLabel = "COLUMN",
      description = "Column of the domain; without it tasks differ in their classes.")
  @Nullable String domain;

  @Option(
      names = "--held-out",
      paramLabel = "A,B",
      split = ",",
      description = "Domains, or classes, of the test tasks (default: chosen by the seed).")
  List<String> heldOut = List.of();

  @Option(
      names = "--encoder",
      paramLabel = "NAME",
      description = "Encoder: mean-rnn (default), rnn, lstm, gru or transformer.")
  @Nullable String encoder;

  @Option(
      names = "--shots",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Examples of a class to learn a task from (default: 10).")
  long shots = 10;

  @Option(
      names = "--steps",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Number of steps (default: 300).")
  long steps = 300;

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Random seed of tasks, start and minibatches (default: 0).")
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
    Meta meta = options();
    try (ResultDirectory directory = target.directory("meta", train);
        var stop = StopSignal.watch()) {
      Meta.Trained trained = meta.run(directory, stop::stopRequested, run::say);
      if (trained == null) {
        return run.stopped();
      }
      return stop.ended(
          run.done(directory, trained.sheet(), trained.metrics().values(), trained.stopped()));
    }
  }

  private Meta options() {
    var given = new LinkedHashMap<String, @Nullable Object>();
    given.put("data", train);
    given.put("domain", domain);
    given.put("heldOut", heldOut);
    given.put("shots", shots);
    given.put("steps", steps);
    given.put("seed", seed);
    given.putAll(files.rules().given());
    columns.put(given);
    if (encoder != null) {
      given.put("encoder", encoder);
    }
    return ResultOptions.bound(new Meta(), given, "meta");
  }
}
