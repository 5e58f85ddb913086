package org.stackel.auc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.stackel.problem.Detection;

/**
 * Scores of examples of two kinds.
 *
 * @param scores a larger one for what is likelier positive
 * @param positive which examples are
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Ranking(double[] scores, boolean[] positive) {
  private static final double NORMAL = 1.959963984540054;

  /** Of the normal distribution above that. */
  private static final double TAIL = 0.025;

  /** A point of a curve. */
  record Point(double x, double y) {}

  /**
   * What a threshold decides: positive from this score on.
   *
   * @param precision 1 if nothing is decided to be positive
   */
  record Decision(
      double threshold, double recall, double falsePositiveRate, double precision, double f1) {}

  double auc() {
    return Detection.auroc(scores, positive);
  }

  private int count(boolean kind) {
    int count = 0;
    for (boolean each : positive) {
      count += each == kind ? 1 : 0;
    }
    return count;
  }

  // ---- DeLong --------------------------------------------------------------------------------

  /**
   * For each example the share of examples of the other kind that it is ranked rightly against,
   * ties one half.
   */
  private double[] placements() {
    double[] own = kind(true);
    double[] others = kind(false);
    double[] placements = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      double[] against = positive[i] ? others : own;
      double below = (lower(against, scores[i]) + upper(against, scores[i])) / 2.0 / against.length;
      placements[i] = positive[i] ? below : 1 - below;
    }
    return placements;
  }

  private double[] kind(boolean wanted) {
    double[] own =
        IntStream.range(0, scores.length)
            .filter(i -> positive[i] == wanted)
            .mapToDouble(i -> scores[i])
            .toArray();
    Arrays.sort(own);
    return own;
  }

  private static int lower(double[] sorted, double value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static int upper(double[] sorted, double value) {
    return lower(sorted, Math.nextUp(value));
  }

  /**
   * The variance of {@link #auc} over samples of examples (DeLong, DeLong, Clarke-Pearson 1988).
   */
  double variance() {
    double[] placements = placements();
    return covariance(placements, placements);
  }

  private double covariance(double[] one, double[] other) {
    double variance = 0;
    for (boolean kind : new boolean[] {true, false}) {
      int n = count(kind);
      double meanOne = 0;
      double meanOther = 0;
      for (int i = 0; i < one.length; i++) {
        meanOne += positive[i] == kind ? one[i] / n : 0;
        meanOther += positive[i] == kind ? other[i] / n : 0;
      }
      double sum = 0;
      for (int i = 0; i < one.length; i++) {
        sum += positive[i] == kind ? (one[i] - meanOne) * (other[i] - meanOther) : 0;
      }
      variance += n < 2 ? 0 : sum / (n - 1) / n;
    }
    return variance;
  }

  /**
   * The 95 % interval of the AUC, by DeLong's variance and the logit, which keeps it in [0, 1].
   * Where all pairs are ranked alike the variance is zero, and the exact binomial bound for the
   * smaller class takes its place.
   */
  double[] interval() {
    double auc = auc();
    double error = Math.sqrt(variance());
    if (auc == 0 || auc == 1) {
      double bound = Math.pow(TAIL, 1.0 / Math.min(count(true), count(false)));
      return auc == 1 ? new double[] {bound, 1} : new double[] {0, 1 - bound};
    }
    if (!(error > 0)) {
      return new double[] {auc, auc};
    }
    double logit = Math.log(auc / (1 - auc));
    double width = NORMAL * error / (auc * (1 - auc));
    return new double[] {sigmoid(logit - width), sigmoid(logit + width)};
  }

  private static double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
  }

  /** The standard error of the difference to another ranking of the same examples. */
  double differenceError(Ranking other) {
    double[] own = placements();
    double[] its = other.placements();
    double variance = covariance(own, own) + covariance(its, its) - 2 * covariance(own, its);
    return Math.sqrt(Math.max(0, variance));
  }

  // ---- thresholds ----------------------------------------------------------------------------

  /** What is decided at a threshold. */
  Decision at(double threshold) {
    int hits = 0;
    int alarms = 0;
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] >= threshold) {
        hits += positive[i] ? 1 : 0;
        alarms += positive[i] ? 0 : 1;
      }
    }
    return decision(threshold, hits, alarms);
  }

  private Decision decision(double threshold, int hits, int alarms) {
    int positives = count(true);
    return new Decision(
        threshold,
        (double) hits / positives,
        (double) alarms / (positive.length - positives),
        hits + alarms == 0 ? 1 : (double) hits / (hits + alarms),
        2.0 * hits / (hits + alarms + positives));
  }

  /** Every threshold that changes a decision, the largest first. */
  List<Decision> decisions() {
    Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -scores[i]));
    var decisions = new ArrayList<Decision>();
    int hits = 0;
    int alarms = 0;
    for (int i = 0; i < order.length; i++) {
      hits += positive[order[i]] ? 1 : 0;
      alarms += positive[order[i]] ? 0 : 1;
      if (i + 1 == order.length || scores[order[i + 1]] != scores[order[i]]) {
        decisions.add(decision(scores[order[i]], hits, alarms));
      }
    }
    return decisions;
  }

  /** Average precision: the mean of the precision over steps of the recall. */
  double averagePrecision() {
    double sum = 0;
    double before = 0;
    for (Decision each : decisions()) {
      sum += (each.recall() - before) * each.precision();
      before = each.recall();
    }
    return sum;
  }

  /** Recall over false positives. */
  List<Point> roc() {
    var points = new ArrayList<Point>(List.of(new Point(0, 0)));
    decisions().forEach(each -> points.add(new Point(each.falsePositiveRate(), each.recall())));
    return points;
  }

  /** Precision over recall. */
  List<Point> precisionRecall() {
    return decisions().stream().map(each -> new Point(each.recall(), each.precision())).toList();
  }
}
