package org.stackel.clean;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.cleaning.CleaningData;
import org.stackel.cleaning.DataCleaning;
import org.stackel.model.EncodedTexts;
import org.stackel.model.Inputs;
import org.stackel.model.TextReading;
import org.stackel.problem.BilevelProblem;
import org.stackel.solver.Solver;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The weights that bilevel cleaning gives rows: λ such that a linear model trained with weights
 * σ(λ) does well on trusted rows. Where there are dense and sparse columns, the model reads the
 * dense ones, which is many times as fast.
 *
 * @param steps number of steps of the algorithm
 * @param seed random seed of its samples
 */
record BilevelWeights(long steps, Seed seed) {
  /** The lower level's usual step sizes for dense and for sparse features. */
  private static final double DENSE_STEP = 5;

  private static final double SPARSE_STEP = 20;

  /** The loss is at most so much more curved than the squares of the logits. */
  private static final double CURVATURE = 0.5;

  /** The features are numbers already. */
  private static final TextReading NO_TEXTS =
      TextReading.of(TextReading.Kind.MEAN_VECTORS, "", 0, false);

  /**
   * λ of each row.
   *
   * @param train rows that are weighted, as often as they stand here
   * @param labels their classes
   * @param trusted rows that are known to be right
   */
  double[] lambda(Rows rows, int[] train, int[] labels, int[] trusted) {
    int[] chosen = Rows.concat(train, trusted);
    int[] all = Rows.concat(labels, rows.labels(trusted));
    FeatureMatrix features = rows.features().take(chosen).denseIfAny();
    try (var problem = open(features.times(factor(features)), all, train.length, rows.classes())) {
      var algorithm = Algorithms.usual().suitedTo(problem.scales(steps));
      return solve(algorithm, problem);
    }
  }

  /**
   * What features are multiplied by to be small enough for the usual step size, which knows nothing
   * of them; at most 1.
   */
  static float factor(FeatureMatrix features) {
    double step = features.denseWidth() > 0 ? DENSE_STEP : SPARSE_STEP;
    double factor = Math.sqrt(1 / (step * CURVATURE * features.largestEigenvalue()));
    return (float) Math.min(1, factor);
  }

  private <S extends Record & AlgorithmState> double[] solve(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem) {
    try (var solver = Solver.start(algorithm, problem, seed)) {
      while (solver.step() < steps) {
        solver.next();
      }
      return Tensors.toArray(solver.x());
    }
  }

  private static DataCleaning.Opened open(
      FeatureMatrix features, int[] labels, int train, int classes) {
    boolean isDense = features.sparse().width() == 0;
    List<String> names = IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    var held = CleaningData.Held.all(train);
    return DataTensors.owning(
        home -> open(options(isDense), inputs(features, home), labels, train, held, names, home));
  }

  /**
   * The problem.
   *
   * @param inputs features of training rows that are here, then of trusted ones
   * @param labels their classes
   * @param train number of training rows
   * @param held those of them that are here
   */
  static DataCleaning.Opened open(
      DataCleaning options,
      Inputs inputs,
      int[] labels,
      int train,
      CleaningData.Held held,
      List<String> classes,
      DataTensors home) {
    return options.on(
        new CleaningData(
            EncodedTexts.vectors(inputs, List.of(), Map.of(), NO_TEXTS),
            labels,
            labels,
            home.keep(Tensors.indices(Device.CPU, labels)),
            null,
            train,
            held,
            labels.length - held.count(),
            0,
            classes,
            List.of(),
            new int[0],
            Map.of(),
            List.of()),
        home,
        Device.CPU);
  }

  /** What suits dense features, or sparse ones. */
  static DataCleaning options(boolean isDense) {
    var defaults = new DataCleaning();
    if (isDense) {
      return defaults;
    }
    return defaults
        .withNetwork(defaults.network().withVectors("tfidf"))
        .withPenaltyTerm(defaults.penaltyTerm().withRegularization(1e-5));
  }

  private static Inputs inputs(FeatureMatrix features, DataTensors home) {
    if (features.sparse().width() > 0) {
      return new Inputs.Sparse(features.sparse(), Device.CPU);
    }
    return new Inputs.Dense(
        home.keep(
            Tensors.of(
                Device.CPU, withOnes(features), features.rows(), features.denseWidth() + 1L)),
        Device.CPU);
  }

  /** The dense columns, and one of ones. */
  static float[] withOnes(FeatureMatrix features) {
    int width = features.denseWidth();
    float[] withOnes = new float[Math.multiplyExact(features.rows(), width + 1)];
    Arrays.fill(withOnes, 1);
    for (int i = 0; i < features.rows(); i++) {
      System.arraycopy(features.dense(), i * width, withOnes, i * (width + 1), width);
    }
    return withOnes;
  }
}
