package org.stackel.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.stackel.clean.Clean;
import org.stackel.clean.CleanResult;
import org.stackel.config.InvalidInputException;
import org.stackel.run.Claim;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.Document;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.Marker;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Finds wrong labels in a user's own data, corrects them, and trains a classifier. */
@Command(
    name = "clean",
    description = {
      "Find wrong labels in your own data, with the help of some rows whose labels are right.",
      "Every row is judged. Writes weights.csv (a suspicion for each row), a corrected copy of the"
          + " file, report.html, review.jsonl for `stackel review`, and a classifier for"
          + " `stackel predict`."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class CleanCommand implements CommandPlugin {
  private static final int SHOWN = 3;

  @Parameters(
      index = "0",
      paramLabel = "TRAIN",
      description =
          "File whose labels may be wrong: CSV, TSV, JSONL or LIBSVM, also with .gz: texts, pairs of texts, numbers, categories, or a mix of them.")
  String train = "";

  @Option(
      names = "--trusted",
      paramLabel = "FILE",
      description =
          "File with the same columns whose labels are right. A hundred rows help, a thousand help more.")
  String trusted = "";

  @Option(
      names = "--trusted-rows",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "The first N rows of TRAIN are right (default: 0).")
  long trustedRows;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description =
          "File whose labels are right, to measure the final model on. It decides nothing.")
  String test = "";

  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      arity = "1",
      description =
          "Column of the text; repeat for texts in several columns (default: guessed from the header).")
  List<String> text = new ArrayList<>();

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description = "Column of the label (default: guessed from the header).")
  @Nullable String label;

  @Option(
      names = "--features",
      paramLabel = "COLUMNS|FILE.npy",
      arity = "1",
      split = ",",
      description =
          "Columns of numbers, categories or texts to read (default: the text, or all without one). Or .npy files of embeddings: one for each of TRAIN, --trusted and --test.")
  List<String> features = new ArrayList<>();

  @Option(
      names = "--id",
      paramLabel = "COLUMNS",
      arity = "1",
      split = ",",
      description = "Columns that name a row; copied to the results (default: guessed).")
  List<String> id = new ArrayList<>();

  @Option(
      names = "--fix",
      paramLabel = "HOW",
      description =
          "What the corrected file does with suspected rows: replace (their labels; the default), drop, or mark (two more columns).")
  String fix = "replace";

  @Option(
      names = "--decisions",
      paramLabel = "FILE",
      description =
          "decisions.csv of `stackel review`: decided rows get their labels and count as trusted.")
  String decisions = "";

  @Option(
      names = "--time-budget",
      paramLabel = "5m",
      description =
          "About how long it may take, such as 90s, 5m or 1h (default: 5m). More data than that allows are sampled for training; all rows are judged.")
  String timeBudget = "5m";

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Random seed of folds and samples (default: 0).")
  long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Number of threads (default: one for each processor). Results do not change.")
  @Nullable Long threads;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Output directory (default: runs/clean-<name of TRAIN>).")
  @Nullable String out;

  @Option(
      names = "--force",
      description = "Replace the output directory if it exists; it is kept as DIR.old.")
  boolean force;

  @Mixin DataOptions data = new DataOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  /** Somebody asked it to stop. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Integer call() {
    try (var stop = StopSignal.watch()) {
      return stop.ended(clean(stop));
    }
  }

  private int clean(StopSignal stop) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Clean options = located();
    Path directory = directory();
    CleanResult result;
    try (Claim claim = Claim.take(directory, Marker.Kind.CLEANING, ifExists());
        var progress = new CleanProgress(err, Progress.style(output))) {
      if (claim.replaced() != null && !output.quiet) {
        err.println("What was in %s is in %s now.".formatted(directory, claim.replaced()));
      }
      result = options.to(directory, (part, share) -> progressed(stop, progress, part, share));
      claim.addAll();
    } catch (Stopped e) {
      return ResultRun.stopped(err);
    } catch (IOException e) {
      throw FileErrors.writing(directory, e);
    }
    if (!output.quiet) {
      result.remarks().forEach(err::println);
    }
    print(result, out);
    if (output.json) {
      out.println(Document.line(result.facts()));
    }
    out.flush();
    return ExitCode.COMPLETED;
  }

  /** What is nearly done is done, and written. */
  private static void progressed(
      StopSignal stop, CleanProgress progress, String part, double share) {
    if (stop.stopRequested() && share < 1) {
      throw new Stopped();
    }
    progress.progressed(part, share);
  }

  private Clean located() {
    try {
      return options();
    } catch (InvalidInputException e) {
      throw e.key() == null ? e : e.at(RunOptions.option(e.key()));
    }
  }

  private Clean options() {
    return new Clean(
        train,
        trusted,
        whole("--trusted-rows", trustedRows),
        test,
        text,
        label,
        features,
        id,
        fix(),
        decisions,
        seconds(),
        seed,
        threads == null ? Runtime.getRuntime().availableProcessors() : whole("--threads", threads),
        data.rules());
  }

  private static int whole(String option, long number) {
    if (number > Integer.MAX_VALUE) {
      throw new InvalidInputException(
              "%s (%d) is too large; the limit is %d.".formatted(option, number, Integer.MAX_VALUE),
              "a digit was repeated.")
          .at(option);
    }
    return (int) number;
  }

  private Clean.Fix fix() {
    return Arrays.stream(Clean.Fix.values())
        .filter(each -> each.name().equalsIgnoreCase(fix))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                        "--fix is '%s'; it must be replace, drop or mark.".formatted(fix),
                        "'replace' was meant.")
                    .at("--fix"));
  }

  private double seconds() {
    var match = java.util.regex.Pattern.compile("([0-9.]+)\\s*(s|m|h)?").matcher(timeBudget);
    if (match.matches()) {
      try {
        double number = Double.parseDouble(match.group(1));
        String unit = match.group(2) == null ? "s" : match.group(2);
        double seconds = number * (unit.equals("h") ? 3600 : unit.equals("m") ? 60 : 1);
        if (seconds > 0) {
          return seconds;
        }
      } catch (NumberFormatException e) {
        // said below
      }
    }
    throw new InvalidInputException(
            "--time-budget is '%s'; it must be a time such as 90s, 5m or 1h.".formatted(timeBudget),
            "'5m' was meant.")
        .at("--time-budget");
  }

  // ---- the directory ---------------------------------------------------------------------------

  private Path directory() {
    Path directory;
    try {
      String name = Path.of(train).getFileName().toString().replaceFirst("\\.[^.]*(\\.gz)?$", "");
      directory = out == null ? Path.of("runs", "clean-" + name) : Path.of(out);
    } catch (InvalidPathException e) {
      throw new InvalidInputException(
              "'%s' is not a valid path: %s.".formatted(e.getInput(), e.getReason()),
              "it is misspelled.")
          .at("--out");
    }
    return directory;
  }

  private RunDirectory.IfExists ifExists() {
    return force ? RunDirectory.IfExists.REPLACE : RunDirectory.IfExists.REFUSE;
  }

  // ---- what is said ----------------------------------------------------------------------------

  private static void print(CleanResult result, PrintWriter out) {
    if (result.wrongShare() != null) {
      out.printf(
          Locale.ROOT, "Estimated share of wrong labels: %.1f %%%n", 100 * result.wrongShare());
    }
    for (CleanResult.MixUp each :
        result.pattern().subList(0, Math.min(SHOWN, result.pattern().size()))) {
      out.printf(
          Locale.ROOT,
          "  %s is labelled %s in %.1f %% of its rows%n",
          each.right(),
          each.given(),
          100 * each.rate());
    }
    out.printf(Locale.ROOT, "Suspected: %,d of %,d rows%n", result.suspected(), result.rows());
    if (result.trusted() > 0) {
      out.printf(
          "%n%-20s %9s  %-13s%s%n",
          "way to train",
          "accuracy",
          "95 % interval",
          result.testAccuracy() == null ? "" : "  test");
      for (CleanResult.Candidate each : result.candidates()) {
        out.printf(
            Locale.ROOT,
            "%-20s %9.3f  %.3f–%.3f%s%s%n",
            each.title(),
            each.accuracy(),
            each.low(),
            each.high(),
            each.testAccuracy() == null
                ? ""
                : String.format(Locale.ROOT, "    %.3f", each.testAccuracy()),
            each.title().equals(result.chosen()) ? "  ← model/" : "");
      }
      out.println("Features: " + result.features());
    }
    if (result.testAccuracy() != null) {
      out.printf(Locale.ROOT, "Accuracy on the test file: %.4f%n", result.testAccuracy());
    }
    out.println(result.verdict());
    out.println();
    out.println(result.directory().resolve("report.html"));
    out.println("Next: stackel review " + Shell.word(result.directory().toString()));
  }
}
