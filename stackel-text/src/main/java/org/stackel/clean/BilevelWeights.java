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
    FeatureMatrix features = gentle(rows.features().take(chosen).denseIfAny());
    try (var problem = open(features, all, train.length, rows.classes())) {
      var algorithm = Algorithms.usual().suitedTo(problem.scales(steps));
      return solve(algorithm, problem);
    }
  }

  /** Features that are small enough for the usual step size, which knows nothing of them. */
  private static FeatureMatrix gentle(FeatureMatrix features) {
    double step = features.denseWidth() > 0 ? DENSE_STEP : SPARSE_STEP;
    double factor = Math.sqrt(1 / (step * CURVATURE * features.largestEigenvalue()));
    return factor < 1 ? features.times((float) factor) : features;
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
    boolean isSparse = features.sparse().width() > 0;
    DataCleaning options = isSparse && features.denseWidth() == 0 ? sparse() : new DataCleaning();
    return DataTensors.owning(
        home ->
            options.on(
                new CleaningData(
                    EncodedTexts.vectors(inputs(features, home), List.of(), Map.of(), NO_TEXTS),
                    labels,
                    labels,
                    home.keep(Tensors.indices(Device.CPU, labels)),
                    null,
                    train,
                    labels.length - train,
                    0,
                    IntStream.range(0, classes).mapToObj(Integer::toString).toList(),
                    List.of(),
                    new int[0],
                    Map.of(),
                    List.of()),
                home,
                Device.CPU));
  }

  private static DataCleaning sparse() {
    var defaults = new DataCleaning();
    return defaults
        .withNetwork(defaults.network().withVectors("tfidf"))
        .withPenaltyTerm(defaults.penaltyTerm().withRegularization(1e-5));
  }

  private static Inputs inputs(FeatureMatrix features, DataTensors home) {
    if (features.sparse().width() > 0) {
      return new Inputs.Sparse(features.sparse(), Device.CPU);
    }
    int width = features.denseWidth();
    float[] withOnes = new float[features.rows() * (width + 1)];
    Arrays.fill(withOnes, 1);
    for (int i = 0; i < features.rows(); i++) {
      System.arraycopy(features.dense(), i * width, withOnes, i * (width + 1), width);
    }
    return new Inputs.Dense(
        home.keep(Tensors.of(Device.CPU, withOnes, features.rows(), width + 1L)), Device.CPU);
  }
}
