package org.stackel.cleaning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.hypergradient.ConjugateGradient;
import org.stackel.model.Penalty;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Networks, pairs, and what published scripts do otherwise. */
class CleaningVariantsTest {
  private static final Device D = Device.CPU64;
  private static final List<String> RELATIONS = List.of("entailment", "neutral", "contradiction");

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

  /** 80 premises, each with three hypotheses. */
  private String pairs() {
    var lines = new StringBuilder();
    for (int i = 0; i < 80; i++) {
      for (String relation : RELATIONS) {
        lines.append(
            "{\"sentence1\":\"man number %s walks\",\"sentence2\":\"someone %s %s\",\"gold_label\":\"%s\"}\n"
                .formatted("x".repeat(1 + i), relation, "y".repeat(1 + i % 7), relation));
      }
    }
    try {
      return Files.writeString(folder.resolve("pairs.jsonl"), lines).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DataCleaning.Opened open(Object... more) {
    var options =
        new HashMap<String, Object>(
            Map.of("data", pairs(), "vectors", "random", "model", "pair", "hidden", 3));
    options.putAll(Map.of("maxTokens", 6, "batch", 12, "upperBatch", 8, "noise", "uniform"));
    options.putAll(Map.of("trainSize", 100, "trustedSize", 40, "testSize", 50));
    for (int i = 0; i < more.length; i += 2) {
      options.put((String) more[i], more[i + 1]);
    }
    return ((DataCleaning) Problems.create("data-cleaning", options)).open(new Seed(1), D);
  }

  private static double item(Tensor t) {
    return Tensors.item(t);
  }

  private static Tensor random(long seed, long size) {
    return Tensors.scale(.3, Tensors.randn(new Seed(seed), D, size));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rnn", "lstm", "gru", "transformer", "pair"})
  void everyNetworkHasSecondDerivatives(String model) {
    try (var problem = open("model", model, "hidden", 4, "penalty", "norm")) {
      var lower = new AutogradOracle<>(problem, new Seed(2), Sampling.SHARED, Shard.ALL).lower();
      Tensor x = random(3, problem.upperLayout().size());
      Tensor y = random(4, problem.lowerLayout().size());
      Tensor v = random(5, problem.lowerLayout().size());
      double h = 1e-5;
      Tensor up = Tensors.axpy(y, h, v);
      Tensor down = Tensors.axpy(y, -h, v);
      double slope = (item(lower.value(x, up)) - item(lower.value(x, down))) / (2 * h);
      assertThat(item(lower.gradientY(x, y).dot(v))).isCloseTo(slope, within(1e-8));
      double curvature =
          item(lower.gradientY(x, up).sub(lower.gradientY(x, down)).dot(v)) / (2 * h);
      assertThat(item(lower.linearize(x, y).hessianVector(v).dot(v)))
          .isCloseTo(curvature, within(1e-6));
      assertThat(problem.evaluate(x, y).get("testAccuracy")).isBetween(0.0, 1.0);
    }
  }

  @Test
  void premisesStayInOneSet() {
    try (var together = open("grouping", "text");
        var apart = open()) {
      assertThat(cutPremises(together)).isEqualTo(1); // the last one
      assertThat(cutPremises(apart)).isGreaterThan(10);
      assertThat(together.examples().train()).isEqualTo(100);
    }
    assertThatThrownBy(() -> open("grouping", "text", "trainSize", 150))
        .hasMessageContaining("Groups stay together, and 14")
        .hasMessageContaining("are left where 150 are wanted");
  }

  /** Premises of which only a part of the three pairs is trained on. */
  private static long cutPremises(DataCleaning.Opened problem) {
    var counts = new HashMap<Integer, Integer>();
    for (int row : problem.examples().rows()) {
      counts.merge((row - 1) / 3, 1, Integer::sum);
    }
    return counts.values().stream().filter(count -> count < 3).count();
  }

  @Test
  void theNormIsNotSquared() {
    try (var squared = open("regularization", .1);
        var plain = open("regularization", .1, "penalty", "norm")) {
      Tensor x = random(3, 100);
      Tensor y = random(4, squared.lowerLayout().size());
      var batch = squared.lowerBatch(new Seed(5), Shard.ALL);
      double difference = item(squared.lowerLoss(x, y, batch)) - item(plain.lowerLoss(x, y, batch));
      double norm = item(Tensors.norm(y));
      assertThat(difference).isCloseTo(.1 * (norm * norm - norm), within(1e-10));
      Tensor zero = Tensors.zeros(D, y.numel());
      assertThat(Tensors.isFinite(Penalty.NORM.of(zero))).isTrue();
    }
  }

  @Test
  void theUpperLossCanBeOfTheNoisyExamples() {
    try (var script = open("upperData", "training", "upperBatch", 0);
        var paper = open("upperBatch", 0)) {
      Tensor x = random(3, 100);
      Tensor y = random(4, script.lowerLayout().size());
      double ofAll = item(script.upperLoss(x, y, script.upperBlock(0, Shard.ALL)));
      assertThat(script.upperBlocks().examples()).isEqualTo(100);
      assertThat(ofAll)
          .isCloseTo(
              item(script.upperLoss(x, y, script.upperBatch(new Seed(1), Shard.ALL))),
              within(1e-12))
          .isNotEqualTo(item(paper.upperLoss(x, y, paper.upperBlock(0, Shard.ALL))));
      // With equal weights of one half, the lower loss of all examples is half of it.
      double c = script.options().penaltyTerm().regularization();
      var everything = open("batch", 100, "upperData", "training");
      double half =
          item(everything.lowerLoss(Tensors.zeros(D, 100), y, everything.lowerBlock(0, Shard.ALL)));
      assertThat(half - c * item(y.dot(y))).isCloseTo(ofAll / 2, within(1e-12));
      everything.close();
    }
  }

  @Test
  void noiseCanBeDrawnForEveryBatch() {
    try (var problem = open("noiseDraw", "every-batch", "noiseRate", .4, "batch", 100)) {
      assertThat(problem.examples().flipped()).isNull();
      Tensor truth = Tensors.indices(D, problem.examples().truth());
      int wrong = 0;
      for (int draw = 0; draw < 20; draw++) {
        var batch = problem.lowerBatch(new Seed(draw), Shard.ALL);
        var again = problem.lowerBatch(new Seed(draw), Shard.ALL);
        long[] given = Tensors.toLongs(batch.labels());
        assertThat(given).containsExactly(Tensors.toLongs(again.labels()));
        long[] right = Tensors.toLongs(truth.index_select(0, batch.examples()));
        for (int i = 0; i < given.length; i++) {
          wrong += given[i] == right[i] ? 0 : 1;
        }
      }
      assertThat(wrong).isBetween(700, 900);
      var left = problem.lowerBatch(new Seed(3), new Shard(0, 2));
      var whole = problem.lowerBatch(new Seed(3), Shard.ALL);
      assertThat(Tensors.toLongs(whole.labels())[2]).isEqualTo(Tensors.toLongs(left.labels())[1]);
    }
  }

  @Test
  void aPairNeedsTwoTexts() throws IOException {
    Path file = folder.resolve("one.csv");
    Files.writeString(file, "text,label\n" + "a,x\nb,y\n".repeat(200));
    assertThatThrownBy(() -> open("data", file.toString()))
        .hasMessageContaining("The encoder pair reads two texts an example");
  }

  // ---- closed form ---------------------------------------------------------------------------

  /** One example with target t, weight σ(x), and penalty μ y²/2; the upper loss is y. */
  private record Scalars(double t, double mu) implements FeatureProblem<Integer> {
    @Override
    public Layout upperLayout() {
      return Layout.vector("x", 1);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("y", 1);
    }

    @Override
    public Start start(Seed seed) {
      return new Start(Tensors.of(D, 1.0), Tensors.zeros(D, 1));
    }

    @Override
    public Integer upperBatch(Seed draw, Shard shard) {
      return 0;
    }

    @Override
    public Integer lowerBatch(Seed draw, Shard shard) {
      return 0;
    }

    @Override
    public Tensor features(Tensor x, Integer batch) {
      return x.sigmoid();
    }

    @Override
    public Tensor upperLossOf(Tensor weight, Tensor y, Integer batch) {
      return y.sum();
    }

    @Override
    public Tensor lowerLossOf(Tensor weight, Tensor y, Integer batch) {
      Tensor error = y.sub(new Scalar(t));
      return Tensors.combine(.5, weight.mul(error).mul(error), mu / 2, y.mul(y)).sum();
    }

    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      return Metrics.NONE;
    }

    @Override
    public void close() {}
  }

  @Test
  void theWeightOfOneExampleHasItsClosedForm() {
    var problem = new Scalars(2, .1);
    double s = 1 / (1 + Math.exp(-1));
    double solution = s * 2 / (s + .1);
    assertThat(solution).isCloseTo(1.7593430774, within(1e-9));
    var oracle = new AutogradOracle<>(problem, new Seed(0), Sampling.SHARED, Shard.ALL);
    Tensor y = Tensors.of(D, solution);
    Tensor x = Tensors.of(D, 1.0);
    assertThat(item(oracle.lower().gradientY(x, y))).isCloseTo(0, within(1e-12));
    var found = new ConjugateGradient(3, 0, 0).sample(oracle).at(x, y);
    assertThat(item(found.direction())).isCloseTo(.0569346422, within(1e-9));
  }
}
