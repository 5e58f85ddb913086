package org.stackel.cli;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.stackel.fewshot.Adapt;
import org.stackel.run.ResultDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts a head for a new task on an encoder. */
@Command(
    name = "adapt",
    description =
        "Fit a head for a new task or domain on a trained encoder, from a few labelled texts. The"
            + " model it leaves is for `stackel predict`.",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class AdaptCommand implements CommandPlugin {
  @Parameters(
      index = "0",
      paramLabel = "MODEL_DIR",
      description = "Folder of the encoder's model, or of the run that left it (`stackel meta`).")
  String model = "";

  @Parameters(
      index = "1",
      paramLabel = "FEW",
      description = "CSV, TSV or JSONL file with a few labelled texts, also with .gz.")
  String data = "";

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "File with test texts of the task (default: none).")
  @Nullable String test;

  @Option(
      names = "--regularization",
      paramLabel = "X",
      description = "Factor of the penalty on the head (default: that of the encoder's training).")
  @Nullable Double regularization;

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Random seed of the folds (default: 0).")
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
    Adapt adapt = options();
    try (ResultDirectory directory = target.directory("adapt", data);
        var stop = StopSignal.watch()) {
      Adapt.Adapted adapted = adapt.run(directory, stop::stopRequested, run::say);
      if (adapted == null) {
        return run.stopped();
      }
      return stop.ended(
          run.done(
              directory,
              adapted.sheet(),
              ResultRun.summary("classes", adapted.classes(), adapted.results()),
              false));
    }
  }

  private Adapt options() {
    var given = new LinkedHashMap<String, @Nullable Object>();
    given.put("model", model);
    given.put("data", data);
    given.put("test", test);
    given.put("regularization", regularization);
    given.put("seed", seed);
    given.putAll(files.rules().given());
    columns.put(given);
    return ResultOptions.bound(new Adapt(), given, "adapt");
  }
}
