package org.stackel.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Baselines;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunDirectory;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.runfile.BudgetKind;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.TuneFile;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** A comparison while it runs. */
final class ComparisonWork {
  private static final long WARM_UP = 20;

  private final Path directory;
  private final Terms terms;
  private final Jobs jobs;
  private final Consumer<String> talk;
  private final BooleanSupplier stop;
  private final List<ComparisonFile.Section> tables = new ArrayList<>();
  private final List<TuneFile.Section> tunings = new ArrayList<>();
  private final List<String> diverged = new ArrayList<>();
  private boolean isStopped;

  ComparisonWork(
      Path directory, Terms terms, Jobs jobs, Consumer<String> talk, BooleanSupplier stop) {
    this.directory = directory;
    this.terms = terms;
    this.jobs = jobs;
    this.talk = talk;
    this.stop = stop;
  }

  /** What comparison.json has of the sections that are done. */
  List<ComparisonFile.Section> tables() {
    return tables;
  }

  /** Descriptions of runs that diverged. */
  List<String> diverged() {
    return diverged;
  }

  boolean isStopped() {
    return isStopped;
  }

  /** What one job adds to the tables. */
  private interface Entry {
    /** Notes what was run. */
    default void note(SameRuns runs) {}

    void addTo(ComparisonTable table, TargetTable targets, SameRuns runs);
  }

  /**
   * A run that is over.
   *
   * @param name of its directory
   * @param rows its evaluations
   */
  private record Ran(String name, Experiment experiment, RunOutcome outcome, Rows rows)
      implements Entry {
    @Override
    public void note(SameRuns runs) {
      runs.add(experiment.algorithmType(), experiment.settings().seed(), rows.all, outcome);
    }

    @Override
    public void addTo(ComparisonTable table, TargetTable targets, SameRuns runs) {
      String method = experiment.algorithmType();
      table.addRun(name);
      if (!runs.standsFor(method).equals(method)) {
        return;
      }
      if (outcome instanceof RunOutcome.Completed completed) {
        table.add(experiment, completed, rows.calls());
      }
      targets.add(method, rows.all, outcome);
    }
  }

  /** Whether it went to its end. */
  boolean section(Comparison.Section section) {
    Budget budget = terms.budget();
    sayCost(section);
    if (budget.kind() == BudgetKind.SECONDS && !warmUp(section)) {
      return false;
    }
    if (budget.isToBeMeasured()) {
      Double used = measure(section);
      if (used == null) {
        return false;
      }
      budget = budget.with(used);
    }
    var experiments = new ArrayList<>(section.experiments().stream().map(budget::applyTo).toList());
    Tuning tuning = null;
    if (terms.tunings() > 0) {
      tuning = Tuning.run(experiments, seeds(section), terms.tunings(), jobs, talk, stop);
      if (tuning == null) {
        isStopped = true;
        return false;
      }
      tunings.add(tuning.toFile(section.title()));
      Comparison.write(directory, TuneFile.NAME, new TuneFile(tunings));
      experiments.clear();
      tuning.methods().forEach(tuned -> experiments.add(tuned.chosen()));
    }
    List<Entry> entries = jobs.all(pieces(section, experiments), stop);
    if (entries == null) {
      isStopped = true;
      return false;
    }
    var runs = new SameRuns();
    entries.forEach(entry -> entry.note(runs));
    var table = new ComparisonTable(section, runs);
    var targets = new TargetTable();
    entries.forEach(entry -> entry.addTo(table, targets, runs));
    entries.forEach(this::noteDivergence);
    String progress = section.experiments().get(0).problem().goal().progress();
    tables.add(
        table.toFile(
            budget(section, budget, experiments),
            targets.toFile(terms.target(), progress),
            tuning == null ? null : tuning.summary()));
    return true;
  }

  /** Every run, and for every seed the baselines. */
  private List<Jobs.Piece<Entry>> pieces(Comparison.Section section, List<Experiment> experiments) {
    var pieces = new ArrayList<Jobs.Piece<Entry>>();
    for (long seed : section.seeds()) {
      for (Experiment experiment : experiments) {
        pieces.add(asked -> one(section, experiment.withSeed(seed), asked));
      }
      Experiment first = section.experiments().get(0).withSeed(seed);
      if (section.baselines() != Baselines.NONE && first.problem().hasBaselines()) {
        pieces.add(asked -> baselines(section, first));
      }
    }
    return pieces;
  }

  private ComparisonFile.Budget budget(
      Comparison.Section section, Budget budget, List<Experiment> experiments) {
    List<String> lengths = experiments.stream().map(e -> e.settings().length()).distinct().toList();
    String text = "Budget of every run: " + String.join(", ", lengths);
    return new ComparisonFile.Budget(
        budget.kind(),
        budget.amount(),
        terms.budget().isToBeMeasured() ? text + ", " + measured(section) + "." : text + ".");
  }

  private static String measured(Comparison.Section section) {
    Experiment first = section.experiments().get(0);
    return "what %s used in %,d steps on seed %d"
        .formatted(first.algorithmType(), first.settings().steps(), section.seeds().get(0));
  }

  private List<Long> seeds(Comparison.Section section) {
    return Tuning.seeds(terms.tuningSeeds(), section.seeds());
  }

  private void sayCost(Comparison.Section section) {
    int algorithms = section.experiments().size();
    int seeds = section.seeds().size();
    if (terms.tunings() > 0) {
      int tuningSeeds = seeds(section).size();
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
  private boolean warmUp(Comparison.Section section) {
    for (Experiment experiment : section.experiments()) {
      talk.accept("%s: %s warms up".formatted(section.title(), experiment.algorithmType()));
      long steps = Math.min(WARM_UP, experiment.settings().steps());
      Experiment few = experiment.withSeed(section.seeds().get(0)).withSteps(steps);
      if (Runner.run(few, Comparison.stopping(stop)) instanceof RunOutcome.Stopped) {
        isStopped = true;
        return false;
      }
    }
    return true;
  }

  /** What the first algorithm uses in its steps; null if it did not come to its end. */
  private @Nullable Double measure(Comparison.Section section) {
    Experiment first = section.experiments().get(0).withSeed(section.seeds().get(0));
    talk.accept("%s: measuring %s".formatted(section.title(), measured(section)));
    var rows = new Rows();
    long never = Settings.NO_LIMIT;
    RunOutcome outcome =
        Runner.run(
            first.withSettings(Map.of("evaluateEvery", never, "checkpointEvery", never)),
            RunListener.all(rows, Comparison.stopping(stop)));
    isStopped = outcome instanceof RunOutcome.Stopped;
    if (outcome instanceof RunOutcome.Diverged d) {
      diverged.add(
          "%s while its budget was measured, at step %d (%s)"
              .formatted(first.algorithmType(), d.at(), what(d)));
    }
    if (!(outcome instanceof RunOutcome.Completed)) {
      return null;
    }
    return terms.budget().spent(outcome.seconds(), rows.calls());
  }

  /** One run into its directory; null if it was stopped. */
  private @Nullable Entry one(
      Comparison.Section section, Experiment experiment, BooleanSupplier asked) {
    long seed = experiment.settings().seed();
    String prefix = section.name().isEmpty() ? "" : section.name() + "-";
    String name = prefix + experiment.algorithmType() + "-seed" + seed;
    talk.accept(
        "%s: %s, seed %d, %s"
            .formatted(
                section.title(), experiment.algorithmType(), seed, experiment.settings().length()));
    var rows = new Rows();
    RunOutcome outcome;
    try (var files =
        RunDirectory.create(
            directory.resolve(name),
            experiment,
            RunDirectory.IfExists.REPLACE,
            RunDirectory.Trace.OFF)) {
      outcome =
          Runner.run(
              experiment,
              RunListener.all(
                  files, RunListener.finishing(files), rows, Comparison.stopping(asked)));
      files.finish(outcome);
    }
    if (outcome instanceof RunOutcome.Stopped) {
      return null;
    }
    return new Ran(name, experiment, outcome, rows);
  }

  private void noteDivergence(Entry entry) {
    if (entry instanceof Ran ran && ran.outcome() instanceof RunOutcome.Diverged d) {
      diverged.add("%s at step %d (%s)".formatted(ran.name(), d.at(), what(d)));
    }
  }

  private static String what(RunOutcome.Diverged diverged) {
    return diverged.value() == null ? diverged.quantity() : diverged.cause();
  }

  private Entry baselines(Comparison.Section section, Experiment experiment) {
    long seed = experiment.settings().seed();
    talk.accept("%s: baselines, seed %d".formatted(section.title(), seed));
    Blas.setThreads(experiment.settings().threads());
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      List<BaselineResult> results =
          problem.baselines(section.baselines(), new Seed(seed), experiment.settings().steps());
      return (table, targets, runs) -> results.forEach(result -> table.add(result, seed));
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
}
