package org.stackel.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Draft;
import org.stackel.runfile.Document;
import org.stackel.spark.SparkHome;
import org.stackel.spark.SparkWorkers;
import org.stackel.sweep.LocalWorkers;
import org.stackel.sweep.Sweep;
import org.stackel.sweep.SweepFile;
import org.stackel.sweep.Workers;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one experiment with many values. */
@Command(
    name = "sweep",
    description = {
      "Run one experiment with many values: a grid, random search, or successive halving, on this"
          + " machine or on a Spark cluster.",
      "Every run has a directory of its own; sweep.csv and report.html have all of them."
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class SweepCommand implements CommandPlugin {
  private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\*|[0-9]{1,4})])?");
  private static final int MAX_RETRIES = 100;

  @Parameters(
      paramLabel = "SWEEP.json",
      description = "File with the experiment and the values (docs/sweeps.md).")
  String name = "";

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = {
        "Who makes the runs: local[N] (N of them at the same time on this machine; local[*], the"
            + " default: as many as there are processors), or a Spark cluster: spark://HOST:PORT.",
        "Spark 4 is not part of Stackel; local masters do without it, with the same results."
      })
  String master = "local[*]";

  @Option(
      names = "--spark-home",
      paramLabel = "DIR",
      description =
          "Directory of an unpacked Spark 4 (default: the environment variable SPARK_HOME).")
  @Nullable String sparkHome;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description =
          "Setting of Spark, such as spark.executor.memory=4g. Repeatable; conf/spark-defaults.conf is read too.")
  Map<String, String> conf = new LinkedHashMap<>();

  @Option(
      names = "--retries",
      paramLabel = "N",
      converter = WholeNumber.class,
      description =
          "How often a run is tried again that fails (default: 2). What is wrong in the experiment or its data is not.")
  long retries = 2;

  @Option(
      names = "--resume",
      description =
          "Go on with the sweep in the output directory, which was stopped or killed: runs that have ended are used, others resumed.")
  boolean resume;

  private boolean isFirst = true;

  @Mixin RunOptions options = new RunOptions();
  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    if (retries < 0 || retries > MAX_RETRIES) {
      throw new InvalidInputException(
              "--retries must be from 0 to %d, found %d.".formatted(MAX_RETRIES, retries),
              "a number such as 2 was meant.")
          .at("--retries");
    }
    SweepFile file = SweepFile.read(RunOptions.path(name, "SWEEP.json"));
    var sweep =
        new Sweep(
            file,
            () -> draft(file, err),
            new Sweep.Terms(
                options.epochs == null ? 0 : options.epochs, (int) retries + 1, plugins()));
    Path directory = options.directoryOr("sweep-" + RunOptions.baseName(name));
    var ifExists = ComparisonRun.ifExists(resume, options.force);
    SparkHome spark = SparkHome.find(sparkHome, System.getenv(SparkHome.VARIABLE));
    if (spark != null && !SparkHome.isLoaded()) {
      return withSpark(spark);
    }
    try (var stop = StopSignal.watch()) {
      Sweep.Result result;
      try (var progress =
              new ComparisonProgress(err, Progress.style(output), System::nanoTime, "sweep");
          Workers workers = workers(sweep)) {
        result = sweep.run(directory, ifExists, workers, progress, stop::stopRequested);
      }
      return stop.ended(told(result, directory, err));
    }
  }

  private Draft draft(SweepFile file, PrintWriter err) {
    var talk = isFirst ? err : new PrintWriter(Writer.nullWriter()); // the same for every point
    isFirst = false;
    if (file.experiment() instanceof String experiment) {
      return options.draft(experiment, talk);
    }
    options.checkNoScale(name);
    return options.put(Draft.of(name, values(file)), name, talk);
  }

  @SuppressWarnings("unchecked") // keys of JSON are texts
  private static Map<String, ?> values(SweepFile file) {
    return (Map<String, ?>) file.experiment();
  }

  private List<Path> plugins() {
    return PluginOptions.places(root(spec.commandLine()).getParseResult().originalArgs());
  }

  private static CommandLine root(CommandLine command) {
    return command.getParent() == null ? command : root(command.getParent());
  }

  // ---- who makes the runs ------------------------------------------------------------------

  private Workers workers(Sweep sweep) {
    if (SparkHome.isLoaded()) {
      return SparkWorkers.open(master, (int) retries + 1, conf);
    }
    Matcher local = LOCAL.matcher(master);
    if (!local.matches()) {
      throw new InvalidInputException(
              "The master '%s' needs Spark 4, which is not part of Stackel, and SPARK_HOME is not set."
                  .formatted(master),
              "an unpacked https://spark.apache.org/downloads.html and `export SPARK_HOME=…` help; without --master the runs are made on this machine.")
          .at("--master");
    }
    if (!conf.isEmpty()) {
      throw new InvalidInputException(
              "--conf is for Spark, and SPARK_HOME is not set.", "--spark-home is missing.")
          .at("--conf");
    }
    if (sweep.ranks() > 1) {
      throw new InvalidInputException(
              "Runs of %d ranks need Spark, and SPARK_HOME is not set.".formatted(sweep.ranks()),
              "`stackel run EXPERIMENT --ranks %d` was meant, which makes one such run without it."
                  .formatted(sweep.ranks()))
          .at(name);
    }
    String number = local.group(1);
    int threads =
        number == null
            ? 1
            : number.equals("*")
                ? Runtime.getRuntime().availableProcessors()
                : Integer.parseInt(number);
    if (threads == 0) {
      throw new InvalidInputException("--master local[0] makes no run.", "local[1] was meant.")
          .at("--master");
    }
    return new LocalWorkers(threads);
  }

  /** The same command in a process that has Spark. */
  private int withSpark(SparkHome spark) {
    List<String> arguments = root(spec.commandLine()).getParseResult().originalArgs();
    return OwnProcess.run(spark.flags(), spark.classPath(), arguments);
  }

  // ---- what came out -----------------------------------------------------------------------

  private int told(Sweep.Result result, Path directory, PrintWriter err) {
    if (result.stopped()) {
      err.println("Stopped. The same command with --resume goes on, with --force it starts again.");
      return ExitCode.INTERRUPTED;
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(result.result());
    if (result.diverged() > 0) {
      out.println("%d runs diverged.".formatted(result.diverged()));
    }
    if (!result.failed().isEmpty()) {
      err.println(
          "%d of the runs failed; failures.jsonl has their errors. --resume tries them again."
              .formatted(result.failed().size()));
    }
    out.println(directory.resolve("sweep.csv"));
    out.println(directory.resolve("report.html"));
    if (output.json) {
      var summary = new LinkedHashMap<String, @Nullable Object>();
      summary.put("result", result.result());
      summary.put("completed", result.completed());
      summary.put("diverged", result.diverged());
      summary.put("failed", new ArrayList<>(result.failed().keySet()));
      summary.put("directory", directory.toString());
      out.println(Document.line(summary));
    }
    out.flush();
    return !result.failed().isEmpty()
        ? ExitCode.RUNS_FAILED
        : result.completed() == 0 ? ExitCode.DIVERGED : ExitCode.COMPLETED;
  }
}
