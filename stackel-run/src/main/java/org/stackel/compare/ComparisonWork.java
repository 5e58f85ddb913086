package org.stackel.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.optim.Iterations;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Baselines;
import org.stackel.problem.BilevelProblem;
import org.stackel.run.Claim;
import org.stackel.run.MetricsRow;
import org.stackel.run.ResumePoint;
import org.stackel.run.RunDirectory;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.runfile.BaselinesFile;
import org.stackel.runfile.BudgetKind;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RollbackLine;
import org.stackel.runfile.RunStatus;
import org.stackel.runfile.TuneFile;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** A comparison while it runs. */
final class ComparisonWork {
  private static final long WARM_UP = 20;

  private final Path directory;
  private final Claim claim;
  private final Earlier earlier;
  private final Terms terms;
  private final Jobs jobs;
  private final Runs runs;
  private final ComparisonListener listener;
  private final BooleanSupplier stop;
  private final List<ComparisonFile.Section> tables = new ArrayList<>();
  private final List<TuneFile.Section> tunings = new ArrayList<>();
  private final List<String> diverged = new ArrayList<>();
  private final Set<String> remarks = ConcurrentHashMap.newKeySet();
  private boolean isStopped;

  ComparisonWork(
      Path directory,
      Claim claim,
      Earlier earlier,
      Terms terms,
      Jobs jobs,
      Runs runs,
      ComparisonListener listener,
      BooleanSupplier stop) {
    this.directory = directory;
    this.claim = claim;
    this.earlier = earlier;
    this.terms = terms;
    this.jobs = jobs;
    this.runs = runs;
    this.listener = listener;
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
  private record Ran(String name, Experiment experiment, RunOutcome outcome, List<MetricsRow> rows)
      implements Entry {
    @Override
    public void note(SameRuns runs) {
      runs.add(experiment.algorithmType(), experiment.settings().seed(), rows, outcome);
    }

    @Override
    public void addTo(ComparisonTable table, TargetTable targets, SameRuns runs) {
      String method = experiment.algorithmType();
      table.addRun(name);
      if (!runs.standsFor(method).equals(method)) {
        return;
      }
      if (outcome instanceof RunOutcome.Completed completed) {
        table.add(experiment, completed, calls(rows));
      }
      targets.add(method, rows, outcome);
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
      Double before = earlier.budget(budget.kind(), names(section));
      Double used = before == null ? measure(section) : before;
      if (used == null) {
        return false;
      }
      budget = budget.with(used);
    }
    var experiments = new ArrayList<>(section.experiments().stream().map(budget::applyTo).toList());
    Tuning tuning = null;
    if (terms.tunings() > 0) {
      tuning =
          Tuning.of(earlier.tuning(section.title()), experiments, seeds(section), terms.tunings());
      if (tuning == null) {
        tuning =
            Tuning.run(experiments, seeds(section), terms.tunings(), jobs, runs, listener, stop);
      } else {
        tuning.methods().forEach(m -> m.points().forEach(p -> listener.reused(section.title())));
      }
      if (tuning == null) {
        isStopped = true;
        return false;
      }
      tunings.add(tuning.toFile(section.title()));
      Comparison.write(directory, TuneFile.NAME, new TuneFile(tunings));
      experiments.clear();
      tuning.methods().forEach(tuned -> experiments.add(tuned.chosen()));
    }
    names(section).forEach(this::note); // here, so that jobs do not change their order
    List<Entry> entries = jobs.all(pieces(section, experiments), stop);
    if (entries == null) {
      isStopped = true;
      return false;
    }
    var same = new SameRuns();
    entries.forEach(entry -> entry.note(same));
    var table = new ComparisonTable(section, same);
    var targets = new TargetTable();
    entries.forEach(entry -> entry.addTo(table, targets, same));
    entries.forEach(this::noteDivergence);
    String progress = section.experiments().get(0).problem().goal().progress();
    tables.add(
        table.toFile(
            budget(section, budget, experiments),
            targets.toFile(terms.target(), progress),
            tuning == null ? null : tuning.summary()));
    return true;
  }

  /** How many pieces of work a section has. */
  int pieces(Comparison.Section section) {
    int seeds = section.seeds().size();
    int methods = section.experiments().size();
    int baselines = hasBaselines(section) ? seeds : 0;
    return seeds * methods + baselines + (int) terms.tunings() * methods;
  }

  private static boolean hasBaselines(Comparison.Section section) {
    return section.baselines() != Baselines.NONE
        && section.experiments().get(0).problem().hasBaselines();
  }

  /** Every run, and for every seed the baselines. */
  private List<Jobs.Piece<Entry>> pieces(Comparison.Section section, List<Experiment> experiments) {
    var pieces = new ArrayList<Jobs.Piece<Entry>>();
    for (long seed : section.seeds()) {
      for (Experiment experiment : experiments) {
        pieces.add((problem, asked) -> one(section, experiment.withSeed(seed), problem, asked));
      }
      if (hasBaselines(section)) {
        Experiment first = section.experiments().get(0).withSeed(seed);
        pieces.add((problem, asked) -> baselines(section, first, problem, asked));
      }
    }
    return pieces;
  }

  private static String name(Comparison.Section section, Experiment experiment) {
    return prefix(section) + experiment.algorithmType() + "-seed" + experiment.settings().seed();
  }

  private static String prefix(Comparison.Section section) {
    return section.name().isEmpty() ? "" : section.name() + "-";
  }

  /** Of all run directories. */
  private static List<String> names(Comparison.Section section) {
    return section.seeds().stream()
        .flatMap(
            seed -> section.experiments().stream().map(each -> name(section, each.withSeed(seed))))
        .toList();
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
    return String.format(
        Locale.ROOT,
        "what %s used in %,d steps on seed %d",
        first.algorithmType(),
        first.settings().steps(),
        section.seeds().get(0));
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
      listener.said(
          String.format(
              Locale.ROOT,
              "%s: %,d runs to tune (%d algorithms, %d points, %d seeds), then %,d to compare",
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
      listener.said("%s: %s warms up".formatted(section.title(), experiment.algorithmType()));
      long steps = Math.min(WARM_UP, experiment.settings().steps());
      Experiment few = experiment.withSeed(section.seeds().get(0)).withSteps(steps);
      try (var problem = new SameProblem()) {
        RunOutcome outcome = runs.run(few, problem, Comparison.stopping(stop));
        if (outcome instanceof RunOutcome.Stopped) {
          isStopped = true;
          return false;
        }
      }
    }
    return true;
  }

  /** What the first algorithm uses in its steps; null if it did not come to its end. */
  private @Nullable Double measure(Comparison.Section section) {
    Experiment first = section.experiments().get(0).withSeed(section.seeds().get(0));
    listener.said("%s: measuring %s".formatted(section.title(), measured(section)));
    var rows = new Rows();
    long never = Settings.NO_LIMIT;
    RunOutcome outcome;
    try (var problem = new SameProblem()) {
      outcome =
          runs.run(
              first.withSettings(Map.of("evaluateEvery", never, "checkpointEvery", never)),
              problem,
              RunListener.all(rows, Comparison.stopping(stop)));
    }
    isStopped = outcome instanceof RunOutcome.Stopped;
    if (outcome instanceof RunOutcome.Diverged d) {
      diverged.add(
          String.format(
              Locale.ROOT,
              "%s while its budget was measured, at step %d (%s)",
              first.algorithmType(),
              d.at(),
              what(d)));
    }
    if (!(outcome instanceof RunOutcome.Completed)) {
      return null;
    }
    return terms.budget().spent(outcome.seconds(), rows.calls());
  }

  /** One run into its directory, or what is in it already; null if it was stopped. */
  private @Nullable Entry one(
      Comparison.Section section,
      Experiment experiment,
      SameProblem problem,
      BooleanSupplier asked) {
    String name = name(section, experiment);
    RunDirectory before = earlier.run(name, experiment);
    OutcomeFile ended = before == null ? null : before.ended();
    if (before != null && ended != null && ended.status() != RunStatus.STOPPED) {
      listener.reused(name);
      return new Ran(name, before.experiment(), RunOutcome.of(ended), before.rows());
    }
    listener.said(
        String.format(
            Locale.ROOT,
            "%s: %s, seed %d, %s",
            section.title(),
            experiment.algorithmType(),
            experiment.settings().seed(),
            experiment.settings().length()));
    RunDirectory run =
        before != null
            ? before
            : RunDirectory.create(
                directory.resolve(name),
                experiment,
                RunDirectory.IfExists.REPLACE,
                RunDirectory.Trace.OFF);
    RunOutcome outcome;
    List<MetricsRow> rows;
    try (run) {
      ResumePoint from = before == null ? null : before.prepareToResume();
      if (before != null) {
        before.remarks().forEach(listener::remarked);
      }
      var listeners =
          RunListener.all(
              run,
              RunListener.finishing(run),
              new Share(experiment.settings(), share -> listener.advanced(name, share)),
              remarking(name),
              Comparison.stopping(asked));
      run.sharedBy(runs.ranks());
      outcome = runs.run(run.experiment(), problem, from, listeners);
      run.finish(outcome);
      rows = run.rows();
    }
    if (outcome instanceof RunOutcome.Stopped) {
      return null;
    }
    listener.finished(name);
    return new Ran(name, experiment, outcome, rows);
  }

  /** The run's directory is the comparison's. */
  private void note(String name) {
    try {
      claim.add(name + "/");
    } catch (IOException e) {
      throw FileErrors.writing(directory, e);
    }
  }

  /** Data are the same for many runs. */
  private RunListener remarking(String name) {
    return new RunListener() {
      @Override
      public void rolledBack(RollbackLine rollback) {
        listener.remarked(name + ": " + rollback);
      }

      @Override
      public void opened(Experiment complete, BilevelProblem<?> problem) {
        problem.remarks().stream().filter(remarks::add).forEach(listener::remarked);
      }
    };
  }

  private void noteDivergence(Entry entry) {
    if (entry instanceof Ran ran && ran.outcome() instanceof RunOutcome.Diverged d) {
      diverged.add(String.format(Locale.ROOT, "%s at step %d (%s)", ran.name(), d.at(), what(d)));
    }
  }

  private static String what(RunOutcome.Diverged diverged) {
    return diverged.value() == null && diverged.why() == null
        ? diverged.quantity()
        : diverged.cause();
  }

  private @Nullable Entry baselines(
      Comparison.Section section,
      Experiment experiment,
      SameProblem problem,
      BooleanSupplier asked) {
    long seed = experiment.settings().seed();
    String name = prefix(section) + BaselinesFile.name(seed);
    List<BaselineResult> before = earlier.baselines(name);
    if (before != null) {
      listener.reused(name);
      return (table, targets, runs) -> before.forEach(result -> table.add(result, seed));
    }
    listener.said(String.format(Locale.ROOT, "%s: baselines, seed %d", section.title(), seed));
    Blas.setThreads(experiment.settings().threads());
    BilevelProblem<?> opened = problem.of(experiment);
    try (var scope = StateScope.open()) {
      List<BaselineResult> results =
          Iterations.unless(
              asked,
              () ->
                  opened.baselines(
                      section.baselines(), new Seed(seed), experiment.settings().steps()));
      if (results == null) {
        return null;
      }
      Comparison.write(directory, name, Earlier.file(results));
      listener.finished(name);
      return (table, targets, runs) -> results.forEach(result -> table.add(result, seed));
    }
  }

  private static OracleCalls calls(List<MetricsRow> rows) {
    return rows.isEmpty() ? OracleCalls.NONE : rows.get(rows.size() - 1).oracle();
  }

  /** The evaluations of a run. */
  private static final class Rows implements RunListener {
    private final List<MetricsRow> all = new ArrayList<>();

    @Override
    public void evaluated(MetricsRow row) {
      all.add(row);
    }

    OracleCalls calls() {
      return ComparisonWork.calls(all);
    }
  }
}
