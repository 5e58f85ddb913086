package org.stackel.fewshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.config.InvalidInputException;
import org.stackel.model.MiniLm;
import org.stackel.model.TextModel;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class HyperRepresentationTest {
  @TempDir static Path directory;
  private static Path topics;
  private static Path pairs;

  /** Texts of 8 classes; a class has three words of its own, and all have ten in common. */
  @BeforeAll
  static void texts() {
    var random = new Seed(0).generator();
    var one = new StringBuilder("text,label,domain\n");
    var two = new StringBuilder("sentence1,sentence2,label\n");
    for (int i = 0; i < 400; i++) {
      int label = i % 8;
      String text =
          "own%d%d common%d common%d common%d"
              .formatted(
                  label,
                  random.nextInt(3),
                  random.nextInt(10),
                  random.nextInt(10),
                  random.nextInt(10));
      one.append("%s,class%d,domain%d%n".formatted(text, label % 4, i / 100));
      two.append("premise%d of all,%s,class%d%n".formatted(i / 8, text, label % 3));
    }
    topics = write("topics.csv", one);
    pairs = write("pairs.csv", two);
  }

  private static Path write(String name, CharSequence text) {
    try {
      return Files.writeString(directory.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HyperRepresentation options(Map<String, ?> more) {
    var options = new HashMap<String, Object>();
    options.put("data", topics.toString());
    options.put("vectors", "random");
    options.put("split", "domains");
    options.put("ways", 3);
    options.put("shots", 2);
    options.put("queries", 3);
    options.put("tasks", 6);
    options.put("testTasks", 5);
    options.put("taskBatch", 2);
    options.put("hidden", 4);
    options.put("maxTokens", 4);
    options.put("testSteps", 20);
    options.putAll(more);
    return (HyperRepresentation) Problems.create("hyper-representation", options);
  }

  private static HyperRepresentation.Opened open(Map<String, ?> more) {
    return options(more).open(new Seed(1), Device.CPU64);
  }

  private record Point(Tensor x, Tensor y, Tensor v) {
    static Point of(BilevelProblem<?> problem) {
      long n = problem.upperLayout().size();
      long p = problem.lowerLayout().size();
      return new Point(
          Tensors.scale(0.3, Tensors.randn(new Seed(3), Device.CPU64, n)),
          Tensors.scale(0.5, Tensors.randn(new Seed(4), Device.CPU64, p)),
          Tensors.randn(new Seed(5), Device.CPU64, p));
    }
  }

  private static AutogradOracle<?> oracle(BilevelProblem<?> problem, long step) {
    return new AutogradOracle<>(problem, new Seed(step), Sampling.INDEPENDENT, Shard.ALL);
  }

  private static Map<String, ?> variant(String name) {
    return switch (name) {
      case "shared" -> Map.of("heads", "shared");
      case "norm" -> Map.of("regularizer", "norm", "regularization", 0.1);
      case "mlp" -> Map.of("headHidden", List.of(3));
      case "scaled" -> Map.of("featureScale", 0.5, "pooling", "mean");
      case "pairs" -> Map.of("data", pairs.toString(), "split", "premises", "ways", 2);
      case "lstm", "gru" -> Map.of("encoder", name);
      case "transformer" -> Map.of("encoder", name, "attentionHeads", 2, "inner", 5);
      case "bert" ->
          Map.of("encoder", "transformer", "pooling", "first", "attentionHeads", 1, "inner", 5);
      default -> Map.of();
    };
  }

  /** Every product of the oracle against central differences of the losses themselves. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "shared",
        "norm",
        "mlp",
        "scaled",
        "pairs",
        "lstm",
        "gru",
        "transformer",
        "bert"
      })
  void oracleAgreesWithFiniteDifferences(String variant) {
    try (var scope = StateScope.open();
        var problem = open(variant(variant))) {
      Point at = Point.of(problem);
      Tensor u = Tensors.randn(new Seed(6), Device.CPU64, problem.upperLayout().size());
      double h = 1e-5;
      var oracle = oracle(problem, 2);
      SampledObjective lower = oracle.lower();
      SampledObjective upper = oracle.upper();
      Tensor up = Tensors.axpy(at.y, h, at.v);
      Tensor down = Tensors.axpy(at.y, -h, at.v);
      Tensor right = Tensors.axpy(at.x, h, u);
      Tensor left = Tensors.axpy(at.x, -h, u);
      assertThat(Tensors.item(lower.gradientY(at.x, at.y).dot(at.v)))
          .isCloseTo(slope(lower, at.x, up, at.x, down, h), within(1e-7));
      assertThat(Tensors.item(upper.gradient(at.x, at.y).y().dot(at.v)))
          .isCloseTo(slope(upper, at.x, up, at.x, down, h), within(1e-7));
      assertThat(Tensors.item(upper.gradient(at.x, at.y).x().dot(u)))
          .isCloseTo(slope(upper, right, at.y, left, at.y, h), within(1e-7));
      var products = lower.linearize(at.x, at.y).products(at.v);
      double[] curvature =
          Tensors.toArray(
              Tensors.scale(
                  1 / (2 * h), lower.gradientY(at.x, up).sub(lower.gradientY(at.x, down))));
      assertThat(Tensors.toArray(products.hessian())).containsExactly(curvature, within(1e-7));
      double mixed =
          Tensors.item(lower.gradientY(right, at.y).sub(lower.gradientY(left, at.y)).dot(at.v))
              / (2 * h);
      assertThat(Tensors.item(products.cross().dot(u))).isCloseTo(mixed, within(1e-7));
      assertThat(Math.abs(mixed)).isGreaterThan(1e-3);
    }
  }

  private static double slope(
      SampledObjective loss, Tensor x, Tensor y, Tensor otherX, Tensor otherY, double h) {
    return (Tensors.item(loss.value(x, y)) - Tensors.item(loss.value(otherX, otherY))) / (2 * h);
  }

  /** A head sees its own task alone, and tasks that are not in the step not at all. */
  @Test
  void theLowerHessianIsBlockDiagonal() {
    try (var scope = StateScope.open();
        var problem = open(Map.of("taskBatch", 6, "headHidden", List.of(3)));
        var some = open(Map.of("headHidden", List.of(3)))) {
      Point at = Point.of(problem);
      long head = at.y.numel() / 6;
      var lower = oracle(problem, 2).lower().linearize(at.x, at.y);
      for (int task = 0; task < 6; task++) {
        Tensor v = Tensors.zerosLike(at.y);
        v.narrow(0, task * head, head).copy_(at.v.narrow(0, task * head, head));
        assertThat(touched(lower.hessianVector(v), head)).containsExactly(task);
      }
      var part = oracle(some, 2).lower().linearize(at.x, at.y);
      assertThat(touched(part.hessianVector(at.v), head)).hasSize(2);
    }
  }

  /** Numbers of the heads in which a vector is not zero. */
  private static Set<Integer> touched(Tensor y, long head) {
    double[] numbers = Tensors.toArray(y);
    var touched = new HashSet<Integer>();
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] != 0) {
        touched.add((int) (i / head));
      }
    }
    return touched;
  }

  /** However an algorithm draws, both levels of a step are about the same tasks. */
  @Test
  void aStepIsAboutOneSetOfTasks() {
    try (var scope = StateScope.open();
        var problem = open(Map.of())) {
      Point at = Point.of(problem);
      long head = at.y.numel() / 6;
      var steps = new HashSet<Set<Integer>>();
      for (int step = 0; step < 10; step++) {
        var oracle = oracle(problem, step);
        Set<Integer> tasks = touched(oracle.upper().gradient(at.x, at.y).y(), head);
        assertThat(tasks).hasSize(2);
        for (int draw = 0; draw < 3; draw++) {
          assertThat(touched(oracle.lower().linearize(at.x, at.y).hessianVector(at.v), head))
              .isEqualTo(tasks);
          // The penalty's gradient is in the same heads.
          assertThat(touched(oracle.freshLower().gradientY(at.x, at.y), head)).isEqualTo(tasks);
        }
        steps.add(tasks);
      }
      assertThat(steps).hasSizeGreaterThan(3);
    }
  }

  /** The switch moves the derivative in x to the queries, and nothing else. */
  @Test
  void crossDataOfPublishedScripts() {
    try (var scope = StateScope.open();
        var paper = open(Map.of());
        var scripts = open(Map.of("crossData", "upper"))) {
      Point at = Point.of(paper);
      SampledObjective own = oracle(paper, 2).lower();
      SampledObjective other = oracle(scripts, 2).lower();
      SampledObjective queries = oracle(paper, 2).upper();
      assertThat(Tensors.item(other.value(at.x, at.y)))
          .isCloseTo(Tensors.item(own.value(at.x, at.y)), within(1e-12));
      var a = own.linearize(at.x, at.y);
      var b = other.linearize(at.x, at.y);
      assertThat(Tensors.toArray(b.gradY()))
          .containsExactly(Tensors.toArray(a.gradY()), within(1e-12));
      assertThat(Tensors.toArray(b.hessianVector(at.v)))
          .containsExactly(Tensors.toArray(a.hessianVector(at.v)), within(1e-12));
      // The penalty has no part in the cross derivative: that of the queries is the upper loss's.
      assertThat(Tensors.toArray(b.crossVector(at.v)))
          .containsExactly(
              Tensors.toArray(queries.linearize(at.x, at.y).crossVector(at.v)), within(1e-12))
          .isNotEqualTo(Tensors.toArray(a.crossVector(at.v)));
    }
  }

  @Test
  void blocksMakeUpTheWholeLoss() {
    try (var scope = StateScope.open();
        var problem = open(Map.of())) {
      Point at = Point.of(problem);
      assertThat(problem.stepsPerEpoch()).isEqualTo(3);
      double sum = 0;
      for (int i = 0; i < 3; i++) {
        sum += Tensors.item(problem.upperLoss(at.x, at.y, problem.upperBlock(i, Shard.ALL))) / 3;
      }
      assertThat(problem.evaluate(at.x, at.y).get("upperLoss")).isCloseTo(sum, within(1e-12));
    }
  }

  @ParameterizedTest
  @EnumSource
  void evaluationChangesNothing(HyperRepresentation.Heads heads) {
    String name = heads == HyperRepresentation.Heads.SHARED ? "shared" : "per-task";
    try (var scope = StateScope.open();
        var problem = open(Map.of("heads", name))) {
      Point at = Point.of(problem);
      double[] x = Tensors.toArray(at.x);
      double[] y = Tensors.toArray(at.y);
      Metrics first = problem.evaluate(at.x, at.y);
      assertThat(Tensors.toArray(at.x)).isEqualTo(x);
      assertThat(Tensors.toArray(at.y)).isEqualTo(y);
      long before = NativeObjects.settled();
      assertThat(problem.evaluate(at.x, at.y)).isEqualTo(first);
      assertThat(StateScope.livePointers()).isEqualTo(before);
    }
  }

  @Test
  void pairsNeedTwoTexts() {
    assertThatThrownBy(() -> open(Map.of("encoder", "pair")).close())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The encoder pair reads two texts an example")
        .hasMessageContaining("\nMaybe problem.text2");
  }

  /** A head of a test task starts at zero, or where the heads of all tasks are. */
  @Test
  void onlyASharedHeadMattersForTestTasks() {
    try (var scope = StateScope.open();
        var own = open(Map.of("testSteps", 1, "testLr", 1e-3));
        var shared = open(Map.of("testSteps", 1, "testLr", 1e-3, "heads", "shared"))) {
      Point at = Point.of(own);
      Tensor zero = Tensors.zerosLike(at.y);
      assertThat(own.evaluate(at.x, at.y).get("testAccuracy"))
          .isEqualTo(own.evaluate(at.x, zero).get("testAccuracy"));
      Tensor y = Tensors.scale(3, Point.of(shared).y);
      assertThat(shared.evaluate(at.x, y).get("testAccuracy"))
          .isNotEqualTo(shared.evaluate(at.x, Tensors.scale(-1, y)).get("testAccuracy"));
    }
  }

  @Test
  void headsThatDivergeAreCountedAndLeftOut() {
    try (var scope = StateScope.open();
        var problem = open(Map.of("testLr", 1e30))) {
      Point at = Point.of(problem);
      Metrics metrics = problem.evaluate(at.x, at.y);
      assertThat(metrics.get("divergedHeads")).isEqualTo(5);
      assertThat(metrics.get("testAccuracy")).isNaN();
    }
  }

  /** Heads in y: those at their start are none, larger wrong ones are, and so is no number. */
  @Test
  void headsOfTrainingTasksThatDivergeAreCounted() {
    try (var scope = StateScope.open();
        var problem = open(Map.of())) {
      Start start = problem.start(new Seed(1));
      assertThat(problem.evaluate(start.x(), start.y()).get("divergedTrainHeads")).isZero();
      Tensor y = start.y().clone();
      long head = y.numel() / 6;
      Tensor gradient = oracle(problem, 2).lower().gradientY(start.x(), start.y());
      y.copy_(Tensors.scale(1e6, gradient)); // uphill, for the two tasks of the step
      Metrics metrics = problem.evaluate(start.x(), y);
      assertThat(metrics.get("divergedTrainHeads")).isEqualTo(2);
      assertThat(metrics.get("divergedHeads")).isZero(); // those start at zero
      y.narrow(0, 0, 6 * head).fill_(new Scalar(Double.NaN));
      assertThat(problem.evaluate(start.x(), y).get("divergedTrainHeads")).isEqualTo(6);
    }
  }

  @Test
  void aHeadOfAllTasksThatDivergesIsCountedOnce() {
    try (var scope = StateScope.open();
        var problem = open(Map.of("heads", "shared"))) {
      Start start = problem.start(new Seed(1));
      assertThat(problem.evaluate(start.x(), start.y()).get("divergedTrainHeads")).isZero();
      assertThat(
              problem.evaluate(start.x(), Tensors.scale(1e6, start.y())).get("divergedTrainHeads"))
          .isEqualTo(1);
    }
  }

  /** Larger features have more curvature; at the start it is what the run was warned of. */
  @Test
  void theCurvatureOfTheHeadsIsMeasured() {
    try (var scope = StateScope.open();
        var problem = open(Map.of("pooling", "mean"));
        var larger = open(Map.of("pooling", "mean", "featureScale", 10))) {
      Start start = problem.start(new Seed(1));
      double curvature = problem.evaluate(start.x(), start.y()).get("headCurvature");
      assertThat(curvature).isCloseTo(problem.headCurvature(), within(0.3 * curvature));
      assertThat(larger.evaluate(start.x(), start.y()).get("headCurvature"))
          .isGreaterThan(1.5 * curvature);
    }
  }

  /** The largest eigenvalue of the whole lower Hessian, of the mean over all tasks, times these. */
  @Test
  void theCurvatureIsThatOfAnyHead() {
    int tasks = 12;
    try (var scope = StateScope.open();
        var problem = open(Map.of("tasks", tasks, "taskBatch", tasks))) {
      Point point = Point.of(problem);
      Tensor hessian = oracle(problem, 0).lower().linearize(point.x(), point.y()).dense().hessian();
      double exact = tasks * Tensors.item(torch.linalg_eigvalsh(hessian).max());
      double found = problem.evaluate(point.x(), point.y()).get("headCurvature");
      assertThat(found).isCloseTo(exact, within(0.02 * exact));
      long head = problem.lowerLayout().size() / tasks;
      Tensor first = hessian.narrow(0, 0, 4 * head).narrow(1, 0, 4 * head);
      double ofSome = tasks * Tensors.item(torch.linalg_eigvalsh(first).max());
      assertThat(ofSome).isLessThan(0.95 * exact); // four tasks do not have it
    }
  }

  /** An encoder whose features tell classes apart leads to right answers. */
  @Test
  void separableTasksAreSolved() {
    try (var scope = StateScope.open();
        var problem =
            open(Map.of("shots", 10, "testSteps", 200, "encoder", "mean", "testLr", 0.5))) {
      Tensor none = Tensors.zeros(Device.CPU64, 0);
      Tensor y = problem.start(new Seed(1)).y();
      double accuracy = problem.evaluate(none, y).get("testAccuracy");
      assertThat(accuracy).isGreaterThan(0.65); // chance is 1/3
      assertThat(problem.meanVectorAccuracy()).isEqualTo(accuracy);
    }
  }

  /**
   * For two classes and a head at zero the softmax has curvature ½ along (1, -1), times the largest
   * eigenvalue of the features' second moments, and 2c of the penalty.
   */
  @Test
  void curvatureOfALinearHead() {
    try (var scope = StateScope.open();
        var problem =
            open(Map.of("ways", 2, "split", "classes", "regularization", 0.25, "tasks", 1))) {
      double curvature = problem.headCurvature();
      // |φ|² + 1 of features in [-1, 1] is at most 5, and their bias alone gives ½.
      assertThat(curvature).isBetween(0.5 + 0.5, 2.5 + 0.5);
    }
  }

  @Test
  void whatReadsTokensIsWrittenWithItsOwnSizes() {
    assumeTrue(MiniLm.isAvailable(), "The weights of MiniLM are not on the class path.");
    try (var problem =
        options(Map.of("encoder", "minilm", "hidden", 8, "tasks", 1, "testTasks", 2))
            .open(new Seed(1), Device.CPU)) {
      Start start = problem.start(new Seed(2));
      TextModel model = problem.model(start.x(), start.y());
      assertThat(model.texts().tokenizer()).contains("[CLS]");
      assertThat(model.facts())
          .containsEntry("hidden", 384)
          .containsEntry("layers", 6)
          .containsEntry("attentionHeads", 12)
          .containsEntry("inner", 1536)
          .containsEntry("norm", "post")
          .containsEntry("pooling", "mean")
          .containsEntry("tokenizer", "tokenizer.json");
    }
  }

  @Test
  void mistakesSayWhereTheyAre() {
    assertThatThrownBy(() -> open(Map.of("heldOut", List.of("domain9"))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("There is no 'domain9'");
    assertThatThrownBy(() -> open(Map.of("shots", 30)))
        .hasMessageContaining("No task of 3 classes with 30 + 3 examples");
    assertThatThrownBy(() -> open(Map.of("data", directory.resolve("none.csv").toString())))
        .hasMessageContaining("none.csv");
    assertThatThrownBy(() -> options(Map.of("ways", 1)))
        .hasMessageContaining("The ways (1) of hyper-representation must be at least 2");
  }
}
