package org.stackel.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.TuningRange;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.experiment.StepSizes;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.Document;
import org.stackel.runfile.TuneFile;
import org.stackel.tensor.Seed;

/**
 * The same search for every algorithm, before it is compared: points of its declared ranges, each
 * run on seeds that the comparison does not use, and judged on validation data. Point 0 has the
 * values that the algorithm came with, the next ones other step sizes of x, from which results
 * depend most; those after them are drawn at random.
 *
 * @param score by what points were judged
 * @param seeds of the runs
 * @param methods one for every experiment, in order
 */
record Tuning(TuningScore score, List<Long> seeds, List<Tuned> methods) {
  private static final int SEEDS = 2;
  private static final long FIRST_SEED = 1000;
  private static final int MAX_DRAWS = 100;

  /** By what the step size of x is multiplied at the points after the first. */
  private static final List<Double> UPPER_FACTORS = List.of(Math.sqrt(10), Math.sqrt(0.1), 10.0);

  /**
   * One point.
   *
   * @param values hyperparameters, as an experiment file has them
   * @param scores by seed; infinite where the run diverged
   */
  record Point(Map<String, Object> values, List<Double> scores) {
    double score() {
      return scores.stream().mapToDouble(v -> v / scores.size()).sum();
    }
  }

  /**
   * One algorithm.
   *
   * @param chosen the experiment with the best point
   * @param points all of them
   * @param best number of the best; the first of equals
   */
  record Tuned(Experiment chosen, List<Point> points, int best) {}

  /**
   * The seeds that are used for tuning.
   *
   * @param asked what was asked for; if nothing, they are from 1000 on, those of the comparison
   *     left out
   * @throws InvalidInputException if a seed is compared too
   */
  static List<Long> seeds(List<Long> asked, List<Long> compared) {
    for (long seed : asked) {
      if (compared.contains(seed)) {
        throw new InvalidInputException(
                String.format(
                    Locale.ROOT, "--tune-seeds takes seeds that are not compared, found %d.", seed),
                "--tune-seeds 100,101 was meant.")
            .at("--tune-seeds");
      }
    }
    return asked.isEmpty() ? fresh(compared) : asked;
  }

  private static List<Long> fresh(List<Long> compared) {
    return LongStream.iterate(FIRST_SEED, seed -> seed + 1)
        .filter(seed -> !compared.contains(seed))
        .limit(SEEDS)
        .boxed()
        .toList();
  }

  /**
   * Searches; null if it was asked to stop.
   *
   * @param seeds of the runs
   * @param number of points
   * @param jobs number of points that are tried concurrently
   * @param runs makes them
   */
  static @Nullable Tuning run(
      List<Experiment> given,
      List<Long> seeds,
      long number,
      Jobs jobs,
      Runs runs,
      ComparisonListener listener,
      BooleanSupplier stop) {
    // What step sizes are multiples of may be left to the data.
    List<Experiment> experiments = given.stream().map(Experiment::completed).toList();
    TuningScore score = TuningScore.of(experiments.get(0).withSeed(seeds.get(0)));
    var pieces = new ArrayList<Jobs.Piece<Point>>();
    for (Experiment experiment : experiments) {
      List<Map<String, Object>> drawn = points(experiment, number);
      for (int i = 0; i < drawn.size(); i++) {
        Map<String, Object> values = drawn.get(i);
        String what =
            String.format(
                Locale.ROOT,
                "tuning %s: point %d of %d",
                experiment.algorithmType(),
                i + 1,
                drawn.size());
        pieces.add(
            (problem, asked) -> {
              listener.said(what);
              Point point = point(experiment, values, seeds, score, runs, problem, asked);
              if (point != null) {
                listener.finished(what);
              }
              return point;
            });
      }
    }
    List<Point> tried = jobs.all(pieces, stop);
    if (tried == null) {
      return null;
    }
    var methods = new ArrayList<Tuned>();
    int each = tried.size() / experiments.size();
    for (int i = 0; i < experiments.size(); i++) {
      methods.add(best(experiments.get(i), tried.subList(i * each, (i + 1) * each), score));
    }
    return new Tuning(score, seeds, methods);
  }

  /**
   * The search that a file has; null if there is none, or another one.
   *
   * @param given as for {@link #run}
   * @param number of points
   */
  static @Nullable Tuning of(
      TuneFile.@Nullable Section file, List<Experiment> given, List<Long> seeds, long number) {
    if (file == null || !file.seeds().equals(seeds) || file.algorithms().size() != given.size()) {
      return null;
    }
    List<Experiment> experiments = given.stream().map(Experiment::completed).toList();
    var methods = new ArrayList<Tuned>();
    for (int i = 0; i < experiments.size(); i++) {
      Experiment experiment = experiments.get(i);
      TuneFile.Algorithm method = file.algorithms().get(i);
      boolean isSame =
          method.algorithm().equals(experiment.algorithmType())
              && method.points().size() == number
              && Document.line(method.points().get(0).values())
                  .equals(Document.line(points(experiment, 1).get(0)));
      if (!isSame) {
        return null;
      }
      List<Point> points =
          method.points().stream().map(p -> new Point(p.values(), p.scores())).toList();
      int chosen = (int) method.chosen();
      methods.add(
          new Tuned(experiment.withHyperparameters(points.get(chosen).values()), points, chosen));
    }
    return new Tuning(TuningScore.of(experiments.get(0).withSeed(seeds.get(0))), seeds, methods);
  }

  private static Tuned best(Experiment experiment, List<Point> points, TuningScore score) {
    int best = 0;
    for (int i = 1; i < points.size(); i++) {
      boolean isBetter = score.direction().prefers(points.get(i).score(), points.get(best).score());
      best = isBetter ? i : best;
    }
    return new Tuned(
        experiment.withHyperparameters(points.get(best).values()), List.copyOf(points), best);
  }

  /** One point on every seed; null if it was asked to stop. */
  private static @Nullable Point point(
      Experiment experiment,
      Map<String, Object> values,
      List<Long> seeds,
      TuningScore score,
      Runs runs,
      SameProblem problem,
      BooleanSupplier stop) {
    var scores = new ArrayList<Double>();
    for (long seed : seeds) {
      Experiment run = experiment.withHyperparameters(values).withSeed(seed);
      Double one = score(run, score, runs, problem, stop);
      if (one == null) {
        return null;
      }
      scores.add(one);
    }
    return new Point(values, scores);
  }

  /** The score at the end of a run; infinite if it diverged, null if it was stopped. */
  private static @Nullable Double score(
      Experiment experiment,
      TuningScore score,
      Runs runs,
      SameProblem problem,
      BooleanSupplier stop) {
    long never = Settings.NO_LIMIT;
    var quick =
        experiment.withSettings(
            Map.of("evaluateEvery", never, "checkpointEvery", never, "check", "step"));
    TuningScore.Measured measured = score.measured(experiment);
    RunOutcome outcome =
        runs.run(quick, problem, RunListener.all(measured, Comparison.stopping(stop)));
    if (outcome instanceof RunOutcome.Stopped) {
      return null;
    }
    return outcome instanceof RunOutcome.Diverged ? score.worst() : (Double) measured.value();
  }

  /** The values of every point: a function of algorithm, number of the point and key. */
  static List<Map<String, Object>> points(Experiment experiment, long number) {
    Map<String, @Nullable Object> values = Options.toMap((Record) experiment.algorithm());
    var defaults = new LinkedHashMap<String, Object>();
    var ranges = new ArrayList<TuningRange>();
    for (TuningRange range : Algorithms.Entry.of(experiment.algorithm()).tuned()) {
      Object value = values.get(range.key());
      if (value != null) { // a step size that is left out follows another
        defaults.put(range.key(), value);
        ranges.add(range);
      }
    }
    var points = new ArrayList<Map<String, Object>>();
    points.add(defaults);
    TuningRange upper = ranges.stream().filter(TuningRange::isUpper).findFirst().orElse(null);
    int others = upper == null ? 0 : UPPER_FACTORS.size();
    for (int point = 1; point < number; point++) {
      points.add(
          upper != null && point <= others
              ? upperStep(experiment, defaults, upper, UPPER_FACTORS.get(point - 1))
              : draw(experiment, defaults, ranges, point));
    }
    return points;
  }

  /** The defaults with another step size of x; the defaults again if that is refused. */
  private static Map<String, Object> upperStep(
      Experiment experiment, Map<String, Object> defaults, TuningRange upper, double factor) {
    var values = new LinkedHashMap<>(defaults);
    Object fallback = Objects.requireNonNull(defaults.get(upper.key()));
    values.put(upper.key(), times(fallback, upper.within(factor)));
    try {
      experiment.withHyperparameters(values);
      return values;
    } catch (InvalidInputException e) { // hyperparameters may have to fit each other
      return defaults;
    }
  }

  private static Map<String, Object> draw(
      Experiment experiment, Map<String, Object> defaults, List<TuningRange> ranges, long point) {
    Seed stream = new Seed(0).child("tune").child(experiment.algorithmType()).child(point);
    InvalidInputException refused = null;
    for (int attempt = 0; attempt < MAX_DRAWS; attempt++) {
      var values = new LinkedHashMap<String, Object>();
      for (TuningRange range : ranges) {
        double place = stream.child(range.key()).child(attempt).generator().nextDouble();
        Object fallback = Objects.requireNonNull(defaults.get(range.key()));
        values.put(range.key(), times(fallback, range.at(place)));
      }
      try {
        experiment.withHyperparameters(values);
        return values;
      } catch (InvalidInputException e) { // hyperparameters may have to fit each other
        refused = e;
      }
    }
    throw Objects.requireNonNull(refused);
  }

  /** Three digits are enough, and a person can type them. */
  private static Object times(Object value, double factor) {
    return StepSizes.changed(
        value, size -> Double.parseDouble(String.format(Locale.ROOT, "%.3g", size * factor)));
  }

  /** What tune.json has of a section: every point. */
  TuneFile.Section toFile(String section) {
    return new TuneFile.Section(
        score.metric(),
        score.label(),
        score.direction(),
        seeds,
        section,
        methods.stream().map(Tuning::file).toList());
  }

  private static TuneFile.Algorithm file(Tuned tuned) {
    return new TuneFile.Algorithm(
        tuned.chosen().algorithmType(),
        tuned.best(),
        tuned.points().stream()
            .map(point -> new TuneFile.Point(point.values(), point.scores(), point.score()))
            .toList());
  }

  /** What comparison.json has: what was chosen, out of what. */
  ComparisonFile.Tuning summary() {
    return new ComparisonFile.Tuning(
        score.metric(),
        score.label(),
        score.direction(),
        seeds,
        methods.stream().map(Tuning::row).toList());
  }

  private static ComparisonFile.Tuned row(Tuned tuned) {
    Point defaults = tuned.points().get(0);
    Point best = tuned.points().get(tuned.best());
    return new ComparisonFile.Tuned(
        tuned.chosen().algorithmType(),
        tuned.best(),
        tuned.points().size(),
        tuned.points().stream().filter(point -> Double.isInfinite(point.score())).count(),
        best.values(),
        best.score(),
        defaults.values(),
        defaults.score());
  }
}
