package org.stackel.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.preset.Preset;
import org.stackel.preset.Presets;
import org.stackel.preset.Scale;
import org.stackel.run.RunDirectory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of every command that runs an experiment: they override its values. */
class RunOptions {
  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Override a value by its dotted path: --set algorithm.upperLr=0.1. Repeatable.")
  List<String> assignments = new ArrayList<>();

  @Mixin DataOptions data = new DataOptions();

  @Option(
      names = "--steps",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Number of upper-level steps.")
  @Nullable Long steps;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Passes through the training set, instead of --steps.")
  @Nullable Long epochs;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Output directory (default: a directory in runs/, named after the experiment).")
  @Nullable String out;

  @Option(
      names = "--force",
      description = "Replace an existing run in the output directory; it is kept as DIR.old.")
  boolean force;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Threads per operation.")
  @Nullable Long threads;

  @Option(
      names = "--pieces",
      paramLabel = "N",
      converter = WholeNumber.class,
      description =
          "Split every minibatch into N slices and compute them one after the other: less memory, more time.")
  @Nullable Long pieces;

  @Option(names = "--device", paramLabel = "NAME", description = "Processor: cpu or cuda.")
  @Nullable String device;

  @Option(
      names = "--dtype",
      paramLabel = "NAME",
      description = "Floating-point type: float32 or float64.")
  @Nullable String dtype;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "How float32 matrices are multiplied: fp32 (the default), tf32 (a GPU's faster products, 3 decimal digits) or bf16 (2 digits).")
  @Nullable String precision;

  @Option(
      names = "--check",
      paramLabel = "LEVEL",
      description =
          "How closely the run is watched: none, step (states must be finite; the default) or full (also derivatives, memory, and whether a further step would descend).")
  @Nullable String check;

  @Option(
      names = "--on-divergence",
      paramLabel = "WHAT",
      description =
          "What a run does that diverges: stop (the default), or rollback: go back to its last checkpoint and on with half the step sizes.")
  @Nullable String onDivergence;

  @Option(
      names = "--scale",
      paramLabel = "SCALE",
      description = "Size of a preset: tiny, small (default) or paper.")
  @Nullable String scale;

  /**
   * The experiment of this name, a preset's or a file's, with the options put in.
   *
   * @param talk where to say which hyperparameters were dropped
   */
  Draft draft(String experiment, PrintWriter talk) {
    return put(start(experiment, talk), experiment, talk);
  }

  /** An experiment of this name with the options put in. */
  Draft put(Draft draft, String experiment, PrintWriter talk) {
    put(draft, "steps", steps);
    put(draft, "threads", threads);
    put(draft, "pieces", pieces);
    put(draft, "device", device);
    put(draft, "dtype", dtype);
    put(draft, "precision", precision);
    put(draft, "check", check);
    put(draft, "onDivergence", onDivergence);
    data.putInto(draft);
    assignments.forEach(draft::set);
    List<String> gone = draft.fitToData();
    if (!gone.isEmpty()) {
      talk.println(
          "%s was made for other data; left out: %s. --set problem.KEY=VALUE asks for them."
              .formatted(experiment, String.join(", ", gone)));
    }
    if (epochs != null) {
      if (steps != null) {
        throw new InvalidInputException(
                "--epochs and --steps exclude each other.", "one of them can be left out.")
            .at("--epochs");
      }
      draft.setEpochs(epochs);
    }
    return draft;
  }

  /** The option of a key, such as --on-divergence. */
  static String option(String key) {
    return "--" + key.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  static void put(Draft draft, String key, @Nullable Object value) {
    if (value != null) {
      draft.set(key, value, option(key));
    }
  }

  /** The experiment before the options that every command has. */
  Draft start(String experiment, PrintWriter talk) {
    Preset preset = Presets.find(experiment);
    if (preset != null) {
      return preset.draft(scaleOr(Scale.SMALL));
    }
    checkNoScale(experiment);
    Path file = path(experiment, "EXPERIMENT");
    if (!Files.exists(file)) {
      throw missing(experiment);
    }
    return Draft.read(file);
  }

  /** Only presets have a scale. */
  void checkNoScale(String experiment) {
    if (scale != null) {
      throw new InvalidInputException(
              "--scale applies to presets only; '%s' is not a preset.".formatted(experiment),
              "--steps was meant; `stackel list presets` shows the presets.")
          .at("--scale");
    }
  }

  private static InvalidInputException missing(String experiment) {
    List<String> names = Presets.all().stream().map(Preset::name).toList();
    boolean isFile = experiment.endsWith(".json") || experiment.contains("/");
    return new InvalidInputException(
            isFile ? "There is no such file." : "There is no preset or file of this name.",
            isFile ? "the path is misspelled." : Options.meant(experiment, names, "presets are"))
        .at(experiment);
  }

  private Scale scaleOr(Scale fallback) {
    if (scale == null) {
      return fallback;
    }
    try {
      return Presets.scale(scale);
    } catch (InvalidInputException e) {
      throw e.at("--scale");
    }
  }

  /** Where the run goes. */
  Path directory(String name, Experiment experiment) {
    return directoryOr(runName(name, experiment));
  }

  /** What the run is called if nobody says otherwise. */
  static String runName(String name, Experiment experiment) {
    return "%s-%s-seed%d"
        .formatted(baseName(name), experiment.algorithmType(), experiment.settings().seed());
  }

  /** What --out says, else a directory in runs. */
  Path directoryOr(String name) {
    return out == null ? Path.of("runs", name) : path(out, "--out");
  }

  /** The name of an experiment without directories and ending. */
  static String baseName(String name) {
    String file = Path.of(name).getFileName().toString();
    return file.endsWith(".json") ? file.substring(0, file.length() - 5) : file;
  }

  static Path path(String text, String place) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new InvalidInputException(
              "'%s' is not a valid path: %s.".formatted(text, e.getReason()), "it is misspelled.")
          .at(place);
    }
  }

  RunDirectory.IfExists ifExists() {
    return force ? RunDirectory.IfExists.REPLACE : RunDirectory.IfExists.REFUSE;
  }
}
