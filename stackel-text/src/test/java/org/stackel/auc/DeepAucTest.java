package org.stackel.auc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.hypergradient.Neumann;
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

class DeepAucTest {
  private static final Device D = Device.CPU64;

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

  // ---- the saddle function -------------------------------------------------------------------

  private static double item(Tensor t) {
    return Tensors.item(t);
  }

  private static Tensor at(double... numbers) {
    return Tensors.of(D, numbers);
  }

  /** Scores, labels, a and b of the worked example. */
  private static Tensor example(DeepAuc.Saddle saddle) {
    return saddle.summary(at(.1, .4, .35, .8), at(0, 0, 1, 1), at(.3), at(.2));
  }

  @Test
  void theWorkedExampleHasItsValue() {
    var saddle = new DeepAuc.Saddle(DeepAuc.Form.AUCM, .5, 1);
    assertThat(item(saddle.value(example(saddle), at(.5)))).isCloseTo(.1440625, within(1e-12));
    assertThat(item(saddle.solution(example(saddle)))).isCloseTo(.675, within(1e-12));
    // Divided by p(1-p) it is the other common version.
    assertThat(item(saddle.value(example(saddle), at(.5))) / saddle.spread())
        .isCloseTo(.57625, within(1e-12));
  }

  /**
   * {@code F = p(1-p) F'} with the other common version, of means over each class, {@code F' =
   * E[(h-a)²|+] + E[(h-b)²|-] + 2α (m + E[h|-] - E[h|+]) - α²}, on any data.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theTwoCommonVersionsDifferByAFactor(int seed) {
    double[] h = Tensors.toArray(Tensors.randn(new Seed(seed), D, 11).sigmoid());
    double[] positive = new double[h.length];
    Arrays.fill(positive, 0, 2 + seed, 1);
    double p = (2.0 + seed) / h.length;
    double a = .3;
    double b = .6;
    double alpha = -.4;
    double other =
        squares(h, positive, 1, a)
            + squares(h, positive, 0, b)
            + 2 * alpha * (.8 + mean(h, positive, 0) - mean(h, positive, 1))
            - alpha * alpha;
    var saddle = new DeepAuc.Saddle(DeepAuc.Form.AUCM, p, .8);
    Tensor summary = saddle.summary(at(h), at(positive), at(a), at(b));
    assertThat(item(saddle.value(summary, at(alpha))))
        .isCloseTo(p * (1 - p) * other, within(1e-14));
  }

  private static double squares(double[] h, double[] positive, double kind, double from) {
    double mean = mean(h, positive, kind);
    return variance(h, positive, kind) + (mean - from) * (mean - from);
  }

  /** -2p(1-p) in every form, whatever the sample: -2 after division by p(1-p). */
  @ParameterizedTest
  @CsvSource({"AUCM, .8, .32", "YING, .8, .32", "SCRIPT, .8, .32", "AUCM, .9, .18", "AUCM, .5, .5"})
  void theCurvatureInAlpha(DeepAuc.Form form, double p, double expected) {
    var saddle = new DeepAuc.Saddle(form, p, 1);
    Tensor summary = example(saddle);
    double bend =
        item(saddle.value(summary, at(1.5)))
            - 2 * item(saddle.value(summary, at(.5)))
            + item(saddle.value(summary, at(-.5)));
    assertThat(-bend).isCloseTo(expected, within(1e-12));
    assertThat(-bend / saddle.spread()).isCloseTo(2, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({
    // scores 1 on positives and 0 on others: everything fits
    "AUCM, 1, 0, 0, 0",
    "SCRIPT, 1, 0, 0, 0",
    // constant scores
    "AUCM, .5, .5, 1, 1",
    "SCRIPT, .5, .5, 1, 3",
    "YING, .5, .5, 0, 0"
  })
  void theBestValueIsKnown(
      DeepAuc.Form form, double onPositive, double onOthers, double alpha, double factor) {
    var saddle = new DeepAuc.Saddle(form, .2, 1);
    Tensor h = at(onPositive, onOthers, onOthers, onOthers, onOthers);
    Tensor summary = saddle.summary(h, at(1, 0, 0, 0, 0), at(onPositive), at(onOthers));
    assertThat(item(saddle.solution(summary))).isCloseTo(alpha, within(1e-15));
    assertThat(item(saddle.value(summary, saddle.solution(summary))))
        .isCloseTo(factor * saddle.spread(), within(1e-15));
  }

  /** F* is p(1-p) (Var₊ + Var₋ + (α* + shift)² - shift), whatever the scores are. */
  @ParameterizedTest
  @EnumSource(DeepAuc.Form.class)
  void theSolutionIsAMaximumInAlphaAndAMinimumInTheRest(DeepAuc.Form form) {
    double[] h = {.9, .2, .7, .4, .1, .6, .3};
    double[] positive = {1, 0, 1, 0, 0, 1, 0};
    var saddle = new DeepAuc.Saddle(form, 3 / 7.0, .8);
    double onPositive = mean(h, positive, 1);
    double onOthers = mean(h, positive, 0);
    Tensor summary = saddle.summary(at(h), at(positive), at(onPositive), at(onOthers));
    double alpha = item(saddle.solution(summary));
    double margin = form == DeepAuc.Form.YING ? 0 : .8;
    assertThat(alpha).isCloseTo(margin + onOthers - onPositive, within(1e-14));
    double shift = form == DeepAuc.Form.AUCM ? 0 : 1;
    double variances = variance(h, positive, 1) + variance(h, positive, 0);
    double best = item(saddle.value(summary, at(alpha)));
    double expected =
        saddle.spread() * (variances + (alpha + shift) * (alpha + shift) - shift * shift);
    assertThat(best).isCloseTo(expected, within(1e-14));
    for (double step : new double[] {-1e-3, 1e-3}) {
      assertThat(item(saddle.value(summary, at(alpha + step)))).isLessThan(best);
      assertThat(best(saddle, h, positive, onPositive + step, onOthers)).isGreaterThan(best);
      assertThat(best(saddle, h, positive, onPositive, onOthers + step)).isGreaterThan(best);
    }
  }

  private static double best(
      DeepAuc.Saddle saddle, double[] h, double[] positive, double a, double b) {
    Tensor summary = saddle.summary(at(h), at(positive), at(a), at(b));
    return item(saddle.value(summary, saddle.solution(summary)));
  }

  private static double mean(double[] h, double[] positive, double kind) {
    return IntStream.range(0, h.length)
        .filter(i -> positive[i] == kind)
        .mapToDouble(i -> h[i])
        .average()
        .orElseThrow();
  }

  private static double variance(double[] h, double[] positive, double kind) {
    double mean = mean(h, positive, kind);
    return IntStream.range(0, h.length)
        .filter(i -> positive[i] == kind)
        .mapToDouble(i -> (h[i] - mean) * (h[i] - mean))
        .average()
        .orElseThrow();
  }

  /** Ying's function is the one with margin 1, α shifted by 1, up to p(1-p). */
  @Test
  void theFormsAgreeUpToAShift() {
    var ying = new DeepAuc.Saddle(DeepAuc.Form.YING, .3, 1);
    var aucm = new DeepAuc.Saddle(DeepAuc.Form.AUCM, .3, 1);
    double first = item(ying.value(example(ying), ying.solution(example(ying))));
    double second = item(aucm.value(example(aucm), aucm.solution(example(aucm))));
    assertThat(first).isCloseTo(second - aucm.spread(), within(1e-14));
  }

  @ParameterizedTest
  @EnumSource(DeepAuc.Form.class)
  void theSlopeInAlphaIsThatOfTheClosedForm(DeepAuc.Form form) {
    var saddle = new DeepAuc.Saddle(form, .3, .7);
    Tensor summary = example(saddle);
    Tensor alpha = at(.4).set_requires_grad(true);
    Tensor slope =
        torch.grad(new TensorVector(saddle.value(summary, alpha)), new TensorVector(alpha)).get(0);
    double expected = 2 * saddle.spread() * (item(saddle.solution(summary)) - .4);
    assertThat(item(slope)).isCloseTo(expected, within(1e-14));
  }

  /** All positives at a and all others at b, in single precision. */
  @Test
  void saturatedScoresAreFinite() {
    var saddle = new DeepAuc.Saddle(DeepAuc.Form.AUCM, .5, 1);
    Tensor logits = Tensors.of(Device.CPU, 200.0, -200.0).set_requires_grad(true);
    Tensor zero = Tensors.zeros(Device.CPU, 1);
    Tensor one = Tensors.full(Device.CPU, 1, 1);
    Tensor summary = saddle.summary(logits.sigmoid(), Tensors.of(Device.CPU, 1.0, 0.0), one, zero);
    Tensor value = saddle.value(summary, zero);
    Tensor slope = torch.grad(new TensorVector(value), new TensorVector(logits)).get(0);
    assertThat(Tensors.isFinite(value)).isTrue();
    assertThat(Tensors.isFinite(slope)).isTrue();
  }

  // ---- the problem ---------------------------------------------------------------------------

  private static final String[] GOOD = {"fine", "great", "love", "nice", "happy"};
  private static final String[] BAD = {"poor", "awful", "hate", "broken", "sad"};

  /** 240 texts, a quarter of them bad; all have words that say nothing. */
  private String file() {
    var csv = new StringBuilder("text,label\n");
    for (int i = 0; i < 240; i++) {
      boolean bad = i % 4 == 0;
      String word = (bad ? BAD : GOOD)[i % 5];
      csv.append(
          "the book number is %s and the %s page,%s\n"
              .formatted(word, i % 3 == 0 ? "first" : "last", bad ? "bad" : "good"));
    }
    try {
      return Files.writeString(folder.resolve("texts.csv"), csv).toString();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private DeepAuc.Opened open(Object... more) {
    var options =
        new HashMap<String, Object>(
            Map.of("data", file(), "vectors", "random", "trainSize", 160, "testSize", 60));
    options.put("split", "halves"); // what differs between the levels can be told apart
    options.putAll(Map.of("hidden", 5, "maxTokens", 8, "batch", 16, "upperBatch", 10));
    for (int i = 0; i < more.length; i += 2) {
      options.put((String) more[i], more[i + 1]);
    }
    return ((DeepAuc) Problems.create("deep-auc", options)).open(new Seed(1), D);
  }

  private static Start near(DeepAuc.Opened problem) {
    Tensor start = problem.start(new Seed(2)).x();
    long n = start.numel();
    return new Start(Tensors.axpy(start, .3, Tensors.randn(new Seed(3), D, n)), Tensors.of(D, .37));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mean", "rnn", "lstm", "gru", "transformer"})
  void derivativesAgreeWithDifferences(String encoder) {
    try (var problem = open("encoder", encoder, "hidden", 4)) {
      var oracle = new AutogradOracle<>(problem, new Seed(5), Sampling.SHARED, Shard.ALL);
      Start at = near(problem);
      Tensor u = Tensors.randn(new Seed(6), D, at.x().numel());
      double h = 1e-5;
      for (var loss : java.util.List.of(oracle.upper(), oracle.lower())) {
        var gradient = loss.gradient(at.x(), at.y());
        double alongX =
            item(loss.value(Tensors.axpy(at.x(), h, u), at.y()))
                - item(loss.value(Tensors.axpy(at.x(), -h, u), at.y()));
        assertThat(item(gradient.x().dot(u)))
            .isCloseTo(alongX / (2 * h), within(1e-6 * (1 + Math.abs(alongX / h))));
      }
      Tensor v = at(1);
      double cross = item(oracle.lower().linearize(at.x(), at.y()).crossVector(v).dot(u));
      double slopes =
          item(oracle.lower().gradientY(Tensors.axpy(at.x(), h, u), at.y()))
              - item(oracle.lower().gradientY(Tensors.axpy(at.x(), -h, u), at.y()));
      assertThat(cross).isCloseTo(slopes / (2 * h), within(1e-6 * (1 + Math.abs(cross))));
    }
  }

  /** 2p(1-p) on every sample, or 1; one step of size 1 is then the sample's α*. */
  @Test
  void theCurvatureIsKnownOnEverySample() {
    try (var plain = open();
        var exact = open("lower", "exact")) {
      double p = plain.ratio();
      assertThat(p).isEqualTo(exact.ratio()).isBetween(.2, .3);
      Start at = near(plain);
      for (int draw = 0; draw < 3; draw++) {
        var first = new AutogradOracle<>(plain, new Seed(draw), Sampling.SHARED, Shard.ALL);
        var second = new AutogradOracle<>(exact, new Seed(draw), Sampling.SHARED, Shard.ALL);
        var g = first.lower().linearize(at.x(), at.y());
        var scaled = second.lower().linearize(at.x(), at.y());
        assertThat(item(g.hessianVector(at(1)))).isCloseTo(2 * p * (1 - p), within(1e-14));
        assertThat(item(scaled.hessianVector(at(1)))).isCloseTo(1, within(1e-14));
        Tensor solution = at.y().sub(scaled.gradY());
        assertThat(item(first.lower().gradientY(at.x(), solution))).isCloseTo(0, within(1e-14));
      }
    }
  }

  /** With full batches, one term of the series is exact: it is the slope of f(x, α*(x)). */
  @ParameterizedTest
  @EnumSource(DeepAuc.Form.class)
  void theHypergradientIsTheSlopeOfTheValueFunction(DeepAuc.Form form) {
    try (var problem =
        open(
            "lower",
            "exact",
            "form",
            form.name().toLowerCase(java.util.Locale.ROOT),
            "batch",
            80,
            "upperBatch",
            0)) {
      Start at = near(problem);
      var oracle = new AutogradOracle<>(problem, new Seed(5), Sampling.SHARED, Shard.ALL);
      Tensor y = at.y().sub(oracle.lower().gradientY(at.x(), at.y()));
      assertThat(problem.evaluate(at.x(), y).get("lowerDistance")).isCloseTo(0, within(1e-12));
      Tensor slope = new Neumann(Neumann.Form.A, 1, 1).sample(oracle).at(at.x(), y).direction();
      Tensor u = Tensors.randn(new Seed(6), D, at.x().numel());
      double h = 1e-5;
      double difference =
          problem.evaluate(Tensors.axpy(at.x(), h, u), y).get("valueFunction")
              - problem.evaluate(Tensors.axpy(at.x(), -h, u), y).get("valueFunction");
      assertThat(item(slope.dot(u))).isCloseTo(difference / (2 * h), within(1e-7));
    }
  }

  @Test
  void blocksAndHalvesMakeTheWhole() {
    try (var problem = open("batch", 16, "upperBatch", 10)) {
      Start at = near(problem);
      double upper = 0;
      for (int i = 0; i < problem.upperBlocks().count(); i++) {
        upper +=
            problem.upperBlocks().weight(i)
                * item(problem.upperLoss(at.x(), at.y(), problem.upperBlock(i, Shard.ALL)));
      }
      assertThat(upper).isCloseTo(problem.evaluate(at.x(), at.y()).get("upperLoss"), within(1e-12));
      var draw = new Seed(9);
      double whole = item(problem.lowerLoss(at.x(), at.y(), problem.lowerBatch(draw, Shard.ALL)));
      double halves = 0;
      for (int rank = 0; rank < 2; rank++) {
        halves +=
            item(problem.lowerLoss(at.x(), at.y(), problem.lowerBatch(draw, new Shard(rank, 2))));
      }
      assertThat(halves / 2).isCloseTo(whole, within(1e-12));
      assertThat(problem.stepsPerEpoch()).isEqualTo(5);
    }
  }

  @Test
  void theRarerClassIsPositiveUnlessOneIsNamed() {
    try (var rare = open();
        var named = open("positive", "good")) {
      assertThat(rare.remarks()).anyMatch(r -> r.startsWith("bad is positive: 2"));
      assertThat(named.ratio()).isCloseTo(1 - rare.ratio(), within(1e-12));
    }
    assertThatThrownBy(() -> open("positive", "god"))
        .hasMessageContaining("The class 'god' is unknown");
  }

  @Test
  void trainingExamplesAreThinnedAndTestExamplesAreNot() {
    try (var problem = open("imratio", .1, "trainSize", 80)) {
      boolean[] positives = problem.positives();
      assertThat(positives).hasSize(140);
      assertThat(count(positives, 0, 80)).isEqualTo(8);
      assertThat(count(positives, 80, 140)).isBetween(9L, 22L);
      assertThat(problem.ratio()).isEqualTo(.1);
      assertThat(problem.examples(DeepAuc.Part.LOWER)).hasSize(40).contains(0, 39);
      assertThat(problem.examples(DeepAuc.Part.UPPER)).hasSize(40).contains(40, 79);
    }
    try (var problem = open("imratio", .5, "trainSize", 0)) {
      long all = problem.positives().length - 60L;
      assertThat(count(problem.positives(), 0, (int) all)).isEqualTo(all / 2);
      // Both halves have both kinds, though one kind was thinned and the other was not.
      long half = problem.examples(DeepAuc.Part.LOWER).length;
      assertThat((double) count(problem.positives(), 0, (int) half) / half).isBetween(.3, .7);
    }
    assertThatThrownBy(() -> open("imratio", .5))
        .hasMessageContaining("80 positive and 80 negative examples are wanted");
  }

  private static long count(boolean[] positives, int from, int to) {
    return IntStream.range(from, to).filter(i -> positives[i]).count();
  }

  /** A published script takes p from the first minibatch, and scores by the softmax. */
  @Test
  void theScriptsHabitsCanBeHad() {
    try (var script =
            open("ratio", "first-batch", "batch", 25, "logits", 2, "score", "difference");
        var other = open("batch", 25, "logits", 2)) {
      assertThat(script.ratio() * 25).isCloseTo(Math.rint(script.ratio() * 25), within(1e-9));
      assertThat(script.ratio()).isNotEqualTo(other.ratio());
      assertThat(script.upperLayout().size()).isEqualTo(other.upperLayout().size());
      Start at = near(script);
      assertThat(script.evaluate(at.x(), at.y()).get("testAuc"))
          .isNotEqualTo(other.evaluate(at.x(), at.y()).get("testAuc"));
    }
    assertThatThrownBy(() -> open("score", "difference"))
        .hasMessageContaining("must be logit where there is one logit");
  }

  /** The published network: 56,823,810 weights, a and b. */
  @Test
  void thePublishedSizesAreCounted() {
    try (var scoped = StateScope.open()) {
      var network =
          new org.stackel.model.Classifier.Encoded(
              org.stackel.model.Rnn.elman(300, 4096, 2),
              new org.stackel.model.Head(4096, java.util.List.of(1024, 1024), 2));
      assertThat(network.layout().size()).isEqualTo(56_823_810);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"slip", "bo-rep", "adambo", "accbo"})
  void trainingRaisesTheAuc(String name) {
    var options =
        new HashMap<String, Object>(
            Map.of(
                "lowerLr",
                1,
                "linearSystemLr",
                1,
                "neumannStep",
                1,
                "neumannTerms",
                1,
                "upperLr",
                name.equals("adambo") ? .01 : .05,
                "sampling",
                "shared"));
    options.keySet().retainAll(Algorithms.named(name).options().keySet());
    try (var problem = open("lower", "exact")) {
      var algorithm = Algorithms.create(name, options);
      assertThat(aucAfter(algorithm, problem, 150)).isGreaterThan(.8);
    }
  }

  private static <S extends Record & AlgorithmState> double aucAfter(
      BilevelAlgorithm<S> algorithm, DeepAuc.Opened problem, long steps) {
    S state =
        algorithm.init(
            problem.start(new Seed(4)),
            new AutogradOracle<>(problem, new Seed(0), Sampling.SHARED, Shard.ALL));
    double before = problem.evaluate(state.x(), state.y()).get("valueFunction");
    for (long t = 0; t < steps; t++) {
      var oracle = new AutogradOracle<>(problem, new Seed(0).child(t), Sampling.SHARED, Shard.ALL);
      state = algorithm.step(t, state, oracle);
    }
    Metrics after = problem.evaluate(state.x(), state.y());
    assertThat(after.get("valueFunction")).isLessThan(before);
    return after.get("testAuc");
  }

  @Test
  void crossEntropyIsTrainedOnTheSameTexts() {
    try (var problem = open()) {
      var results = new CrossEntropy(problem, 200, new Seed(1), System::nanoTime).baselines();
      assertThat(results).hasSize(2);
      results.forEach(r -> assertThat(r.metrics().get("testAuc")).as(r.method()).isGreaterThan(.9));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logits|3|must be 1 or 2",
        "imratio|1|must be greater than 0 and less than 1",
        "margin|-1|must be at least 0",
        "pooling|first|must be one of max, padded-max, mean, last",
        "encoder|minilm|must be one of gru, lstm, mean, mean-rnn, pair, rnn, transformer",
        "encoder|pair|The encoder pair reads two texts an example",
        "testSize|200|trainSize and testSize ask for 360",
        "form|aucm2|must be one of aucm, ying, script",
      })
  void saysWhichOptionIsWrong(String key, String value, String rule) {
    Object given = value.matches("-?[0-9]+") ? (Object) Integer.parseInt(value) : value;
    assertThatThrownBy(() -> open(key, given).close())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(rule)
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void manyClassesNeedAPositiveOne() throws IOException {
    Path file = folder.resolve("three.csv");
    Files.writeString(file, "text,label\n" + "one,a\ntwo,b\nthree,c\n".repeat(9));
    assertThatThrownBy(() -> open("data", file.toString(), "trainSize", 0, "testSize", 3))
        .hasMessageContaining("The data has 3 classes; one must be named as the positive one.");
    try (var problem =
        open("data", file.toString(), "trainSize", 0, "testSize", 3, "positive", "b")) {
      assertThat(Arrays.asList(problem.ratio())).allSatisfy(p -> assertThat(p).isBetween(.2, .45));
    }
  }
}
