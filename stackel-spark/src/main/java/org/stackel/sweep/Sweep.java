package org.stackel.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.compare.ComparisonListener;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.distributed.Token;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.Document;
import org.stackel.runfile.MetricDirection;

/**
 * Many runs of one experiment: every point of a search with every seed, each in a directory of its
 * own, and one table. What comes out does not depend on who makes the runs, how many at the same
 * time, and in which order; seconds do.
 */
public final class Sweep {
  private static final String TYPE = "algorithm.type";
  private static final long GLANCE_MILLIS = 200;

  private final SweepFile file;
  private final Terms terms;
  private final List<Point> points = new ArrayList<>();
  private final MetricDirection direction;

  /**
   * How runs are made, besides what the file says.
   *
   * @param epochs passes through the training set in place of steps; 0 for none
   * @param attempts how often a run is tried that fails
   * @param plugins jars and directories of a user's own
   */
  public record Terms(long epochs, int attempts, List<Path> plugins) {}

  /**
   * A point of the search.
   *
   * @param number from 1 on
   * @param values what is put into the experiment, by dotted path
   * @param runs one for each seed
   * @param steps of the runs at the end of each round; 0 for all of them
   */
  record Point(
      int number, Map<String, @Nullable Object> values, List<Run> runs, List<Long> steps) {}

  /** One run. */
  record Run(String name, long seed, Experiment experiment) {}

  /**
   * What became of a point.
   *
   * @param results one for each seed, of the last round that it took part in
   * @param rounds how many that were
   */
  record Ended(Point point, List<SweepResult> results, int rounds) {}

  /**
   * A sweep that is done, or was stopped.
   *
   * @param result what came out, in a sentence
   * @param completed number of runs that came to their end
   * @param diverged number of those that diverged
   * @param failed names of those that failed, with the last error of each
   * @param stopped whether the sweep was told to stop: nothing else is known then
   */
  public record Result(
      String result, int completed, int diverged, Map<String, String> failed, boolean stopped) {}

  /**
   * A sweep whose experiments are right, as far as one can tell without data.
   *
   * @param drafts makes the experiment into which values are put
   * @throws InvalidInputException for the first point that is refused
   */
  public Sweep(SweepFile file, Supplier<Draft> drafts, Terms terms) {
    this.file = file;
    this.terms = terms;
    String metric = file.head().metric();
    MetricDirection known = MetricDirection.of(metric);
    if (known == null) {
      throw new InvalidInputException(
              "It is not known whether a larger or a smaller '%s' is better.".formatted(metric),
              "a metric such as upperLoss or testAccuracy was meant.")
          .at(file.document().source());
    }
    direction = known;
    if (file.halving() != null && terms.epochs() > 0) {
      throw new InvalidInputException(
              "Rounds of a sweep are counted in steps, not in epochs.", "--steps was meant.")
          .at("--epochs");
    }
    for (Map<String, @Nullable Object> values : file.points()) {
      points.add(point(values, drafts));
    }
  }

  private Point point(Map<String, @Nullable Object> values, Supplier<Draft> drafts) {
    int number = points.size() + 1;
    int width = Math.max(3, Integer.toString(file.points().size()).length());
    Draft draft = drafts.get();
    values.keySet().forEach(key -> checkNotGiven(draft, key));
    if (values.containsKey(TYPE)) { // others belong to it
      draft.useAlgorithm(String.valueOf(values.get(TYPE)), file.places().getOrDefault(TYPE, ""));
    }
    values.forEach(
        (key, value) -> {
          if (!key.equals(TYPE)) {
            draft.set(key, value, file.places().getOrDefault(key, ""));
          }
        });
    try {
      Experiment experiment = draft.experiment();
      List<Run> runs =
          file.seeds().stream()
              .map(
                  seed ->
                      new Run(
                          String.format(Locale.ROOT, "point-%0" + width + "d-seed%d", number, seed),
                          seed,
                          experiment.withSeed(seed)))
              .toList();
      Halving halving = file.halving();
      return new Point(
          number,
          values,
          runs,
          halving == null ? List.of(0L) : halving.steps(experiment.settings()));
    } catch (InvalidInputException e) {
      throw draft.locate(e).at(file.document().source());
    }
  }

  private static void checkNotGiven(Draft draft, String key) {
    String option = draft.option(key);
    if (option != null) {
      throw new InvalidInputException(
              "The sweep varies '%s' itself.".formatted(key),
              "the option can be left out, or the key in the file of the sweep.")
          .at(option);
    }
  }

  /** Number of runs. */
  public int size() {
    return points.size() * file.seeds().size();
  }

  /** Number of processes that share each run. */
  public int ranks() {
    return file.head().ranks();
  }

  SweepFile file() {
    return file;
  }

  /**
   * Makes all runs.
   *
   * @param ifExists with {@code CONTINUE}, runs that have ended are used, others resumed
   * @param stop asked now and then
   * @throws InvalidInputException if something is in the directory that does not belong there, or
   *     if the runs have no such metric
   */
  public Result run(
      Path directory,
      RunDirectory.IfExists ifExists,
      Workers workers,
      ComparisonListener listener,
      BooleanSupplier stop) {
    try (var place = SweepDirectory.take(directory, ifExists)) {
      place.begin(file, runs().map(Run::name).toList(), () -> checkOptions(place));
      var work = new Work(place, workers, listener, stop);
      List<Ended> ended = work.all();
      if (ended == null) {
        return new Result("", 0, 0, Map.of(), true);
      }
      var table = new SweepTable(this, ended, work.best(ended));
      place.finish(table.csv(), table.sheet());
      return table.result();
    }
  }

  /** Runs that were begun with other options belong to another sweep; steps may be more. */
  private void checkOptions(SweepDirectory place) {
    var looked = new HashSet<String>();
    runs()
        .forEach(
            run -> {
              Experiment before = place.begun(run.name());
              if (before != null) {
                checkOptions(run, before);
                checkSteps(run, before, looked);
              }
            });
  }

  private void checkOptions(Run run, Experiment before) {
    String maybe =
        "the options are not those of the command that was stopped; --force begins anew.";
    Experiment now = run.experiment().withSteps(before.settings().steps());
    checkSame(run, Options.toMap(before.settings()), Options.toMap(now.settings()), maybe);
    checkSame(run, before.toFile().problem(), said(now.toFile().problem()), maybe);
    checkSame(run, before.toFile().algorithm(), said(now.toFile().algorithm()), maybe);
  }

  /**
   * Fewer steps are another sweep, and so are more where hyperparameters follow from their number.
   *
   * @param looked algorithms of which one run was compared, which reads its data
   */
  private void checkSteps(Run run, Experiment before, Set<String> looked) {
    long begun = before.settings().steps();
    long now = run.experiment().settings().steps();
    if (terms.epochs() > 0 || begun == now) {
      return;
    }
    if (now < begun) {
      throw new InvalidInputException(
              "%s was begun with %s steps: the sweep goes on with as many or with more, not with %s."
                  .formatted(run.name(), Long.toString(begun), Long.toString(now)),
              "another --out was meant; --force begins anew.")
          .at(file.document().source());
    }
    if (looked.add(run.experiment().algorithmType())) {
      checkSame(
          run,
          before.toFile().algorithm(),
          run.experiment().completed().toFile().algorithm(),
          "the same --steps was meant, since what nobody gave follows from the number of steps; --force begins anew.");
    }
  }

  /** Without what is not said, and follows from the rest. */
  private static Map<String, ?> said(Map<String, ?> options) {
    var said = new LinkedHashMap<String, Object>(options);
    said.values().removeIf(Objects::isNull);
    return said;
  }

  private void checkSame(Run run, Map<String, ?> before, Map<String, ?> now, String maybe) {
    var known = new LinkedHashMap<String, @Nullable Object>(now);
    known.keySet().retainAll(before.keySet());
    String key = Document.difference(known, before);
    if (key != null) {
      throw new InvalidInputException(
              "%s was begun with %s %s, and not %s."
                  .formatted(
                      run.name(),
                      key,
                      Document.line(before.get(key)),
                      Document.line(known.get(key))),
              maybe)
          .at(file.document().source());
    }
  }

  private Stream<Run> runs() {
    return points.stream().flatMap(point -> point.runs().stream());
  }

  /** The mean over seeds of what points are judged by; the worst there is if a run has none. */
  double score(List<SweepResult> results) {
    double sum = 0;
    for (SweepResult result : results) {
      Double value =
          result.status() == SweepResult.Status.COMPLETED
              ? result.metrics().get(file.head().metric())
              : null;
      if (value == null || value.isNaN()) {
        return worst();
      }
      sum += value;
    }
    return sum / results.size();
  }

  private double worst() {
    return direction == MetricDirection.LOWER ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /** The best first; of equals the one with the smaller number. */
  List<Ended> ranked(List<Ended> ended) {
    Comparator<Ended> lower = Comparator.comparingDouble(each -> score(each.results()));
    return ended.stream() // in the order of their numbers, which sorting keeps
        .sorted(direction == MetricDirection.LOWER ? lower : lower.reversed())
        .toList();
  }

  /** The runs while they are made. */
  private final class Work {
    private final SweepDirectory place;
    private final Workers workers;
    private final ComparisonListener listener;
    private final BooleanSupplier stop;
    private boolean isJudged;

    Work(SweepDirectory place, Workers workers, ComparisonListener listener, BooleanSupplier stop) {
      this.place = place;
      this.workers = workers;
      this.listener = listener;
      this.stop = stop;
    }

    /** All points with their last results, in order; null if they were told to stop. */
    @Nullable List<Ended> all() {
      int rounds = file.halving() == null ? 1 : (int) file.halving().rounds();
      List<Point> alive = points;
      var planned = 0;
      var sizes = new ArrayList<Integer>();
      for (int round = 0, left = points.size(); round < rounds; round++) {
        sizes.add(left);
        planned += left * file.seeds().size();
        left = file.halving() == null ? left : file.halving().kept(left);
      }
      listener.planned(planned);
      var last = new LinkedHashMap<Integer, Ended>();
      for (int round = 0; round < rounds; round++) {
        List<Ended> ended = round(alive, round, round == rounds - 1);
        if (ended == null) {
          return null;
        }
        ended.forEach(each -> last.put(each.point().number(), each));
        if (round < rounds - 1) {
          alive =
              ranked(ended).stream()
                  .limit(sizes.get(round + 1))
                  .filter(each -> Double.isFinite(score(each.results())))
                  .map(Ended::point)
                  .sorted(Comparator.comparing(Point::number))
                  .toList();
          listener.said(
              String.format(
                  Locale.ROOT,
                  "round %d of %d: %d of %d points go on",
                  round + 1,
                  rounds,
                  alive.size(),
                  ended.size()));
        }
      }
      return List.copyOf(
          points.stream().map(p -> Objects.requireNonNull(last.get(p.number()))).toList());
    }

    /** Those that took part in the last round, the best first. */
    List<Ended> best(List<Ended> ended) {
      int most = ended.stream().mapToInt(Ended::rounds).max().orElse(0);
      return ranked(ended.stream().filter(each -> each.rounds() == most).toList()).stream()
          .filter(each -> Double.isFinite(score(each.results())))
          .toList();
    }

    private @Nullable List<Ended> round(List<Point> alive, int round, boolean isLast) {
      var tasks = new ArrayList<Callable<@Nullable SweepResult>>();
      for (Point point : alive) {
        for (Run run : point.runs()) {
          SweepTask task = task(run, point.steps().get(round), isLast);
          tasks.add(() -> one(task));
        }
      }
      List<SweepResult> results = together(tasks);
      if (results == null) {
        return null;
      }
      var ended = new ArrayList<Ended>();
      int each = file.seeds().size();
      for (int i = 0; i < alive.size(); i++) {
        ended.add(
            new Ended(
                alive.get(i), List.copyOf(results.subList(i * each, (i + 1) * each)), round + 1));
      }
      return ended;
    }

    private SweepTask task(Run run, long steps, boolean isLast) {
      boolean isShared = file.head().ranks() > 1;
      return new SweepTask(
          run.name(),
          place.of(run.name()).toString(),
          Document.line(run.experiment().toMap()),
          terms.epochs(),
          steps,
          isLast,
          terms.attempts(),
          terms.plugins().stream().map(each -> each.toAbsolutePath().toString()).toList(),
          file.head().ranks(),
          isShared ? Token.random() : null);
    }

    private @Nullable SweepResult one(SweepTask task) {
      if (stop.getAsBoolean()) {
        return null;
      }
      SweepResult result;
      try {
        result = SweepResult.parse(workers.run(task.line(), task.ranks()));
      } catch (InvalidInputException e) { // nobody can make any run
        throw e;
      } catch (RuntimeException e) {
        if (stop.getAsBoolean()) {
          return null; // it was called off
        }
        result = SweepResult.failed(task.run(), List.of(String.valueOf(e.getMessage())));
      }
      if (result.status() == SweepResult.Status.STOPPED) {
        return null;
      }
      ended(result);
      return result;
    }

    private synchronized void ended(SweepResult result) {
      for (int i = 0; i < result.errors().size(); i++) {
        place.failed(new SweepDirectory.Failure(result.run(), i + 1, result.errors().get(i)));
      }
      if (result.status() == SweepResult.Status.FAILED) {
        listener.remarked("%s failed: %s".formatted(result.run(), result.cause()));
      }
      if (result.status() == SweepResult.Status.COMPLETED && !isJudged) {
        String metric = file.head().metric();
        if (!result.metrics().containsKey(metric)) {
          throw new InvalidInputException(
                  "The runs have no metric '%s'.".formatted(metric),
                  Options.meant(metric, result.metrics().keySet(), "they have"))
              .at(file.document().source());
        }
        isJudged = true;
      }
      if (result.reused()) {
        listener.reused(result.run());
      } else {
        listener.finished(result.run());
      }
    }

    /** Does all tasks, begun in order; null if they were told to stop. */
    private @Nullable List<SweepResult> together(List<Callable<@Nullable SweepResult>> tasks) {
      int threads = Math.max(1, Math.min(workers.atOnce(), tasks.size()));
      ExecutorService pool = Executors.newFixedThreadPool(threads);
      var results = new ArrayList<SweepResult>();
      boolean isStopped = false;
      try {
        var futures = new ArrayList<Future<@Nullable SweepResult>>();
        tasks.forEach(task -> futures.add(pool.submit(task)));
        for (Future<@Nullable SweepResult> future : futures) {
          SweepResult result = await(future);
          if (result == null) {
            isStopped = true;
          } else {
            results.add(result);
          }
        }
      } catch (RuntimeException | Error e) {
        workers.stop();
        throw e;
      } finally {
        pool.shutdownNow();
      }
      return isStopped ? null : results;
    }

    private @Nullable SweepResult await(Future<@Nullable SweepResult> future) {
      boolean isTold = false;
      while (true) {
        try {
          return future.get(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (stop.getAsBoolean() && !isTold) {
            workers.stop();
            isTold = true;
          }
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
