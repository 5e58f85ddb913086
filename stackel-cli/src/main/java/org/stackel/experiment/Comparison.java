package org.stackel.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.baseline.BaselineResult;
import org.stackel.baseline.Cleaning;
import org.stackel.baseline.CrossEntropy;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.DataCleaning;
import org.stackel.problem.DeepAuc;
import org.stackel.problem.Direction;
import org.stackel.problem.Start;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * Several algorithms on several seeds: one run directory each, one table.
 *
 * <p>All runs of a seed share data, start and the minibatches that equal draws ask for: a draw is a
 * function of the seed, the step, its role (upper, lower, or lower in a loop of its own) and its
 * number in that role and step. What is not common: draws that one algorithm makes and another does
 * not, and what an equal draw is used for. Cleaning and AUC problems also get the baselines,
 * trained with the same seed, to their own end, and not tuned.
 *
 * @param title of the whole
 * @param notes what a reader must know
 * @param sections tables
 * @param terms on which methods are compared
 */
public record Comparison(String title, List<String> notes, List<Section> sections, Terms terms) {
  /** Name of the file with the tables. */
  public static final String FILE = "comparison.json";

  private static final long WARM_UP = 20;

  /** A comparison on the plain terms: the experiments as they are. */
  public Comparison(String title, List<String> notes, List<Section> sections) {
    this(title, notes, sections, Terms.PLAIN);
  }

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
    for (Section section : sections) {
      checkTarget(section);
    }
    prepare(directory, ifExists);
    var work = new Work(directory, terms, talk, stop);
    for (Section section : sections) {
      if (!work.section(section)) {
        return new Result(Map.of(), work.diverged, work.isStopped);
      }
    }
    var json = new LinkedHashMap<String, Object>();
    json.put("title", title);
    json.put("notes", notes);
    json.put("sections", work.tables);
    write(directory, FILE, json);
    return new Result(json, work.diverged, false);
  }

  private static void write(Path directory, String name, Object json) {
    try {
      AtomicFile.write(directory.resolve(name), Json.pretty(json));
    } catch (IOException e) {
      throw DiskProblem.writing(directory, e);
    }
  }

  /** A target that is asked for must be a metric, and one of its ends the better one. */
  private void checkTarget(Section section) {
    Target target = terms.target();
    if (target == null) {
      return;
    }
    Experiment experiment = section.experiments().get(0).withSeed(section.seeds().get(0));
    var seed = new Seed(experiment.settings().seed());
    Collection<String> known;
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      Start start = problem.start(seed.child("start"));
      known = problem.evaluate(start.x(), start.y()).values().keySet();
    }
    List<String> metrics = known.stream().filter(key -> Direction.of(key) != null).toList();
    if (!metrics.contains(target.metric())) {
      throw new InvalidInputException(
              known.contains(target.metric())
                  ? "Nobody knows which end of '%s' is the better one.".formatted(target.metric())
                  : "%s has no metric '%s' in its evaluations."
                      .formatted(experiment.problemType(), target.metric()),
              "'%s' was meant; targets can be of %s."
                  .formatted(Options.nearest(target.metric(), metrics), String.join(", ", metrics)))
          .at("--target");
    }
  }

  /** A comparison while it runs. */
  private static final class Work {
    private final Path directory;
    private final Terms terms;
    private final Consumer<String> talk;
    private final BooleanSupplier stop;
    private final List<Object> tables = new ArrayList<>();
    private final List<Object> tunings = new ArrayList<>();
    private final List<String> diverged = new ArrayList<>();
    private boolean isStopped;

    Work(Path directory, Terms terms, Consumer<String> talk, BooleanSupplier stop) {
      this.directory = directory;
      this.terms = terms;
      this.talk = talk;
      this.stop = stop;
    }

    /** Whether it went to its end. */
    boolean section(Section section) {
      Budget budget = terms.budget();
      sayCost(section);
      if (budget.kind() == Budget.Kind.SECONDS && !warmUp(section)) {
        return false;
      }
      if (budget.isToBeMeasured()) {
        Double used = measure(section);
        if (used == null) {
          return false;
        }
        budget = budget.with(used);
      }
      var experiments =
          new ArrayList<>(section.experiments().stream().map(budget::applyTo).toList());
      Tuning tuning = null;
      if (terms.tunings() > 0) {
        tuning = Tuning.run(experiments, section.seeds(), terms.tunings(), talk, stop);
        if (tuning == null) {
          isStopped = true;
          return false;
        }
        tunings.add(tuning.toMap(section.title()));
        write(directory, Tuning.FILE, Map.of("sections", tunings));
        experiments.clear();
        tuning.methods().forEach(tuned -> experiments.add(tuned.chosen()));
      }
      var table = new ComparisonTable(section);
      var targets = new TargetTable();
      for (long seed : section.seeds()) {
        for (Experiment experiment : experiments) {
          if (!one(section, experiment.withSeed(seed), table, targets)) {
            isStopped = true;
            return false;
          }
        }
        baselines(section, seed, table);
      }
      Map<String, Object> json = table.toMap();
      json.put("budget", budget(section, budget, experiments));
      String progress = section.experiments().get(0).problem().goal().progress();
      Map<String, Object> target = targets.toMap(terms.target(), progress);
      if (target != null) {
        json.put("target", target);
      }
      if (tuning != null) {
        json.put("tuning", tuning.summary());
      }
      tables.add(json);
      return true;
    }

    private Map<String, Object> budget(
        Section section, Budget budget, List<Experiment> experiments) {
      List<String> lengths =
          experiments.stream().map(e -> e.settings().length()).distinct().toList();
      var map = new LinkedHashMap<String, Object>();
      map.put("kind", Options.kebab(budget.kind()));
      if (budget.amount() != null) {
        map.put("amount", budget.amount());
      }
      String text = "Budget of every run: " + String.join(", ", lengths);
      map.put(
          "text",
          terms.budget().isToBeMeasured() ? text + ", " + measured(section) + "." : text + ".");
      return map;
    }

    private static String measured(Section section) {
      Experiment first = section.experiments().get(0);
      return "what %s used in %,d steps on seed %d"
          .formatted(first.algorithmType(), first.settings().steps(), section.seeds().get(0));
    }

    private void sayCost(Section section) {
      int algorithms = section.experiments().size();
      int seeds = section.seeds().size();
      if (terms.tunings() > 0) {
        int tuningSeeds = Tuning.seeds(section.seeds()).size();
        long before = terms.tunings() * algorithms * tuningSeeds;
        talk.accept(
            "%s: %,d runs to tune (%d algorithms, %d points, %d seeds), then %,d to compare"
                .formatted(
                    section.title(),
                    before,
                    algorithms,
                    terms.tunings(),
                    tuningSeeds,
                    (long) algorithms * seeds));
      }
    }

    /** The first steps of a process are slow: classes are loaded, code is compiled. */
    private boolean warmUp(Section section) {
      for (Experiment experiment : section.experiments()) {
        talk.accept("%s: %s warms up".formatted(section.title(), experiment.algorithmType()));
        long steps = Math.min(WARM_UP, experiment.settings().steps());
        Experiment few = experiment.withSeed(section.seeds().get(0)).withSteps(steps);
        if (Runner.run(few, stopping(stop)) instanceof RunOutcome.Stopped) {
          isStopped = true;
          return false;
        }
      }
      return true;
    }

    /** What the first algorithm uses in its steps; null if it did not come to its end. */
    private @Nullable Double measure(Section section) {
      Experiment first = section.experiments().get(0).withSeed(section.seeds().get(0));
      talk.accept("%s: measuring %s".formatted(section.title(), measured(section)));
      var rows = new Rows();
      long never = Experiment.Settings.NO_LIMIT;
      RunOutcome outcome =
          Runner.run(
              first.withSettings(Map.of("evaluateEvery", never, "checkpointEvery", never)),
              RunListener.all(rows, stopping(stop)));
      isStopped = outcome instanceof RunOutcome.Stopped;
      if (outcome instanceof RunOutcome.Diverged d) {
        diverged.add(
            "%s while its budget was measured, at step %d (%s)"
                .formatted(first.algorithmType(), d.at(), d.quantity()));
      }
      if (!(outcome instanceof RunOutcome.Completed)) {
        return null;
      }
      boolean isTime = terms.budget().kind() == Budget.Kind.SECONDS;
      return isTime ? outcome.seconds() : (double) rows.calls().total();
    }

    /** Whether the run was not stopped. */
    private boolean one(
        Section section, Experiment experiment, ComparisonTable table, TargetTable targets) {
      long seed = experiment.settings().seed();
      String prefix = section.name().isEmpty() ? "" : section.name() + "-";
      String name = prefix + experiment.algorithmType() + "-seed" + seed;
      talk.accept(
          "%s: %s, seed %d, %s"
              .formatted(
                  section.title(),
                  experiment.algorithmType(),
                  seed,
                  experiment.settings().length()));
      var rows = new Rows();
      RunOutcome outcome;
      double retraining;
      try (var files =
          RunDirectory.create(
              directory.resolve(name),
              experiment,
              RunDirectory.IfExists.REPLACE,
              RunDirectory.Trace.OFF)) {
        var output = new CleaningOutput(files);
        outcome =
            Runner.run(
                experiment,
                RunListener.all(
                    files,
                    output,
                    new FewShotOutput(files),
                    new ModelOutput(files),
                    rows,
                    stopping(stop)));
        retraining = output.seconds();
        files.finish(outcome);
      }
      table.addRun(name);
      if (outcome instanceof RunOutcome.Diverged d) {
        diverged.add("%s at step %d (%s)".formatted(name, d.at(), d.quantity()));
      }
      if (outcome instanceof RunOutcome.Completed) {
        table.add(experiment, outcome, retraining, rows.calls());
      }
      targets.add(experiment.algorithmType(), rows.all, outcome);
      return !(outcome instanceof RunOutcome.Stopped);
    }

    private void baselines(Section section, long seed, ComparisonTable table) {
      Experiment experiment = section.experiments().get(0).withSeed(seed);
      if (section.baselines() == Baselines.NONE || !hasBaselines(experiment)) {
        return;
      }
      talk.accept("%s: baselines, seed %d".formatted(section.title(), seed));
      Blas.setThreads(experiment.settings().threads());
      try (var scope = StateScope.open();
          var problem = experiment.open()) {
        results(section, experiment, problem).forEach(result -> table.add(result, seed));
      }
    }

    private static boolean hasBaselines(Experiment experiment) {
      return experiment.problem() instanceof DataCleaning
          || (experiment.problem() instanceof DeepAuc
              && experiment.settings().steps() < Experiment.Settings.NO_LIMIT);
    }

    private static List<BaselineResult> results(
        Section section, Experiment experiment, BilevelProblem<?> problem) {
      Seed seed = CleaningOutput.retraining(new Seed(experiment.settings().seed()));
      if (problem instanceof DataCleaning.Opened cleaning) {
        var methods = new Cleaning(cleaning, seed, System::nanoTime);
        return section.baselines() == Baselines.ALL
            ? methods.baselines()
            : List.of(methods.plain());
      }
      return problem instanceof DeepAuc.Opened auc
          ? new CrossEntropy(auc, experiment.settings().steps(), seed, System::nanoTime).baselines()
          : List.of();
    }
  }

  /** The evaluations of a run. */
  private static final class Rows implements RunListener {
    private final List<MetricsRow> all = new ArrayList<>();

    @Override
    public void evaluated(MetricsRow row) {
      all.add(row);
    }

    OracleCalls calls() {
      return all.isEmpty() ? OracleCalls.NONE : all.get(all.size() - 1).oracle();
    }
  }

  static RunListener stopping(BooleanSupplier stop) {
    return new RunListener() {
      @Override
      public boolean stopRequested() {
        return stop.getAsBoolean();
      }
    };
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
                        || List.of(FILE, Tuning.FILE, "report.html")
                            .contains(entry.getFileName().toString()));
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
}
