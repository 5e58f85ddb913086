package org.stackel.auc;

import static org.assertj.core.api.Assertions.assertThat;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.stackel.algorithm.Slip;
import org.stackel.check.Check;
import org.stackel.check.CheckPlan;
import org.stackel.experiment.Experiment;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.Baselines;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.run.RunListener;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** What the levels are trained on, where training starts, and whether the losses are F. */
class SplitAndPretrainingTest {
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

  /** Every fourth text is positive; one of its four words says so in two of three texts. */
  private String file() {
    var random = new Seed(7).generator();
    var rows = new StringBuilder("text,label\n");
    for (int i = 0; i < 260; i++) {
      boolean isPositive = i % 4 == 0;
      String word = random.nextInt(3) == 0 ? "plain" : isPositive ? "sad" : "fine";
      rows.append(
          "w%d w%d %s w%d,%s%n"
              .formatted(
                  random.nextInt(20),
                  random.nextInt(20),
                  word,
                  random.nextInt(20),
                  isPositive ? "yes" : "no"));
    }
    try {
      return Files.writeString(folder.resolve("texts.csv"), rows).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DeepAuc options(Map<String, ?> more) {
    var options = new HashMap<String, Object>();
    options.put("data", file());
    options.put("vectors", "random");
    options.put("positive", "yes");
    options.putAll(Map.of("trainSize", 160, "testSize", 100, "hidden", 4, "maxTokens", 5));
    options.putAll(Map.of("batch", 20, "upperBatch", 16));
    options.putAll(more);
    return (DeepAuc) Problems.create("deep-auc", options);
  }

  private DeepAuc.Opened open(Map<String, ?> more) {
    return options(more).open(new Seed(1), D);
  }

  private static double item(Tensor number) {
    return Tensors.item(number);
  }

  // ---- split ---------------------------------------------------------------------------------

  @Test
  void withoutASplitBothLevelsHaveAllTrainingExamples() {
    try (var problem = open(Map.of())) {
      int[] all = problem.trainingExamples();
      assertThat(all).hasSize(160);
      assertThat(problem.examples(DeepAuc.Part.LOWER)).isEqualTo(all);
      assertThat(problem.examples(DeepAuc.Part.UPPER)).isEqualTo(all);
      assertThat(problem.examples(DeepAuc.Part.TEST)).hasSize(100).startsWith(160);
      Start at = problem.start(new Seed(2));
      assertThat(problem.evaluate(at.x(), at.y()).values()).doesNotContainKey("validationAuc");
    }
  }

  /**
   * With halves the best network ranks one half backwards: F at the other half's α* is then {@code
   * -4p(1-p)}, where the F of one sample at its own α* is never below 0.
   */
  @Test
  void halvesRewardARankingThatIsBackwards() {
    double p = .2;
    var saddle = new DeepAuc.Saddle(DeepAuc.Form.AUCM, p, 1);
    Tensor positive = Tensors.of(D, new double[] {1, 0, 0, 0, 0});
    Tensor right = Tensors.of(D, new double[] {1, 0, 0, 0, 0});
    Tensor backwards = Tensors.of(D, new double[] {0, 1, 1, 1, 1});
    Tensor one = Tensors.of(D, new double[] {1});
    Tensor zero = Tensors.of(D, new double[] {0});
    Tensor upper = saddle.summary(right, positive, one, zero);
    Tensor lower = saddle.summary(backwards, positive, one, zero);
    assertThat(item(saddle.value(upper, saddle.solution(lower))))
        .isCloseTo(-4 * p * (1 - p), within(1e-12));
    assertThat(item(saddle.value(upper, saddle.solution(upper)))).isCloseTo(0, within(1e-12));
    for (int seed = 0; seed < 20; seed++) {
      Tensor h = Tensors.randn(new Seed(seed), D, 5).sigmoid();
      Tensor any = saddle.summary(h, positive, one, zero);
      double own = item(saddle.value(any, saddle.solution(any)));
      assertThat(own).isPositive();
      // What the other half's α* changes is the square of the difference of the gaps, rewarded.
      double difference = item(saddle.solution(any)) - item(saddle.solution(lower));
      assertThat(item(saddle.value(any, saddle.solution(lower))))
          .isCloseTo(own - p * (1 - p) * difference * difference, within(1e-12));
    }
  }

  // ---- pretraining ---------------------------------------------------------------------------

  /** A step of Adam is as in the comparison; a, b and α are where F has no slope. */
  @ParameterizedTest
  @EnumSource(DeepAuc.Form.class)
  void pretrainingEndsAtTheBestAAndBAndAlpha(DeepAuc.Form form) {
    try (var problem =
        open(
            Map.of(
                "form",
                form.toString().toLowerCase(java.util.Locale.ROOT),
                "batch",
                160,
                "upperBatch",
                0,
                "pretraining",
                Map.of("steps", 30, "lr", .02)))) {
      Start at = problem.start(new Seed(2));
      var oracle = new AutogradOracle<>(problem, new Seed(5), Sampling.SHARED, Shard.ALL);
      var gradient = oracle.upper().gradient(at.x(), at.y());
      double[] slopes = Tensors.toArray(gradient.x());
      assertThat(Tensors.toArray(gradient.y())[0]).isCloseTo(0, within(1e-12));
      assertThat(slopes[slopes.length - 2]).isCloseTo(0, within(1e-12));
      assertThat(slopes[slopes.length - 1]).isCloseTo(0, within(1e-12));
      assertThat(problem.evaluate(at.x(), at.y()).get("trainAuc")).isGreaterThan(.8);
      assertThat(Tensors.toArray(problem.start(new Seed(2)).x()))
          .isEqualTo(Tensors.toArray(at.x()));
    }
    try (var problem = open(Map.of())) {
      Start at = problem.start(new Seed(2));
      assertThat(problem.evaluate(at.x(), at.y()).get("trainAuc")).isLessThan(.7);
    }
  }

  /** Few definitions of WordNet, and as many steps of cross entropy as of both trainings. */
  @Test
  void theAucIsNotBehindCrossEntropy() {
    var sizes = Map.of("trainSize", 800, "testSize", 1_500, "hidden", 8, "maxTokens", 10);
    var options = new HashMap<String, Object>(sizes);
    options.putAll(Map.of("batch", 64, "upperBatch", 64, "pretraining", Map.of("steps", 80)));
    var seed = new Seed(0);
    try (var problem = ((DeepAuc) Problems.create("deep-auc", options)).open(seed, Device.CPU);
        var solver = Solver.start(new Slip().suitedTo(problem.scales(40)), problem, seed)) {
      while (solver.step() < 40) {
        solver.next();
      }
      double auc = problem.evaluate(solver.x(), solver.state().y()).get("testAuc");
      var reference = problem.baselines(Baselines.ALL, seed, 40);
      assertThat(reference).hasSize(1);
      assertThat(auc).isGreaterThan(reference.get(0).metrics().get("testAuc") - .01);
    }
  }

  @Test
  void aRunThatBeganWithPretrainingGoesOn() {
    var algorithm = Slip.builder().upperLr(.01).lowerLr(.5).build();
    try (var problem = open(Map.of("pretraining", Map.of("steps", 10)));
        var whole = Solver.start(algorithm, problem, new Seed(3));
        var resumed = Solver.start(algorithm, problem, new Seed(3))) {
      for (int t = 0; t < 2; t++) {
        whole.next();
      }
      var saved = new HashMap<String, Tensor>();
      whole.tensors().forEach((name, tensor) -> saved.put(name, tensor.clone()));
      resumed.restore(2, whole.calls(), saved);
      for (int t = 0; t < 3; t++) {
        whole.next();
        resumed.next();
      }
      assertThat(Tensors.toArray(resumed.x())).isEqualTo(Tensors.toArray(whole.x()));
    }
  }

  // ---- facts ---------------------------------------------------------------------------------

  private enum Bug {
    NONE,
    SWAPPED_RATIO,
    MARGIN
  }

  /** The problem with a bug in its saddle function, which its derivatives share. */
  private record Planted(DeepAuc options, Bug bug) implements ProblemOptions {
    @Override
    public BilevelProblem<?> open(Seed data, Device device) {
      DeepAuc.Opened right = options.open(data, device);
      double p = right.ratio();
      return switch (bug) {
        case NONE -> right;
        case SWAPPED_RATIO -> right.with(new DeepAuc.Saddle(options.objective().form(), 1 - p, 1));
        case MARGIN -> right.with(new DeepAuc.Saddle(options.objective().form(), p, .9));
      };
    }
  }

  private List<String> wrong(DeepAuc options, Bug bug) {
    var like =
        Experiment.of(
            Map.of(
                "problem",
                Map.of("type", "quadratic"),
                "algorithm",
                Map.of("type", "slip"),
                "steps",
                1));
    var experiment =
        new Experiment(
            "planted",
            new Planted(options, bug),
            "slip",
            like.algorithm(),
            like.settings(),
            null,
            null);
    var plan = new CheckPlan(1, List.of(1L), 2, 2, 0, List.of());
    return Check.run(experiment, plan, new RunListener() {}, sentence -> {}).result().wrong();
  }

  @ParameterizedTest
  @EnumSource(value = Bug.class, names = "SWAPPED_RATIO")
  void aCheckFindsWhatALossAndItsDerivativesGetWrongAlike(Bug bug) {
    assertFound(bug);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(value = Bug.class, mode = EnumSource.Mode.EXCLUDE, names = "SWAPPED_RATIO")
  void aCheckJudgesTheRightLossAndAnotherBug(Bug bug) {
    assertFound(bug);
  }

  private void assertFound(Bug bug) {
    List<String> wrong = wrong(options(Map.of("encoder", "mean", "trainSize", 40)), bug);
    switch (bug) {
      case NONE -> assertThat(wrong).isEmpty();
      case SWAPPED_RATIO ->
          assertThat(wrong)
              .anyMatch(w -> w.contains("p of the loss, against the share of positives"))
              .anyMatch(w -> w.contains("minimiser of g, against the closed form of α*"))
              .anyMatch(w -> w.contains("f, against the formula of F"));
      case MARGIN -> assertThat(wrong).anyMatch(w -> w.contains("closed form of α*"));
    }
  }

  @ParameterizedTest
  @EnumSource(DeepAuc.Form.class)
  void factsHoldInEveryForm(DeepAuc.Form form) {
    String name = form.toString().toLowerCase(java.util.Locale.ROOT);
    for (String lower : List.of("plain", "exact")) {
      for (String ratio : List.of("data", "first-batch")) {
        try (var problem =
            open(
                Map.of(
                    "form", name, "lower", lower, "ratio", ratio, "split", "halves", "logits",
                    2))) {
          Tensor x = Tensors.randn(new Seed(3), D, problem.upperLayout().size());
          var facts = problem.facts(x, Tensors.of(D, new double[] {.37}));
          assertThat(facts).hasSize(ratio.equals("data") ? 4 : 3);
          assertThat(facts).allSatisfy(fact -> assertThat(fact.error()).isLessThan(1e-10));
          assertThat(Arrays.asList(problem.ratio())).doesNotContain(.5);
        }
      }
    }
  }
}
