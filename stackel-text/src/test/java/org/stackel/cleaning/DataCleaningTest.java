package org.stackel.cleaning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class DataCleaningTest {
  private static final Map<String, Object> SMALL =
      Map.of("trainSize", 60, "trustedSize", 300, "testSize", 30, "batch", 13, "upperBatch", 7);

  @TempDir Path directory;

  private static DataCleaning options(Map<String, ?> more) {
    var options = new HashMap<String, Object>(SMALL);
    options.putAll(more);
    return (DataCleaning) Problems.create("data-cleaning", options);
  }

  /** Other minibatches and penalties are those of a problem that reads the data itself. */
  @Test
  void sharesItsDataWithOtherOptions() {
    DataCleaning other = options(Map.of("upperBatch", 0, "regularization", .5));
    try (var scope = StateScope.open();
        var first = options(Map.of()).open(new Seed(1), Device.CPU64);
        var anew = other.open(new Seed(1), Device.CPU64)) {
      Tensor x = Tensors.randn(new Seed(3), Device.CPU64, 60);
      Tensor y = Tensors.randn(new Seed(4), Device.CPU64, first.lowerLayout().size());
      var draw = new Seed(5);
      double before = Tensors.item(first.upperLoss(x, y, first.upperBatch(draw, Shard.ALL)));
      try (DataCleaning.Opened shared = Objects.requireNonNull(first.onSameData(other))) {
        assertThat(shared.examples()).isSameAs(first.examples());
        assertThat(shared.resolved()).isEqualTo(anew.resolved());
        assertThat(Tensors.item(shared.upperLoss(x, y, shared.upperBatch(draw, Shard.ALL))))
            .isEqualTo(Tensors.item(anew.upperLoss(x, y, anew.upperBatch(draw, Shard.ALL))))
            .isNotEqualTo(before);
        assertThat(Tensors.item(shared.lowerLoss(x, y, shared.lowerBatch(draw, Shard.ALL))))
            .isEqualTo(Tensors.item(anew.lowerLoss(x, y, anew.lowerBatch(draw, Shard.ALL))));
      }
      assertThat(Tensors.item(first.upperLoss(x, y, first.upperBatch(draw, Shard.ALL))))
          .isEqualTo(before);
    }
  }

  /** 60 weights in 5 blocks, 43 blocks of the others: no table of weights for each. */
  @Test
  void memoriesOfAllBlocksTakeTwoVectorsOfWeights() {
    var saba = Algorithms.create("saba", Map.of());
    try (var problem = options(Map.of("vectors", "tfidf")).open(new Seed(1), Device.CPU64);
        var solver = Solver.start(saba, problem, new Seed(2))) {
      solver.next();
      long numbers = solver.tensors().values().stream().mapToLong(Tensor::numel).sum();
      long tables = 2 * (5 + 1) + (43 + 1);
      assertThat(numbers).isEqualTo(3 * 60 + (2 + tables) * problem.lowerLayout().size());
    }
  }

  @Test
  void doesNotShareOtherData() {
    Map<String, Object> changes =
        Map.ofEntries(
            Map.entry("noiseRate", .2),
            Map.entry("noise", "uniform"),
            Map.entry("noiseDraw", "every-batch"),
            Map.entry("trainSize", 61),
            Map.entry("trustedSize", 299),
            Map.entry("testSize", 31),
            Map.entry("grouping", "text"),
            Map.entry("vectors", "random"),
            Map.entry("encoder", "rnn"),
            Map.entry("maxTokens", 3),
            Map.entry("data", "other.csv"));
    try (var scope = StateScope.open();
        var first = options(Map.of()).open(new Seed(1), Device.CPU64)) {
      changes.forEach(
          (key, value) ->
              assertThat(first.onSameData(options(Map.of(key, value)))).as(key).isNull());
    }
  }

  /** The weighted mean of the blocks' losses is the loss on everything. */
  @Test
  void blocksMakeUpTheWholeLoss() {
    try (var scope = StateScope.open();
        var cut = options(Map.of()).open(new Seed(1), Device.CPU64);
        var whole = options(Map.of("batch", 60, "upperBatch", 0)).open(new Seed(1), Device.CPU64)) {
      Tensor x = Tensors.randn(new Seed(3), Device.CPU64, 60);
      Tensor y = Tensors.randn(new Seed(4), Device.CPU64, cut.lowerLayout().size());
      assertThat(cut.lowerBlocks().count()).isEqualTo(5);
      assertThat(cut.upperBlocks().count()).isEqualTo(43);
      assertThat(whole.lowerBlocks().count()).isEqualTo(1);
      assertThat(whole.upperBlocks().count()).isEqualTo(1);
      double lower = 0;
      double upper = 0;
      for (int i = 0; i < 5; i++) {
        var batch = cut.lowerBlock(i, Shard.ALL);
        lower += cut.lowerBlocks().weight(i) * Tensors.item(cut.lowerLoss(x, y, batch));
      }
      for (int j = 0; j < 43; j++) {
        var batch = cut.upperBlock(j, Shard.ALL);
        upper += cut.upperBlocks().weight(j) * Tensors.item(cut.upperLoss(x, y, batch));
      }
      var all = whole.lowerBatch(new Seed(9), Shard.ALL);
      assertThat(lower).isCloseTo(Tensors.item(whole.lowerLoss(x, y, all)), within(1e-12));
      var trusted = whole.upperBlock(0, Shard.ALL);
      assertThat(upper).isCloseTo(Tensors.item(whole.upperLoss(x, y, trusted)), within(1e-12));
    }
  }

  /** Every product of the oracle against central differences of the losses themselves. */
  @ParameterizedTest
  @ValueSource(strings = {"linear", "rnn", "mlp"})
  void oracleAgreesWithFiniteDifferences(String model) {
    Map<String, ?> choice =
        switch (model) {
          case "rnn" -> Map.of("model", "rnn", "hidden", 3, "maxTokens", 4);
          case "mlp" ->
              Map.of("model", "rnn", "hidden", 3, "maxTokens", 4, "headHidden", List.of(4));
          default -> Map.of("vectors", "tfidf");
        };
    try (var scope = StateScope.open();
        var problem = options(choice).open(new Seed(1), Device.CPU64)) {
      var oracle = new AutogradOracle<>(problem, new Seed(2), Sampling.SHARED, Shard.ALL);
      int n = (int) problem.upperLayout().size();
      int p = (int) problem.lowerLayout().size();
      Tensor x = Tensors.randn(new Seed(3), Device.CPU64, n);
      Tensor y = Tensors.scale(0.3, Tensors.randn(new Seed(4), Device.CPU64, p));
      Tensor v = Tensors.randn(new Seed(5), Device.CPU64, p);
      Tensor u = Tensors.randn(new Seed(6), Device.CPU64, n);
      double h = 1e-5;
      var lower = oracle.lower();
      Tensor up = Tensors.axpy(y, h, v);
      Tensor down = Tensors.axpy(y, -h, v);
      double slope =
          (Tensors.item(lower.value(x, up)) - Tensors.item(lower.value(x, down))) / (2 * h);
      assertThat(Tensors.item(lower.gradientY(x, y).dot(v))).isCloseTo(slope, within(1e-8));
      double upperSlope =
          (Tensors.item(oracle.upper().value(x, up)) - Tensors.item(oracle.upper().value(x, down)))
              / (2 * h);
      assertThat(Tensors.item(oracle.upper().gradient(x, y).y().dot(v)))
          .isCloseTo(upperSlope, within(1e-8));
      assertThat(Tensors.toArray(oracle.upper().gradient(x, y).x())).containsOnly(0.0);

      var products = lower.linearize(x, y).products(v);
      double[] curvature =
          Tensors.toArray(
              Tensors.scale(1 / (2 * h), lower.gradientY(x, up).sub(lower.gradientY(x, down))));
      assertThat(Tensors.toArray(products.hessian())).containsExactly(curvature, within(1e-6));
      Tensor right = lower.gradientY(Tensors.axpy(x, h, u), y);
      Tensor left = lower.gradientY(Tensors.axpy(x, -h, u), y);
      double mixed = Tensors.item(right.sub(left).dot(v)) / (2 * h);
      assertThat(Tensors.item(products.cross().dot(u))).isCloseTo(mixed, within(1e-7));
    }
  }

  /** {@code (∇²xy g · v)_i = σ(λ_i)(1 - σ(λ_i)) ⟨∇ CE_i, v⟩ / batch}, zero outside the batch. */
  @Test
  void crossProductTouchesTheBatchAlone() {
    try (var scope = StateScope.open();
        var problem = options(Map.of()).open(new Seed(1), Device.CPU64)) {
      var oracle = new AutogradOracle<>(problem, new Seed(2), Sampling.SHARED, Shard.ALL);
      Tensor x = Tensors.randn(new Seed(3), Device.CPU64, 60);
      Tensor y = Tensors.randn(new Seed(4), Device.CPU64, problem.lowerLayout().size());
      Tensor v = Tensors.randn(new Seed(5), Device.CPU64, problem.lowerLayout().size());
      double[] cross = Tensors.toArray(oracle.lower().linearize(x, y).crossVector(v));
      assertThat(Arrays.stream(cross).filter(c -> c != 0).count()).isEqualTo(13);
    }
  }

  @Test
  void noiseIsDrawnOnceAndOnTrainingLabelsOnly() {
    try (var scope = StateScope.open();
        var noisy = options(Map.of("trainSize", 2000)).open(new Seed(1), Device.CPU);
        var clean =
            options(Map.of("trainSize", 2000, "noise", "none")).open(new Seed(1), Device.CPU)) {
      CleaningData a = noisy.examples();
      CleaningData b = clean.examples();
      assertThat(b.flipped()).isNull();
      assertThat(a.texts()).isEqualTo(b.texts());
      int classes = a.classes().size();
      int wrong = 0;
      for (int i = 0; i < a.labels().length; i++) {
        if (a.labels()[i] != b.labels()[i]) {
          assertThat(i).isLessThan(2000);
          assertThat(a.labels()[i]).isEqualTo((b.labels()[i] + 1) % classes);
          assertThat(a.flipped()[i]).isTrue();
          wrong++;
        }
      }
      assertThat(wrong).isBetween(720, 880);
    }
  }

  @Test
  void metricsOfAKnownSolution() throws IOException {
    Path file = directory.resolve("two.csv");
    var csv = new StringBuilder("text,label\n");
    for (int i = 0; i < 20; i++) {
      csv.append(i % 2 == 0 ? "cat,animal\n" : "oak,tree\n");
    }
    Files.writeString(file, csv);
    var options =
        options(
            Map.of(
                "data",
                file.toString(),
                "trainSize",
                0,
                "trustedSize",
                4,
                "testSize",
                4,
                "noise",
                "none",
                "vectors",
                "tfidf"));
    try (var scope = StateScope.open();
        var problem = options.open(new Seed(0), Device.CPU64)) {
      assertThat(problem.examples().train()).isEqualTo(12);
      assertThat(problem.inputs()).containsOnlyKeys(file.toString());
      // Columns of tf-idf: cat, oak, one; classes: animal, tree.
      Tensor right = Tensors.of(Device.CPU64, 5, -5, -5, 5, 0, 0);
      Tensor x = Tensors.full(Device.CPU64, 1, 12);
      Metrics metrics = problem.evaluate(x, right);
      assertThat(metrics.get("testAccuracy")).isEqualTo(1);
      assertThat(metrics.get("lambdaSd")).isZero();
      assertThat(metrics.get("upperLoss")).isCloseTo(Math.log1p(Math.exp(-10)), within(1e-12));
      assertThat(metrics.values()).doesNotContainKey("auroc");
      Tensor wrong = Tensors.scale(-1, right);
      assertThat(problem.evaluate(x, wrong).get("testAccuracy")).isZero();
      assertThat(problem.probabilities(right, new int[] {0})[0])
          .satisfies(p -> assertThat(p[0] + p[1]).isCloseTo(1, within(1e-12)));
    }
  }

  @Test
  void evaluationChangesNothing() {
    try (var scope = StateScope.open();
        var problem = options(Map.of()).open(new Seed(1), Device.CPU64)) {
      Start start = problem.start(new Seed(2));
      double[] x = Tensors.toArray(start.x());
      double[] y = Tensors.toArray(start.y());
      problem.evaluate(start.x(), start.y());
      assertThat(Tensors.toArray(start.x())).isEqualTo(x);
      assertThat(Tensors.toArray(start.y())).isEqualTo(y);
    }
  }

  @Test
  void wrongDataAreRefused() throws IOException {
    Path file = directory.resolve("train.csv");
    Files.writeString(file, "text,label\na cat,animal\nan oak,tree\na dog,animal\na fir,tree\n");
    Path trusted = directory.resolve("trusted.csv");
    Files.writeString(trusted, "text,label\na cat,animal\na stone,mineral\n");
    String data = file.toString();
    refused(Map.of("data", data), "4 examples", "trainSize");
    refused(
        Map.of("data", data, "trusted", trusted.toString(), "test", data, "trainSize", 0),
        trusted + ":3: The class 'mineral' is unknown",
        "Maybe");
    Path alike = directory.resolve("alike.csv");
    Files.writeString(alike, "text,label\na cat,animal\na dog,animal\n");
    refused(
        Map.of("data", data, "trusted", alike.toString(), "test", data, "trainSize", 0),
        alike + ": All 2 examples are labelled 'animal'",
        "Maybe");
    refused(
        Map.of("model", "rnn", "maxTokens", Integer.MAX_VALUE),
        "The maxTokens (2147483647)",
        "Maybe");
    refused(Map.of("data", directory.resolve("train.cvs").toString()), "train.cvs", "Maybe");
    refused(Map.of("vectors", directory.resolve("none.txt").toString()), "none.txt", "Maybe");
    refused(
        Map.of("vectors", "tfidf", "model", "rnn"), "vectors (tfidf) of data-cleaning", "glove");
    refused(Map.of("noiseRate", 1.5), "The noiseRate (1.5) of data-cleaning", "Maybe");
    refused(Map.of("hidden", 0), "The hidden (0) of data-cleaning must be at least 1", "Maybe");
    refused(
        Map.of("model", "cnn"),
        "The encoder (cnn) of data-cleaning must be one of linear, gru, lstm",
        "Maybe");
  }

  private static void refused(Map<String, ?> more, String... parts) {
    assertThatThrownBy(
            () -> {
              try (var scope = StateScope.open()) {
                options(more).open(new Seed(0), Device.CPU).close();
              }
            })
        .isInstanceOf(InvalidInputException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  /** The network's steps leave nothing behind. */
  @Test
  void threeHundredStepsOfTheNetworkAreFlatInMemory() {
    try (var scope = StateScope.open();
        var problem =
            options(Map.of("model", "rnn", "hidden", 16, "trainSize", 400, "batch", 64))
                .open(new Seed(1), Device.CPU)) {
      steps(Algorithms.create("slip", Map.of("sampling", "shared")), problem, 300);
    }
  }

  private static <S extends Record & AlgorithmState> void steps(
      BilevelAlgorithm<S> algorithm, DataCleaning.Opened problem, long count) {
    var seed = new Seed(9);
    S state;
    try (var scope = StateScope.open()) {
      state =
          scope.keep(
              algorithm.init(
                  problem.start(seed),
                  new AutogradOracle<>(problem, seed, algorithm.sampling(), Shard.ALL)));
    }
    long pointers = 0;
    long bytes = 0;
    for (long t = 0; t < count; t++) {
      S next;
      try (var scope = StateScope.open()) {
        var oracle = new AutogradOracle<>(problem, seed.child(t), algorithm.sampling(), Shard.ALL);
        next = scope.keep(algorithm.step(t, state, oracle));
      }
      StateScope.release(state);
      state = next;
      if (t == count / 3) {
        pointers = NativeObjects.settled();
        bytes = StateScope.residentBytes();
      }
    }
    long morePointers = StateScope.livePointers() - pointers;
    double moreMegabytes = (StateScope.residentBytes() - bytes) / 1e6;
    System.out.printf(
        "RNN, %d steps: %+d live native pointers, %+.1f MB resident in the last two thirds%n",
        count, morePointers, moreMegabytes);
    StateScope.release(state);
    assertThat(morePointers).isZero();
    assertThat(moreMegabytes).isLessThan(40);
  }
}
