package org.stackel.compare;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.reference.SettledLower;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunListener;
import org.stackel.runfile.MetricDirection;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * By what a point of a search is judged: a metric on validation data that says how good x is,
 * whatever y the run left behind. That is {@code Φ(x)} where evaluations have it; else the
 * objective of the problem's goal, after the lower level was solved at x. Judged at the run's own
 * y, a method that fits y to the upper level and hardly moves x would win.
 *
 * @param metric name of the metric
 * @param isSettled whether the lower level is solved before it is measured
 */
record TuningScore(String metric, boolean isSettled) {
  private static final String VALUE = "valueFunction";

  /** The score on the problem of an experiment; opens the problem, unless its goal tells. */
  static TuningScore of(Experiment experiment) {
    String objective = experiment.problem().goal().objective();
    if (objective.equals(VALUE)) {
      return new TuningScore(VALUE, false);
    }
    var seed = new Seed(experiment.settings().seed());
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      Start start = problem.start(seed.child("start"));
      boolean isKnown = problem.evaluate(start.x(), start.y()).values().containsKey(VALUE);
      return isKnown ? new TuningScore(VALUE, false) : new TuningScore(objective, true);
    }
  }

  /** Direction of the metric; lower is better where its name does not tell. */
  MetricDirection direction() {
    MetricDirection named = MetricDirection.of(metric);
    return named == null ? MetricDirection.LOWER : named;
  }

  /** The score of a run that diverged. */
  double worst() {
    return direction() == MetricDirection.LOWER
        ? Double.POSITIVE_INFINITY
        : Double.NEGATIVE_INFINITY;
  }

  /** The metric for people. */
  String label() {
    String name = ComparisonTable.label(metric);
    return isSettled ? name + " with the lower level solved" : name;
  }

  /** Measures one run of an experiment. */
  Measured measured(Experiment experiment) {
    // What such a method leaves in y is where it adapts from, not a lower solution.
    boolean adapts =
        Algorithms.Entry.of(experiment.algorithm()).traits().contains(Trait.ADAPTS_TO_A_TASK);
    return new Measured(this, isSettled && !adapts, experiment);
  }

  /** The score of a run, once it is complete. */
  static final class Measured implements RunListener {
    private final TuningScore score;
    private final boolean settles;
    private final Experiment experiment;
    private @Nullable MetricsRow last;
    private Metrics metrics = Metrics.NONE;

    private Measured(TuningScore score, boolean settles, Experiment experiment) {
      this.score = score;
      this.settles = settles;
      this.experiment = experiment;
    }

    @Override
    public void evaluated(MetricsRow row) {
      last = row;
      metrics = row.metrics();
    }

    @Override
    public void completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
      if (settles && last != null) {
        Seed seed = new Seed(experiment.settings().seed()).child("settled");
        long samples = last.oracle().samples();
        metrics = problem.evaluate(x, SettledLower.at(problem, seed, x, y, samples));
      }
    }

    /** The score; the worst if it is not a number. */
    double value() {
      Double value = metrics.values().get(score.metric);
      if (value == null) {
        throw new InvalidInputException(
                "--tune needs the metric '%s', which %s does not give."
                    .formatted(score.metric, experiment.problemType()),
                "the goal of the problem names another.")
            .at("--tune");
      }
      return Double.isNaN(value) ? score.worst() : value;
    }
  }
}
