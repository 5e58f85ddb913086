package org.stackel.cleaning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.model.Classifier;
import org.stackel.model.Inputs;
import org.stackel.model.Training;
import org.stackel.optim.Iterations;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Problems;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class CleaningBaselinesTest {
  private static DataCleaning.Opened open(Map<String, ?> options) {
    return ((DataCleaning) Problems.create("data-cleaning", options)).open(new Seed(3), Device.CPU);
  }

  @Test
  void everyBaselineIsThereAndKnowsItsPlace() {
    try (var scope = StateScope.open();
        var problem = open(Map.of("trainSize", 3000, "trustedSize", 600, "testSize", 1000))) {
      List<BaselineResult> results =
          new CleaningBaselines(problem, new Seed(4), System::nanoTime).baselines();
      assertThat(results)
          .extracting(BaselineResult::method)
          .containsExactly(
              "plain",
              "trusted only",
              "plain + trusted",
              "confident learning",
              "confident learning + trusted",
              "pruning (true rate given)",
              "pruning (true rate given) + trusted",
              "oracle (wrong labels removed)");
      double plain = results.get(0).metrics().get("testAccuracy");
      double oracle = results.get(7).metrics().get("testAccuracy");
      assertThat(oracle).isGreaterThan(plain + .05);
      assertThat(results.get(1).metrics().get("auroc")).isGreaterThan(.7);
      assertThat(results.get(5).metrics().get("testAccuracy")).isGreaterThan(plain);
    }
  }

  @Test
  void wrongLabelsAtWeightZeroAreTheOracle() {
    try (var scope = StateScope.open();
        var problem = open(Map.of("trainSize", 2000, "trustedSize", 10, "testSize", 500))) {
      var cleaning = new CleaningBaselines(problem, new Seed(4), System::nanoTime);
      boolean[] flipped = problem.examples().flipped();
      double[] weights = IntStream.range(0, 2000).mapToDouble(i -> flipped[i] ? 0 : 0.7).toArray();
      List<BaselineResult> results = cleaning.baselines();
      double oracle = results.get(results.size() - 1).metrics().get("testAccuracy");
      assertThat(cleaning.retrainAccuracy(weights, CleaningBaselines.Trusted.APART))
          .isCloseTo(oracle, within(.01));
    }
  }

  /** The linear model is trained by L-BFGS, whose iterations are bounded like steps. */
  @Test
  void stepsBoundTheTrainingOfTheLinearModelToo() {
    assertThat(iterations(3)).isEqualTo(3);
    assertThat(iterations(600)).isBetween(10L, 200L);
  }

  private static long iterations(long steps) {
    var told = new AtomicLong();
    try (var scope = StateScope.open();
        var problem =
            open(
                Map.of(
                    "trainSize", 500,
                    "trustedSize", 10,
                    "testSize", 10,
                    "retraining", Map.of("steps", steps)))) {
      double[] ones = new double[500];
      Arrays.fill(ones, 1);
      Iterations.watched(
          (part, done, most) -> told.incrementAndGet(),
          () ->
              new CleaningBaselines(problem, new Seed(4), System::nanoTime)
                  .retrain(ones, CleaningBaselines.Trusted.APART));
    }
    return told.get();
  }

  /**
   * Five of the trainings are folds, by which pruning too knows how much is wrong if nobody says
   * it; pruning judges by the model of trusted examples.
   */
  @ParameterizedTest
  @ValueSource(strings = {"pair", "none"})
  void nothingIsTrainedTwice(String noise) {
    var begun = new AtomicLong();
    try (var scope = StateScope.open();
        var problem =
            open(Map.of("trainSize", 500, "trustedSize", 50, "testSize", 10, "noise", noise))) {
      List<BaselineResult> results =
          Iterations.watched(
              (part, done, most) -> begun.addAndGet(part.equals("L-BFGS") && done == 0 ? 1 : 0),
              new CleaningBaselines(problem, new Seed(4), System::nanoTime)::baselines);
      assertThat(begun).hasValue(results.size() + 5);
    }
  }

  /** A baseline of five trainings takes as long as a run. */
  @Test
  void baselinesStopBetweenIterations() {
    var asked = new AtomicLong();
    try (var scope = StateScope.open();
        var problem = open(Map.of("trainSize", 500, "trustedSize", 10, "testSize", 10))) {
      var cleaning = new CleaningBaselines(problem, new Seed(4), System::nanoTime);
      assertThat(Iterations.unless(() -> asked.incrementAndGet() > 20, cleaning::baselines))
          .isNull();
    }
    assertThat(asked).hasValue(21);
  }

  @Test
  void weightsAreTheLogisticOfLambda() {
    assertThat(CleaningBaselines.weights(new double[] {1, 0, -1}))
        .containsExactly(new double[] {0.7310585786, 0.5, 0.2689414214}, within(1e-10));
  }

  @Test
  void fullBatchTrainingReachesTheOptimumAndOnlyRatiosOfWeightsMatter() {
    try (var scope = StateScope.open()) {
      Tensor features = Tensors.randn(new Seed(1), Device.CPU64, 50, 4);
      Tensor labels =
          Tensors.indices(Device.CPU64, IntStream.range(0, 50).map(i -> i % 3).toArray());
      var inputs = new Inputs.Dense(features, Device.CPU64);
      int[] all = IntStream.range(0, 50).toArray();
      double[] weights = IntStream.range(0, 50).mapToDouble(i -> 1 + i % 5).toArray();
      var model = new Classifier.Linear(4, 3);
      var training = new Training.FullBatch(1e-2, 500);
      Tensor y =
          training.fit(
              model,
              new Training.Examples(inputs, labels, all, weights),
              new Seed(0),
              Device.CPU64);
      double[] larger = Arrays.stream(weights).map(w -> 10 * w).toArray();
      Tensor z =
          training.fit(
              model, new Training.Examples(inputs, labels, all, larger), new Seed(0), Device.CPU64);
      assertThat(Tensors.toArray(z)).containsExactly(Tensors.toArray(y), within(1e-9));
      double mean = Arrays.stream(weights).average().orElseThrow();
      double best = objective(model, y, inputs, labels, weights, mean);
      for (int k = 0; k < 20; k++) {
        Tensor other = Tensors.axpy(y, 1e-3, Tensors.randn(new Seed(100 + k), Device.CPU64, 12));
        assertThat(objective(model, other, inputs, labels, weights, mean)).isGreaterThan(best);
      }
    }
  }

  private static double objective(
      Classifier model, Tensor y, Inputs inputs, Tensor labels, double[] weights, double mean) {
    Tensor w = Tensors.scale(1 / mean, Tensors.of(Device.CPU64, weights));
    return Tensors.item(model.losses(y, inputs.all(), labels).mul(w).mean())
        + 1e-2 * Tensors.item(y.dot(y));
  }

  @Test
  void minibatchTrainingLearns() {
    try (var scope = StateScope.open();
        var problem =
            open(
                Map.of(
                    "trainSize", 1500,
                    "trustedSize", 10,
                    "testSize", 500,
                    "noise", "none",
                    "model", "rnn",
                    "hidden", 16,
                    "retraining", Map.of("steps", 150, "lr", .01, "batch", 64)))) {
      var cleaning = new CleaningBaselines(problem, new Seed(1), System::nanoTime);
      long before = NativeObjects.settled();
      double accuracy = cleaning.plain().metrics().get("testAccuracy");
      assertThat(StateScope.livePointers() - before).as("native objects left").isZero();
      assertThat(accuracy).isGreaterThan(.2); // 38 classes: chance is .026
    }
  }

  @Test
  void lowestScoresAreTheFirstOfEqualOnes() {
    double[] scores = {3, 1, 2, 1, 2, 2};
    assertThat(ConfidentLearning.lowest(scores, 4)).containsExactly(1, 2, 3, 4);
    assertThat(ConfidentLearning.lowest(scores, 9)).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(ConfidentLearning.lowest(scores, 0)).isEmpty();
  }

  @Test
  void confidentLearningFindsThePlantedMistakes() {
    // Class 0 and 1 are plain to see; examples 3 and 9 carry the other's label.
    double[][] probabilities = new double[12][];
    int[] labels = new int[12];
    boolean[] wrong = new boolean[12];
    for (int i = 0; i < 12; i++) {
      int truth = i % 2;
      double sure = .85;
      probabilities[i] = truth == 0 ? new double[] {sure, 1 - sure} : new double[] {1 - sure, sure};
      wrong[i] = i == 3 || i == 9;
      labels[i] = wrong[i] ? 1 - truth : truth;
    }
    assertThat(ConfidentLearning.prune(probabilities, labels)).isEqualTo(wrong);
  }
}
