package org.stackel.regularization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.model.Classifier;
import org.stackel.model.Head;
import org.stackel.model.Rnn;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class RegularizationTest {
  private static final Device D = Device.CPU64;
  private static final List<String> DOMAINS = List.of("books", "dvd", "sports_&_outdoors", "video");

  @TempDir Path folder;

  private StateScope scope;

  @BeforeEach
  void openScope() {
    scope = StateScope.open();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  /** 400 reviews; the word of a review says which domain it is of. */
  private String file() {
    var csv = new StringBuilder("text,label,domain\n");
    for (int i = 0; i < 400; i++) {
      String domain = DOMAINS.get(i % 4);
      boolean good = i % 3 > 0;
      csv.append(
          "%s is %s number %s,%s,%s\n"
              .formatted(
                  domain.substring(0, 3),
                  good ? "fine" : "poor",
                  "x".repeat(1 + i % 9),
                  good ? "good" : "bad",
                  domain));
    }
    try {
      return Files.writeString(folder.resolve("reviews.csv"), csv).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Regularization.Opened open(Object... more) {
    var options =
        new HashMap<String, Object>(Map.of("data", file(), "vectors", "random", "hidden", 4));
    options.putAll(Map.of("maxTokens", 5, "batch", 20, "upperBatch", 10, "testSize", 100));
    for (int i = 0; i < more.length; i += 2) {
      options.put((String) more[i], more[i + 1]);
    }
    return ((Regularization) Problems.create("regularization", options)).open(new Seed(1), D);
  }

  private static double item(Tensor t) {
    return Tensors.item(t);
  }

  private static Tensor random(long seed, long size) {
    return Tensors.scale(.4, Tensors.randn(new Seed(seed), D, size));
  }

  private static Start near(Regularization.Opened problem) {
    return new Start(
        random(2, problem.upperLayout().size()), random(3, problem.lowerLayout().size()));
  }

  @ParameterizedTest
  @CsvSource({
    "exp, single, squared, rnn",
    "softplus, part, squared, lstm",
    "plain, single, norm, gru",
    "exp, part, norm, transformer"
  })
  void derivativesAgreeWithDifferences(
      String form, String strengths, String penalty, String encoder) {
    try (var problem =
        open("form", form, "strengths", strengths, "penalty", penalty, "encoder", encoder)) {
      var oracle = new AutogradOracle<>(problem, new Seed(5), Sampling.SHARED, Shard.ALL);
      Start at = near(problem);
      Tensor u = random(6, at.x().numel());
      Tensor v = random(7, at.y().numel());
      double h = 1e-5;
      var lower = oracle.lower();
      Tensor up = Tensors.axpy(at.y(), h, v);
      Tensor down = Tensors.axpy(at.y(), -h, v);
      double slope = (item(lower.value(at.x(), up)) - item(lower.value(at.x(), down))) / (2 * h);
      assertThat(item(lower.gradientY(at.x(), at.y()).dot(v))).isCloseTo(slope, within(1e-8));
      double alongX =
          (item(lower.value(Tensors.axpy(at.x(), h, u), at.y()))
                  - item(lower.value(Tensors.axpy(at.x(), -h, u), at.y())))
              / (2 * h);
      assertThat(item(lower.gradient(at.x(), at.y()).x().dot(u))).isCloseTo(alongX, within(1e-8));
      assertThat(Tensors.toArray(oracle.upper().gradient(at.x(), at.y()).x())).containsOnly(0.0);
      double mixed =
          item(
                  lower
                      .gradientY(Tensors.axpy(at.x(), h, u), at.y())
                      .sub(lower.gradientY(Tensors.axpy(at.x(), -h, u), at.y()))
                      .dot(v))
              / (2 * h);
      assertThat(item(lower.linearize(at.x(), at.y()).crossVector(v).dot(u)))
          .isCloseTo(mixed, within(1e-7));
    }
  }

  /** {@code s' ⟨y, v⟩}, or {@code s' ⟨y, v⟩ / (2|y|)} for the norm as in the published script. */
  @ParameterizedTest
  @CsvSource({"exp, squared", "softplus, norm", "plain, squared", "plain, norm"})
  void theCrossDerivativeHasItsClosedForm(String form, String penalty) {
    try (var problem = open("form", form, "penalty", penalty)) {
      var oracle = new AutogradOracle<>(problem, new Seed(5), Sampling.SHARED, Shard.ALL);
      Tensor x = Tensors.of(D, .3);
      Tensor y = random(3, problem.lowerLayout().size());
      Tensor v = random(4, y.numel());
      double slope =
          switch (form) {
            case "exp" -> Math.exp(.3);
            case "softplus" -> 1 / (1 + Math.exp(-.3));
            default -> 1;
          };
      double norm = penalty.equals("norm") ? 2 * item(Tensors.norm(y)) : 1;
      assertThat(item(oracle.lower().linearize(x, y).crossVector(v)))
          .isCloseTo(slope * item(y.dot(v)) / norm, within(1e-9));
      double strength =
          switch (form) {
            case "exp" -> Math.exp(.3);
            case "softplus" -> Math.log1p(Math.exp(.3));
            default -> .3;
          };
      assertThat(problem.evaluate(x, y).get("strength")).isCloseTo(strength, within(1e-12));
    }
  }

  @Test
  void blocksAndHalvesMakeTheWhole() {
    for (int taskSize : new int[] {0, 5}) {
      try (var problem = open("taskSize", taskSize, "tasks", 30)) {
        Start at = near(problem);
        double upper = 0;
        for (int i = 0; i < problem.upperBlocks().count(); i++) {
          upper +=
              problem.upperBlocks().weight(i)
                  * item(problem.upperLoss(at.x(), at.y(), problem.upperBlock(i, Shard.ALL)));
        }
        assertThat(upper)
            .isCloseTo(problem.evaluate(at.x(), at.y()).get("upperLoss"), within(1e-12));
        var draw = new Seed(9);
        double whole = item(problem.lowerLoss(at.x(), at.y(), problem.lowerBatch(draw, Shard.ALL)));
        double halves = 0;
        for (int rank = 0; rank < 2; rank++) {
          halves +=
              item(problem.lowerLoss(at.x(), at.y(), problem.lowerBatch(draw, new Shard(rank, 2))));
        }
        assertThat(halves / 2).isCloseTo(whole, within(1e-12));
      }
    }
  }

  @Test
  void tasksAreOfOneDomainAndHeldOutDomainsAreForTheTest() {
    try (var problem =
        open(
            "heldOut",
            List.of("Sports & Outdoors", "video"),
            "testSize",
            0,
            "taskSize",
            5,
            "tasks",
            8,
            "testTasks",
            6)) {
      assertThat(problem.remarks())
          .contains("40 training, 40 validation and 30 test texts of 2 classes.");
      assertThat(problem.lowerBlocks().count()).isEqualTo(2); // four tasks each
    }
    assertThatThrownBy(() -> open("heldOut", List.of("vidio")).close())
        .hasMessageContaining("There is no domain 'vidio' to hold out")
        .hasMessageContaining("'video' was meant; the domains are books, dvd");
  }

  @Test
  void everyPartOfTheNetworkCanHaveItsStrength() {
    try (var problem = open("strengths", "part", "x0", -3)) {
      Start start = problem.start(new Seed(0));
      int parts = problem.lowerLayout().parts().size();
      assertThat(Tensors.toArray(start.x())).hasSize(parts).containsOnly(-3.0);
      Metrics metrics = problem.evaluate(start.x(), start.y());
      assertThat(metrics.values().keySet().stream().filter(k -> k.startsWith("strength.")))
          .hasSize(parts)
          .contains("strength.encoder.weight_hh_l0", "strength.head.bias0");
    }
  }

  /** The published network. */
  @Test
  void thePublishedSizeIsCounted() {
    var network =
        new Classifier.Encoded(Rnn.elman(300, 2048, 2), new Head(2048, List.of(512, 512), 2));
    assertThat(network.layout().size()).isEqualTo(14_518_274);
  }

  /** As published: strength 0 at the start, not kept positive, the norm not squared. */
  @Test
  void theScriptsHabitsCanBeHad() {
    try (var problem = open("form", "plain", "x0", 0, "penalty", "norm")) {
      Start start = problem.start(new Seed(0));
      assertThat(item(start.x())).isZero();
      var slip =
          Algorithms.create("slip", Map.of("upperLr", 1e-4, "lowerLr", .1, "linearSystemLr", .01));
      double strength = after(slip, problem, 5).get("strength");
      assertThat(Math.abs(strength)).isBetween(1e-9, 5.001e-4);
    }
  }

  @Test
  void trainingLearns() {
    try (var problem = open()) {
      var slip =
          Algorithms.create(
              "slip",
              Map.of("upperLr", .02, "lowerLr", .5, "linearSystemLr", .1, "sampling", "shared"));
      Start start = problem.start(new Seed(4));
      double before = problem.evaluate(start.x(), start.y()).get("upperLoss");
      Metrics metrics = after(slip, problem, 80);
      assertThat(metrics.get("upperLoss")).isLessThan(.5 * before);
      assertThat(metrics.get("testAccuracy")).isGreaterThan(.9);
    }
  }

  private static <S extends Record & AlgorithmState> Metrics after(
      BilevelAlgorithm<S> algorithm, Regularization.Opened problem, long steps) {
    S state =
        algorithm.init(
            problem.start(new Seed(4)),
            new AutogradOracle<>(problem, new Seed(0), Sampling.SHARED, Shard.ALL));
    for (long t = 0; t < steps; t++) {
      var oracle = new AutogradOracle<>(problem, new Seed(0).child(t), Sampling.SHARED, Shard.ALL);
      state = algorithm.step(t, state, oracle);
    }
    return problem.evaluate(state.x(), state.y());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "validationShare|1|must be greater than 0 and less than 1",
        "pooling|first|must be one of max, padded-max, mean, last",
        "encoder|minilm|must be one of gru, lstm, mean, mean-rnn, pair, rnn, transformer",
        "testSize|399|too few texts for training, validation and test",
        "taskSize|7|must be a multiple of taskSize (7)",
        "taskSize|10|No domain has 10",
        "strengths|group|must be one of single, part",
      })
  void saysWhichOptionIsWrong(String key, String value, String rule) {
    Object given = value.matches("-?[0-9]+") ? (Object) Integer.parseInt(value) : value;
    Object[] more = {key, given, "trainSize", 20};
    assertThatThrownBy(() -> open(more).close())
        .as(Arrays.toString(more))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(rule)
        .hasMessageContaining("\nMaybe ");
  }
}
