package org.stackel.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The choice of features and of strengths of the penalty, on trusted rows that were not trained on:
 * each half of them judges what was trained with the other half.
 *
 * @param features the features chosen
 * @param plainL2 strength for labels as given
 * @param trustedL2 strength for trusted rows alone
 * @param cleanL2 strength for labels that are right, or believed to be
 * @param tried score of each of the features, by name: accuracy less a third of the log loss
 */
record Selection(
    String features, double plainL2, double trustedL2, double cleanL2, Map<String, Double> tried) {
  private static final double[] STRENGTHS = {3e-3, 1e-3, 3e-4, 1e-4};
  private static final double[] FEW_STRENGTHS = {3e-3, 3e-4, 1e-4};
  private static final double[] LEAST_STRENGTHS = {1e-3, 1e-4};
  private static final int ROWS = 4_000;

  /** What is chosen without trusted rows. */
  static Selection fallback(List<String> sets) {
    return new Selection(sets.get(sets.size() - 1), 1e-3, 1e-3, 3e-4, Map.of());
  }

  /** Scores by strength. */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  private record Path(double[] plain, double[] trusted, double[] clean) {
    static double best(double[] scores) {
      return Arrays.stream(scores).max().orElse(Double.NEGATIVE_INFINITY);
    }

    Path plus(Path other) {
      return new Path(
          sum(plain, other.plain), sum(trusted, other.trusted), sum(clean, other.clean));
    }

    private static double[] sum(double[] a, double[] b) {
      double[] sum = new double[a.length];
      Arrays.setAll(sum, i -> a[i] + b[i]);
      return sum;
    }
  }

  /**
   * Chooses.
   *
   * @param sets the rows with each of the features
   */
  static Selection of(Map<String, Rows> sets, Plan plan, Parallel parallel, Ticker ticker) {
    List<String> names = List.copyOf(sets.keySet());
    int halves = plan.level() == Plan.Level.LEAST ? 1 : 2;
    double[] strengths =
        switch (plan.level()) {
          case FULL -> STRENGTHS;
          case LIGHT -> FEW_STRENGTHS;
          case LEAST -> LEAST_STRENGTHS;
        };
    List<Path> paths =
        parallel.map(
            names.size() * halves,
            task -> {
              String name = names.get(task / halves);
              Path path = path(rowsOf(sets, name), task % halves, strengths, plan.iterations());
              ticker.done("choosing features", 1);
              return path;
            });
    var tried = new java.util.LinkedHashMap<String, Double>();
    int best = 0;
    var sums = new ArrayList<Path>();
    for (int s = 0; s < names.size(); s++) {
      Path sum = paths.get(s * halves);
      for (int h = 1; h < halves; h++) {
        sum = sum.plus(paths.get(s * halves + h));
      }
      sums.add(sum);
      double score = Math.max(Path.best(sum.clean()), Path.best(sum.plain())) / halves;
      tried.put(names.get(s), score);
      if (score >= tried.getOrDefault(names.get(best), score)) {
        best = s;
      }
    }
    Path chosen = sums.get(best);
    return new Selection(
        names.get(best),
        strengths[argmax(chosen.plain())],
        strengths[argmax(chosen.trusted())],
        strengths[argmax(chosen.clean())],
        tried);
  }

  private static Rows rowsOf(Map<String, Rows> sets, String name) {
    return java.util.Objects.requireNonNull(sets.get(name));
  }

  /** The place of the largest number, or the middle one of several. */
  private static int argmax(double[] numbers) {
    double best = Path.best(numbers);
    int[] places =
        IntStream.range(0, numbers.length).filter(i -> numbers[i] >= best - 1e-9).toArray();
    return places[places.length / 2];
  }

  private static Path path(Rows rows, int half, double[] strengths, int iterations) {
    int c = rows.classes();
    int[] trusted = rows.trustedRows();
    int[] in =
        IntStream.range(0, trusted.length)
            .filter(i -> i % 2 == half)
            .map(i -> trusted[i])
            .toArray();
    int[] out =
        IntStream.range(0, trusted.length)
            .filter(i -> i % 2 != half)
            .map(i -> trusted[i])
            .toArray();
    int step = Math.max(1, rows.suspects() / ROWS);
    int[] some = IntStream.range(0, rows.suspects()).filter(i -> i % step == 0).toArray();
    FeatureMatrix judges = rows.features().take(out);
    int[] right = rows.labels(out);
    FeatureMatrix known = rows.features().take(in);
    Targets knownLabels = Targets.of(rows.labels(in));
    double[] alone = new double[strengths.length];
    Softmax start = null;
    Softmax best = null;
    for (int s = 0; s < strengths.length; s++) {
      start = Softmax.fit(known, knownLabels, c, fit(strengths[s], iterations), start);
      alone[s] = score(start, judges, right);
      if (best == null || alone[s] > Path.best(Arrays.copyOf(alone, s))) {
        best = start;
      }
    }
    FeatureMatrix all = rows.features().take(Rows.concat(some, in));
    int[] given = rows.labels(some);
    double[] plain =
        walk(all, Targets.of(given).then(knownLabels), c, strengths, iterations, judges, right);
    Softmax first = java.util.Objects.requireNonNull(best);
    float[] logits = first.logits(rows.features().take(some));
    double temperature = Temperature.of(first.logits(judges), right, c);
    float[] p = Softmax.softmax(logits, c, temperature);
    Transition transition = Transition.estimate(p, given, given.length, c);
    Targets beliefs = NoiseModel.beliefs(p, given, given.length, transition);
    double[] clean = walk(all, beliefs.then(knownLabels), c, strengths, iterations, judges, right);
    return new Path(plain, alone, clean);
  }

  private static double[] walk(
      FeatureMatrix features,
      Targets targets,
      int classes,
      double[] strengths,
      int iterations,
      FeatureMatrix judges,
      int[] right) {
    double[] scores = new double[strengths.length];
    @Nullable Softmax start = null;
    for (int s = 0; s < strengths.length; s++) {
      start = Softmax.fit(features, targets, classes, fit(strengths[s], iterations), start);
      scores[s] = score(start, judges, right);
    }
    return scores;
  }

  private static Softmax.Fit fit(double l2, int iterations) {
    return new Softmax.Fit(l2, iterations, 1e-3);
  }

  /** The share of rows whose likeliest class is right. */
  static double accuracy(Softmax model, FeatureMatrix features, int[] right) {
    boolean[] hits = new boolean[right.length];
    model.eachBlock(
        features,
        (from, to, logits) -> {
          boolean[] own = hits(logits, model.classes(), Arrays.copyOfRange(right, from, to));
          System.arraycopy(own, 0, hits, from, own.length);
        });
    return share(hits);
  }

  private static double share(boolean[] hits) {
    int right = 0;
    for (boolean each : hits) {
      right += each ? 1 : 0;
    }
    return hits.length == 0 ? 0 : (double) right / hits.length;
  }

  /** Accuracy, and less of it the larger the log loss is: see {@link Trials#LOSS_COUNTS}. */
  private static double score(Softmax model, FeatureMatrix features, int[] right) {
    int c = model.classes();
    float[] logits = model.logits(features);
    double temperature = Temperature.of(logits, right, c);
    return share(hits(logits, c, right))
        - Trials.LOSS_COUNTS
            * Temperature.loss(logits, right, c, temperature)
            / Math.max(1, right.length);
  }

  /** Whether the likeliest class of each row is right. */
  static boolean[] hits(float[] logits, int c, int[] right) {
    boolean[] hits = new boolean[right.length];
    for (int i = 0; i < hits.length; i++) {
      int best = 0;
      for (int k = 1; k < c; k++) {
        best = logits[i * c + k] > logits[i * c + best] ? k : best;
      }
      hits[i] = best == right[i];
    }
    return hits;
  }
}
