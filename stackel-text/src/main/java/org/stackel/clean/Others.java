package org.stackel.clean;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Judges labels of rows that took no part in a study. */
final class Others {
  /** So many folds are asked: more cost time and change little. */
  private static final int FOLDS = 2;

  private final Rows rows;
  private final List<FoldStudy.AsGiven> plain;
  private final List<FoldStudy.AsGiven> joined;
  private final List<FoldStudy> folds;
  private final Combination combination;

  Others(
      Rows rows,
      List<FoldStudy.AsGiven> plain,
      List<FoldStudy.AsGiven> joined,
      List<FoldStudy> folds,
      Supplier<Combination> combination) {
    this.rows = rows;
    this.plain = plain;
    this.joined = joined;
    this.folds = folds;
    this.combination = combination.get();
  }

  /**
   * What is found.
   *
   * @param suspicion probability that each label is wrong
   * @param beliefs probabilities of the right class
   * @param scores mean scores
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Judged(double[] suspicion, Targets beliefs, Evidence scores) {}

  /** Judges some rows. */
  Judged judge(FeatureMatrix features, int[] labels) {
    return folds.isEmpty() ? alone(features, labels) : together(features, labels);
  }

  private Judged together(FeatureMatrix features, int[] labels) {
    int c = rows.classes();
    int n = labels.length;
    int used = Math.min(FOLDS, folds.size());
    double[] suspicion = new double[n];
    Evidence mean = Evidence.of(n);
    Targets[] beliefs = new Targets[used];
    float[] q = new float[c];
    for (int f = 0; f < used; f++) {
      FoldStudy fold = folds.get(f);
      float[] asGiven = plain.get(f).model().probabilities(features, 1);
      float[] both = joined.get(f).model().probabilities(features, 1);
      float[] alone = fold.alone().probabilities(features, fold.temperature());
      float[] p = fold.noise().probabilities(features);
      Evidence scores = Evidence.of(n);
      for (int i = 0; i < n; i++) {
        int at = i * c;
        int label = labels[i];
        scores.set(i, Detector.CONFIDENCE, Evidence.surprise(asGiven[at + label]));
        scores.set(i, Detector.MARGIN, Evidence.margin(asGiven, at, c, label));
        scores.set(i, Detector.JOINED, Evidence.margin(both, at, c, label));
        scores.set(i, Detector.TRUSTED, Evidence.margin(alone, at, c, label));
        fold.noise().transition().posterior(p, at, label, q);
        scores.set(i, Detector.POSTERIOR, Evidence.odds(q[label]));
        suspicion[i] += combination.probability(scores, i) / used;
      }
      for (int k = 0; k < mean.scores().length; k++) {
        mean.scores()[k] += scores.scores()[k] / used;
      }
      beliefs[f] = NoiseModel.beliefs(p, labels, n, fold.noise().transition());
    }
    return new Judged(suspicion, Beliefs.mean(Arrays.asList(beliefs)), mean);
  }

  /** Without trusted rows: suspected is what another class is likelier for, clearly. */
  private Judged alone(FeatureMatrix features, int[] labels) {
    int c = rows.classes();
    int n = labels.length;
    float[] p = plain.get(0).model().probabilities(features, 1);
    double[] suspicion = new double[n];
    Evidence scores = Evidence.of(n);
    for (int i = 0; i < n; i++) {
      double margin = Evidence.margin(p, i * c, c, labels[i]);
      scores.set(i, Detector.CONFIDENCE, Evidence.surprise(p[i * c + labels[i]]));
      scores.set(i, Detector.MARGIN, margin);
      suspicion[i] = 1 / (1 + Math.exp(1 - margin));
    }
    return new Judged(suspicion, Beliefs.of(p, n, c), scores);
  }
}
