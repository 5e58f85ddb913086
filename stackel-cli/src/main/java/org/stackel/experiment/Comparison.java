package org.stackel.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.baseline.Cleaning;
import org.stackel.config.InvalidInputException;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.DataCleaning;
import org.stackel.problem.Metrics;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * Several algorithms on several seeds: one run directory each, one table.
 *
 * <p>All runs of a seed share data, start and the minibatches that equal draws ask for. Cleaning
 * problems also get the baselines, trained with the same seed.
 *
 * @param title of the whole
 * @param notes what a reader must know
 * @param sections tables
 */
public record Comparison(String title, List<String> notes, List<Section> sections) {
  /** Name of the file with the tables. */
  public static final String FILE = "comparison.json";

  /**
   * One table.
   *
   * @param name prefix of its run directories; empty if there is one section
   * @param title above the table
   * @param notes below the title
   * @param experiments one for every algorithm, in order; their seeds are not used
   * @param seeds what is run
   * @param baselines what else is in the table of a cleaning problem
   */
  public record Section(
      String name,
      String title,
      List<String> notes,
      List<Experiment> experiments,
      List<Long> seeds,
      Baselines baselines) {}

  /** Which methods without a bilevel problem are run. */
  public enum Baselines {
    /** None. */
    NONE,
    /** Plain training. */
    PLAIN,
    /** Every one. */
    ALL
  }

  /** A number of a table. */
  private record Column(String key, String label, @Nullable String better, String format) {}

  private static final List<Column> CLEANING =
      List.of(
          new Column("testAccuracy", "test accuracy", "higher", "0.000"),
          new Column("auroc", "AUROC", "higher", "0.000"),
          new Column("f1", "F1", "higher", "0.000"),
          new Column("seconds", "seconds", null, "0.0"),
          new Column("oracleCalls", "oracle calls", null, "#,##0"));

  /**
   * What a comparison gave.
   *
   * @param json what comparison.json has
   * @param diverged descriptions of runs that diverged
   * @param stopped whether it was asked to stop
   */
  public record Result(Map<String, Object> json, List<String> diverged, boolean stopped) {}

  /**
   * Runs everything, one after the other.
   *
   * @param directory of the comparison
   * @param talk told what is about to run
   * @param stop asked after every step
   * @throws InvalidInputException for wrong experiments, data or places
   */
  public Result run(
      Path directory, RunDirectory.IfExists ifExists, Consumer<String> talk, BooleanSupplier stop) {
    prepare(directory, ifExists);
    var tables = new ArrayList<Object>();
    var diverged = new ArrayList<String>();
    for (Section section : sections) {
      var table = new Table(section);
      for (long seed : section.seeds()) {
        for (Experiment experiment : section.experiments()) {
          if (!one(section, experiment.withSeed(seed), directory, talk, stop, table, diverged)) {
            return new Result(Map.of(), diverged, true);
          }
        }
        baselines(section, seed, talk, table);
      }
      tables.add(table.toMap());
    }
    var json = new LinkedHashMap<String, Object>();
    json.put("title", title);
    json.put("notes", notes);
    json.put("sections", tables);
    try {
      AtomicFile.write(directory.resolve(FILE), Json.pretty(json));
    } catch (IOException e) {
      throw DiskProblem.writing(directory, e);
    }
    return new Result(json, diverged, false);
  }

  /** Whether the run went to its end. */
  private static boolean one(
      Section section,
      Experiment experiment,
      Path directory,
      Consumer<String> talk,
      BooleanSupplier stop,
      Table table,
      List<String> diverged) {
    long seed = experiment.settings().seed();
    String prefix = section.name().isEmpty() ? "" : section.name() + "-";
    String name = prefix + experiment.algorithmType() + "-seed" + seed;
    talk.accept(
        "%s: %s, seed %d, %d steps"
            .formatted(
                section.title(), experiment.algorithmType(), seed, experiment.settings().steps()));
    var last = new LastCalls();
    RunOutcome outcome;
    double retraining;
    try (var files =
        RunDirectory.create(
            directory.resolve(name),
            experiment,
            RunDirectory.IfExists.REPLACE,
            RunDirectory.Trace.OFF)) {
      var output = new CleaningOutput(files);
      outcome = Runner.run(experiment, RunListener.all(files, output, last, stopping(stop)));
      retraining = output.seconds();
      files.finish(outcome);
    }
    table.runs.add(name);
    if (outcome instanceof RunOutcome.Diverged d) {
      diverged.add("%s at step %d (%s)".formatted(name, d.at(), d.quantity()));
    }
    if (outcome instanceof RunOutcome.Completed) {
      table.add(experiment, outcome, retraining, last.calls);
    }
    return !(outcome instanceof RunOutcome.Stopped);
  }

  private static RunListener stopping(BooleanSupplier stop) {
    return new RunListener() {
      @Override
      public boolean stopRequested() {
        return stop.getAsBoolean();
      }
    };
  }

  private static final class LastCalls implements RunListener {
    private OracleCalls calls = OracleCalls.NONE;

    @Override
    public void evaluated(MetricsRow row) {
      calls = row.oracle();
    }
  }

  private static void baselines(Section section, long seed, Consumer<String> talk, Table table) {
    Experiment experiment = section.experiments().get(0).withSeed(seed);
    if (section.baselines() == Baselines.NONE || !(experiment.problem() instanceof DataCleaning)) {
      return;
    }
    talk.accept("%s: baselines, seed %d".formatted(section.title(), seed));
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      Blas.setThreads(experiment.settings().threads());
      if (problem instanceof DataCleaning.Opened cleaning) {
        var methods =
            new Cleaning(cleaning, CleaningOutput.retraining(new Seed(seed)), System::nanoTime);
        List<Cleaning.Result> results =
            section.baselines() == Baselines.ALL ? methods.baselines() : List.of(methods.plain());
        results.forEach(table::add);
      }
    }
  }

  private static void prepare(Path directory, RunDirectory.IfExists ifExists) {
    try {
      if (Files.isDirectory(directory)) {
        replace(directory, ifExists);
      }
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw DiskProblem.writing(directory, e);
    }
  }

  private static void replace(Path directory, RunDirectory.IfExists ifExists) throws IOException {
    List<Path> entries;
    try (Stream<Path> list = Files.list(directory)) {
      entries = list.toList();
    }
    if (entries.isEmpty()) {
      return;
    }
    boolean isOurs =
        entries.stream()
            .allMatch(
                entry ->
                    Files.exists(entry.resolve(RunDirectory.EXPERIMENT))
                        || List.of(FILE, "report.html").contains(entry.getFileName().toString()));
    if (!isOurs) {
      throw new InvalidInputException(
              "The directory %s exists and holds something that is no comparison."
                  .formatted(directory),
              "--out with another directory helps; --force replaces comparisons only.")
          .at("--out");
    }
    if (ifExists == RunDirectory.IfExists.REFUSE) {
      throw new InvalidInputException(
              "The directory %s exists.".formatted(directory),
              "--force to replace it, or another --out was meant.")
          .at("--out");
    }
    for (Path entry : entries) {
      RunDirectory.delete(entry);
    }
  }

  /** The numbers of one section, seed after seed. */
  private static final class Table {
    private final Section section;
    private final boolean isCleaning;
    private final Map<String, Map<String, List<Double>>> rows = new LinkedHashMap<>();
    private final Map<String, String> kinds = new LinkedHashMap<>();
    private final List<String> runs = new ArrayList<>();

    Table(Section section) {
      this.section = section;
      isCleaning = section.experiments().get(0).problem() instanceof DataCleaning;
    }

    void add(Experiment experiment, RunOutcome outcome, double after, OracleCalls calls) {
      String method = experiment.algorithmType();
      Metrics metrics = outcome.metrics();
      if (!isCleaning) {
        metrics.values().forEach((key, value) -> put(method, "bilevel", key, value));
        put(method, "bilevel", "seconds", outcome.seconds());
        put(method, "bilevel", "oracleCalls", (double) calls.total());
        return;
      }
      for (String row : List.of(method, method + " + trusted")) {
        boolean joined = !row.equals(method);
        put(
            row,
            "bilevel",
            "testAccuracy",
            metrics.get(joined ? "retrainTrustedAccuracy" : "retrainAccuracy"));
        for (String key : List.of("auroc", "f1", "weightOfClean", "weightOfWrong")) {
          if (metrics.values().containsKey(key)) {
            put(row, "bilevel", key, metrics.get(key));
          }
        }
        put(row, "bilevel", "seconds", outcome.seconds() + after);
        put(row, "bilevel", "oracleCalls", (double) calls.total());
        put(row, "bilevel", "lambdaSd", metrics.get("lambdaSd"));
      }
    }

    void add(Cleaning.Result result) {
      String kind = result.method().startsWith("oracle") ? "reference" : "baseline";
      result.metrics().values().forEach((key, value) -> put(result.method(), kind, key, value));
      put(result.method(), kind, "seconds", result.seconds());
    }

    private void put(String method, String kind, String key, double value) {
      kinds.put(method, kind);
      rows.computeIfAbsent(method, m -> new LinkedHashMap<>())
          .computeIfAbsent(key, k -> new ArrayList<>())
          .add(value);
    }

    private List<Column> columns() {
      if (isCleaning) {
        return CLEANING;
      }
      var columns = new ArrayList<Column>();
      rows.values().stream()
          .flatMap(row -> row.keySet().stream())
          .distinct()
          .forEach(key -> columns.add(new Column(key, label(key), null, format(key))));
      return columns;
    }

    private static String label(String key) {
      return key.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
    }

    private static String format(String key) {
      return switch (key) {
        case "seconds" -> "0.0";
        case "oracleCalls" -> "#,##0";
        default -> "0.000E0";
      };
    }

    Map<String, Object> toMap() {
      var map = new LinkedHashMap<String, Object>();
      map.put("title", section.title());
      map.put("notes", notes());
      var columns = new ArrayList<Object>();
      for (Column column : columns()) {
        var c = new LinkedHashMap<String, @Nullable Object>();
        c.put("key", column.key());
        c.put("label", column.label());
        c.put("better", column.better());
        c.put("format", column.format());
        columns.add(c);
      }
      map.put("columns", columns);
      var list = new ArrayList<Object>();
      rows.forEach(
          (method, numbers) -> {
            var values = new LinkedHashMap<String, Object>();
            numbers.forEach((key, all) -> values.put(key, summary(all)));
            var row = new LinkedHashMap<String, Object>();
            row.put("method", method);
            row.put("kind", String.valueOf(kinds.get(method)));
            row.put("values", values);
            list.add(row);
          });
      map.put("rows", list);
      map.put("runs", runs);
      return map;
    }

    /** The section's notes, and a warning where λ did not travel. */
    private List<String> notes() {
      var all = new ArrayList<>(section.notes());
      rows.forEach(
          (method, numbers) -> {
            List<Double> sds = numbers.get("lambdaSd");
            if (sds != null && !method.endsWith("trusted")) {
              String warning = ProblemDefaults.warning(method, mean(sds));
              if (warning != null) {
                all.add(warning);
              }
            }
          });
      return all;
    }

    private static double mean(List<Double> numbers) {
      return numbers.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    private static Map<String, Object> summary(List<Double> numbers) {
      double mean = mean(numbers);
      double squares = numbers.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
      var summary = new LinkedHashMap<String, Object>();
      summary.put("mean", mean);
      summary.put("sd", numbers.size() < 2 ? 0.0 : Math.sqrt(squares / (numbers.size() - 1)));
      summary.put("n", numbers.size());
      return summary;
    }
  }
}
