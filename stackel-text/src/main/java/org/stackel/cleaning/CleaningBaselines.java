package org.stackel.cleaning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.model.Training;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Detection;
import org.stackel.problem.Metrics;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * Training with the weights that a cleaning method found, and the methods that bilevel cleaning is
 * compared with. All use one seed, so that they start alike and see the same batches.
 */
public final class CleaningBaselines {
  private static final int FOLDS = 5;

  /** Of the linear model, which needs fewer as a rule. */
  private static final long MAX_ITERATIONS = 200;

  private final DataCleaning.Opened problem;
  private final CleaningData data;
  private final Training training;
  private final Seed seed;
  private final LongSupplier nanos;

  /**
   * @param seed of starts, batches and folds
   * @param nanos a clock, which results report
   */
  public CleaningBaselines(DataCleaning.Opened problem, Seed seed, LongSupplier nanos) {
    this.problem = problem;
    this.data = problem.examples();
    this.seed = seed;
    this.nanos = nanos;
    DataCleaning o = problem.options();
    training =
        o.network().isLinear()
            ? new Training.FullBatch(
                o.penaltyTerm().regularization(),
                (int) Math.min(MAX_ITERATIONS, o.retraining().steps()))
            : new Training.Minibatch(
                o.penaltyTerm().regularization(),
                o.retraining().steps(),
                o.retraining().batch(),
                o.retraining().lr());
  }

  /** {@code σ(λ)} as weights. */
  public static double[] weights(double[] lambda) {
    return Arrays.stream(lambda).map(l -> 1 / (1 + Math.exp(-l))).toArray();
  }

  /**
   * Parameters trained from scratch on the training examples with these weights, in the caller's
   * scope.
   *
   * @param withTrusted whether trusted examples join, each with the mean weight
   */
  public Tensor retrain(double[] weights, Trusted withTrusted) {
    double mean = Arrays.stream(weights).average().orElseThrow();
    int extra = withTrusted == Trusted.JOIN ? data.trusted() : 0;
    int[] chosen = IntStream.range(0, data.train() + extra).toArray();
    double[] all = Arrays.copyOf(weights, chosen.length);
    Arrays.fill(all, data.train(), all.length, mean);
    return fit(chosen, all);
  }

  /** Whether trusted examples are trained on. */
  public enum Trusted {
    /** Only for choosing weights. */
    APART,
    /** Trained on too. */
    JOIN
  }

  /** Test accuracy after {@link #retrain}. */
  public double retrainAccuracy(double[] weights, Trusted withTrusted) {
    try (var scope = StateScope.open()) {
      return testAccuracy(retrain(weights, withTrusted));
    }
  }

  /** All baselines, in the order of the table. */
  public List<BaselineResult> baselines() {
    var results = new ArrayList<BaselineResult>();
    results.add(simple("plain", data.trainExamples()));
    Judged trusted = onTrusted();
    results.add(trusted.result());
    results.add(
        simple("plain + trusted", IntStream.range(0, data.train() + data.trusted()).toArray()));
    long begin = nanos.getAsLong();
    double[][] probabilities = outOfFold();
    boolean[] pruned =
        ConfidentLearning.prune(probabilities, Arrays.copyOf(data.labels(), data.train()));
    double folds = seconds(begin);
    results.addAll(
        without("confident learning", pruned, confidence(probabilities), folds, nanos.getAsLong()));
    results.addAll(pruning(trusted, data.flipped() == null ? pruned : data.flipped(), folds));
    if (data.flipped() != null) {
      boolean[] flipped = data.flipped();
      int[] clean = IntStream.range(0, data.train()).filter(i -> !flipped[i]).toArray();
      results.add(simple("oracle (wrong labels removed)", clean));
    }
    return results;
  }

  /** Plain training alone: what every gain is measured against. */
  public BaselineResult plain() {
    return simple("plain", data.trainExamples());
  }

  private BaselineResult simple(String method, int[] chosen) {
    long begin = nanos.getAsLong();
    return result(method, chosen, begin, 0, Metrics.NONE);
  }

  /**
   * A model of trusted examples alone.
   *
   * @param result as a baseline
   * @param confidence its probability of each training example's label
   * @param seconds what the confidence cost
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  private record Judged(BaselineResult result, double[] confidence, double seconds) {}

  private Judged onTrusted() {
    long begin = nanos.getAsLong();
    try (var scope = StateScope.open()) {
      Tensor y = fit(data.trustedExamples());
      double[] confidence = confidence(problem.probabilities(y, data.trainExamples()));
      double judged = seconds(begin);
      Metrics metrics =
          Metrics.NONE.with("testAccuracy", testAccuracy(y)).with(detection(confidence, null));
      return new Judged(
          new BaselineResult("trusted only", metrics, seconds(begin)), confidence, judged);
    }
  }

  /**
   * Training without the examples whose labels the trusted ones' model believes least, as many as
   * are wrong.
   *
   * @param wrong the wrong labels where they are known, else what confident learning says
   * @param folds seconds of confident learning
   */
  private List<BaselineResult> pruning(Judged trusted, boolean[] wrong, double folds) {
    long begin = nanos.getAsLong();
    int count = 0;
    for (boolean each : wrong) {
      count += each ? 1 : 0;
    }
    boolean[] pruned = new boolean[data.train()];
    for (int i : ConfidentLearning.lowest(trusted.confidence(), count)) {
      pruned[i] = true;
    }
    boolean isKnown = data.flipped() != null;
    return without(
        isKnown ? "pruning (true rate given)" : "pruning",
        pruned,
        trusted.confidence(),
        trusted.seconds() + (isKnown ? 0 : folds),
        begin);
  }

  /** Training without the pruned examples, without and with trusted ones. */
  private List<BaselineResult> without(
      String name, boolean[] pruned, double[] confidence, double before, long begin) {
    Metrics detection = detection(confidence, pruned);
    double shared = before + seconds(begin);
    int[] kept = IntStream.range(0, data.train()).filter(i -> !pruned[i]).toArray();
    return List.of(
        result(name, kept, nanos.getAsLong(), shared, detection),
        result(name + " + trusted", withTrusted(kept), nanos.getAsLong(), shared, detection));
  }

  private int[] withTrusted(int[] kept) {
    return IntStream.concat(IntStream.of(kept), IntStream.of(data.trustedExamples())).toArray();
  }

  private BaselineResult result(
      String method, int[] chosen, long begin, double shared, Metrics detection) {
    try (var scope = StateScope.open()) {
      double accuracy = testAccuracy(fit(chosen));
      return new BaselineResult(
          method,
          Metrics.NONE.with("testAccuracy", accuracy).with(detection),
          shared + seconds(begin));
    }
  }

  private Tensor fit(int[] chosen) {
    double[] ones = new double[chosen.length];
    Arrays.fill(ones, 1);
    return fit(chosen, ones);
  }

  private Tensor fit(int[] chosen, double[] weights) {
    var examples = new Training.Examples(data.inputs(), data.labelTensor(), chosen, weights);
    return training.fit(problem.classifier(), examples, seed.child("training"), problem.device());
  }

  private double testAccuracy(Tensor y) {
    return problem.accuracy(y, data.testExamples());
  }

  private double[][] outOfFold() {
    int[] order = seed.child("folds").permutation(data.train());
    double[][] probabilities = new double[data.train()][];
    for (int fold = 0; fold < FOLDS; fold++) {
      int[] out = fold(order, fold, true);
      try (var scope = StateScope.open()) {
        double[][] found = problem.probabilities(fit(fold(order, fold, false)), out);
        for (int i = 0; i < out.length; i++) {
          probabilities[out[i]] = found[i];
        }
      }
    }
    return probabilities;
  }

  private static int[] fold(int[] order, int fold, boolean out) {
    return IntStream.range(0, order.length)
        .filter(i -> (i % FOLDS == fold) == out)
        .map(i -> order[i])
        .toArray();
  }

  private double[] confidence(double[][] probabilities) {
    return IntStream.range(0, probabilities.length)
        .mapToDouble(i -> probabilities[i][data.labels()[i]])
        .toArray();
  }

  /** AUROC of low confidence and F1 of the decision, where wrong labels are known. */
  private Metrics detection(double[] confidence, boolean @Nullable [] decided) {
    boolean[] flipped = data.flipped();
    if (flipped == null) {
      return Metrics.NONE;
    }
    double[] suspicion = Arrays.stream(confidence).map(c -> -c).toArray();
    Metrics metrics = Metrics.NONE.with("auroc", Detection.auroc(suspicion, flipped));
    return decided == null ? metrics : metrics.with("f1", Detection.f1(decided, flipped));
  }

  private double seconds(long begin) {
    return (nanos.getAsLong() - begin) / 1e9;
  }
}
