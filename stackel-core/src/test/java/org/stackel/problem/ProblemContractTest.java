package org.stackel.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.ClosedFormsContract;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.synthetic.QuadraticTest;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** What holds for every problem, on small cases. */
class ProblemContractTest {
  private static final Shard LEFT = new Shard(0, 2);
  private static final Shard RIGHT = new Shard(1, 2);

  private StateScope scope;

  @BeforeEach
  void openScope() {
    scope = StateScope.open();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  /** Small problems; their batches have an even number of samples. */
  static Stream<Arguments> problems() {
    return Stream.of(
        Arguments.of("logistic-hpo", logistic("loss", "logistic")),
        Arguments.of("logistic-hpo", logistic("loss", "logistic", "strengths", "single")),
        Arguments.of("logistic-hpo", logistic("loss", "logistic", "form", "plain", "batch", 10)),
        Arguments.of("logistic-hpo", logistic("loss", "softmax", "scaling", "standard")),
        Arguments.of("logistic-hpo", logistic("loss", "softmax", "strengths", "class")),
        Arguments.of("logistic-hpo", logistic("loss", "softmax", "strengths", "single")),
        Arguments.of("logistic-hpo", logistic("loss", "squared", "scaling", "rows")),
        Arguments.of(
            "logistic-hpo", logistic("loss", "squared", "start", "log-uniform", "batch", 8)),
        Arguments.of("matrix-sensing", Map.of("d", 5, "r", 3, "samples", 60)),
        Arguments.of("matrix-sensing", Map.of("d", 4, "r", 2, "samples", 50, "batch", 10)),
        Arguments.of("pl-game", Map.of("d", 6, "r", 3, "n", 40)),
        Arguments.of("pl-game", Map.of("d", 6, "r", 3, "n", 40, "batch", 8)),
        Arguments.of("pl-game", Map.of("d", 6, "r", 3, "n", 40, "batch", 8, "generator", "paper")),
        Arguments.of("quadratic", QuadraticTest.MATRIX),
        Arguments.of("quadratic-sum", Map.of("d", 4, "p", 5, "n", 30, "batch", 0)),
        Arguments.of("quadratic-sum", Map.of("d", 5, "p", 3, "n", 30, "batch", 6)),
        Arguments.of("toy", Map.of("name", "unbounded-polynomial", "x0", 1.5)),
        Arguments.of("toy", Map.of("name", "unbounded-exponential", "x0", 1.5)),
        Arguments.of("toy", Map.of("name", "minimax")),
        Arguments.of("toy", Map.of("name", "sine")));
  }

  /** Fifty examples with four features: twenty at each level. */
  private static Map<String, Object> logistic(Object... more) {
    var options =
        new HashMap<String, Object>(
            Map.of("examples", 50, "features", 4, "batch", 0, "yDeviation", 1, "testShare", .2));
    for (int i = 0; i < more.length; i += 2) {
      options.put((String) more[i], more[i + 1]);
    }
    options.put("upperBatch", options.get("batch"));
    return options;
  }

  /** Those with closed forms of Φ, and its exact slope. */
  static Stream<Arguments> withValueFunction() {
    return problems();
  }

  /** Those whose batches are drawn: their options have a batch. */
  static Stream<Arguments> withMinibatches() {
    return problems()
        .filter(
            arguments ->
                ((Map<?, ?>) arguments.get()[1]).get("batch") instanceof Integer batch
                    && batch > 0);
  }

  private static BilevelProblem<?> open(String name, Map<String, ?> options) {
    return Problems.create(name, options).open(new Seed(3), Device.CPU64);
  }

  private static Start near(BilevelProblem<?> problem) {
    Start start = problem.start(new Seed(4));
    return new Start(
        Tensors.axpy(
            start.x(), .1, Tensors.randn(new Seed(5), Device.CPU64, problem.upperLayout().size())),
        Tensors.axpy(
            start.y(), .1, Tensors.randn(new Seed(6), Device.CPU64, problem.lowerLayout().size())));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void derivativesAgreeWithDifferences(String name, Map<String, ?> options) {
    try (var problem = open(name, options)) {
      var oracle = new AutogradOracle<>(problem, new Seed(2), Sampling.SHARED, Shard.ALL);
      Start at = near(problem);
      Tensor u = Tensors.randn(new Seed(7), Device.CPU64, problem.upperLayout().size());
      Tensor v = Tensors.randn(new Seed(8), Device.CPU64, problem.lowerLayout().size());
      double h = 1e-5;
      for (SampledObjective loss : List.of(oracle.upper(), oracle.lower())) {
        var gradient = loss.gradient(at.x(), at.y());
        double alongX =
            Tensors.item(loss.value(Tensors.axpy(at.x(), h, u), at.y()))
                - Tensors.item(loss.value(Tensors.axpy(at.x(), -h, u), at.y()));
        double alongY =
            Tensors.item(loss.value(at.x(), Tensors.axpy(at.y(), h, v)))
                - Tensors.item(loss.value(at.x(), Tensors.axpy(at.y(), -h, v)));
        close(Tensors.item(gradient.x().dot(u)), alongX / (2 * h));
        close(Tensors.item(gradient.y().dot(v)), alongY / (2 * h));
      }
      SampledObjective lower = oracle.lower();
      var products = lower.linearize(at.x(), at.y()).products(v);
      Tensor bend =
          lower
              .gradientY(at.x(), Tensors.axpy(at.y(), h, v))
              .sub(lower.gradientY(at.x(), Tensors.axpy(at.y(), -h, v)));
      Tensor turn =
          lower
              .gradientY(Tensors.axpy(at.x(), h, u), at.y())
              .sub(lower.gradientY(Tensors.axpy(at.x(), -h, u), at.y()));
      close(Tensors.item(products.hessian().dot(v)), Tensors.item(bend.dot(v)) / (2 * h));
      close(Tensors.item(products.cross().dot(u)), Tensors.item(turn.dot(v)) / (2 * h));
    }
  }

  /** In closed form where the problem has one, and on minibatches too. */
  @ParameterizedTest
  @MethodSource("problems")
  void denseDerivativesAreThoseOfTheProducts(String name, Map<String, ?> options) {
    try (var problem = open(name, options)) {
      var oracle = new AutogradOracle<>(problem, new Seed(2), Sampling.SHARED, Shard.ALL);
      Start at = near(problem);
      var here = oracle.lower().linearize(at.x(), at.y());
      var dense = here.dense();
      Tensor v = Tensors.randn(new Seed(8), Device.CPU64, problem.lowerLayout().size());
      assertThat(Tensors.shape(dense.cross()))
          .containsExactly(problem.upperLayout().size(), problem.lowerLayout().size());
      assertThat(Tensors.toArray(dense.hessian().mv(v)))
          .containsExactly(Tensors.toArray(here.hessianVector(v)), within(1e-11));
      assertThat(Tensors.toArray(dense.cross().mv(v)))
          .containsExactly(Tensors.toArray(here.crossVector(v)), within(1e-11));
    }
  }

  @ParameterizedTest
  @MethodSource("problems")
  void closedFormsAreThoseOfAutograd(String name, Map<String, ?> options) {
    try (var problem = open(name, options)) {
      if (problem.closedForms() != null) {
        ClosedFormsContract.check(problem, near(problem));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("problems")
  void propertiesAreThoseOfTheOpenedProblem(String name, Map<String, ?> options) {
    try (var problem = open(name, options)) {
      Set<Property> known = Problems.named(name).properties();
      assertThat(problem instanceof FiniteSum).isNotEqualTo(known.contains(Property.UNNUMBERED));
      assertThat(problem.isConstrained()).as("not unless bounds are given").isFalse();
      assertThat(problem.isSaddle()).isEqualTo(known.contains(Property.SADDLE));
      assertThat(known.contains(Property.BOUNDABLE))
          .isEqualTo(Problems.named(name).options().containsKey("upperBox"));
    }
  }

  private static void close(double found, double expected) {
    assertThat(found).isCloseTo(expected, within(1e-7 * (1 + Math.abs(expected))));
  }

  @ParameterizedTest
  @MethodSource("withValueFunction")
  void theHypergradientIsTheSlopeOfTheValueFunction(String name, Map<String, ?> options) {
    try (var problem = open(name, options)) {
      Start at = near(problem);
      double[] x = Tensors.toArray(at.x());
      double[] slope = new double[x.length];
      double h = 1e-5;
      for (int i = 0; i < x.length; i++) {
        double[] e = new double[x.length];
        e[i] = h;
        slope[i] =
            (value(problem, Dense.plus(x, 1, e), at.y())
                    - value(problem, Dense.plus(x, -1, e), at.y()))
                / (2 * h);
      }
      close(problem.evaluate(at.x(), at.y()).get("hypergradientNorm"), Dense.norm(slope));
    }
  }

  private static double value(BilevelProblem<?> problem, double[] x, Tensor y) {
    return problem.evaluate(Tensors.of(Device.CPU64, x), y).get("valueFunction");
  }

  @ParameterizedTest
  @MethodSource("problems")
  void evaluationChangesNothing(String name, Map<String, ?> options) {
    try (var problem = open(name, options)) {
      Start at = near(problem);
      double[] x = Tensors.toArray(at.x());
      double[] y = Tensors.toArray(at.y());
      double before = upper(problem, at, new Seed(1), Shard.ALL);
      Metrics first = problem.evaluate(at.x(), at.y());
      assertThat(problem.evaluate(at.x(), at.y())).isEqualTo(first);
      assertThat(first.values().values()).allMatch(Double::isFinite);
      Goal goal = Problems.create(name, options).goal();
      assertThat(first.values()).containsKeys(goal.objective(), goal.progress(), goal.result());
      assertThat(Tensors.toArray(at.x())).containsExactly(x);
      assertThat(Tensors.toArray(at.y())).containsExactly(y);
      assertThat(upper(problem, at, new Seed(1), Shard.ALL)).isEqualTo(before);
      assertThat(at.x().requires_grad() || at.y().requires_grad()).isFalse();
    }
  }

  private static <B> double upper(BilevelProblem<B> p, Start at, Seed draw, Shard shard) {
    return Tensors.item(p.upperLoss(at.x(), at.y(), p.upperBatch(draw, shard)));
  }

  private static <B> double lower(BilevelProblem<B> p, Start at, Seed draw, Shard shard) {
    return Tensors.item(p.lowerLoss(at.x(), at.y(), p.lowerBatch(draw, shard)));
  }

  private interface Loss {
    double at(BilevelProblem<?> problem, Start at, Seed draw, Shard shard);
  }

  private static final List<Loss> LOSSES =
      List.of(ProblemContractTest::upper, ProblemContractTest::lower);

  @ParameterizedTest
  @MethodSource("problems")
  void batchesAreFunctionsOfTheirSeed(String name, Map<String, ?> options) {
    boolean isDrawn = options.get("batch") instanceof Integer batch && batch > 0;
    try (var problem = open(name, options);
        var again = open(name, options)) {
      Start at = near(problem);
      for (Loss loss : LOSSES) {
        double first = loss.at(problem, at, new Seed(1), Shard.ALL);
        double other = loss.at(problem, at, new Seed(2), Shard.ALL);
        assertThat(loss.at(problem, at, new Seed(1), Shard.ALL)).isEqualTo(first);
        assertThat(loss.at(again, at, new Seed(1), Shard.ALL)).isEqualTo(first);
        assertThat(other != first).isEqualTo(isDrawn);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("problems")
  void halvesOfABatchHaveItsMean(String name, Map<String, ?> options) {
    try (var problem = open(name, options)) {
      Start at = near(problem);
      for (Loss loss : LOSSES) {
        double whole = loss.at(problem, at, new Seed(1), Shard.ALL);
        double left = loss.at(problem, at, new Seed(1), LEFT);
        double right = loss.at(problem, at, new Seed(1), RIGHT);
        assertThat((left + right) / 2).isCloseTo(whole, within(1e-12 * (1 + Math.abs(whole))));
      }
    }
  }

  /** Blocks are a partition: their losses, weighted with their sizes, make the whole. */
  @ParameterizedTest
  @MethodSource("problems")
  void blocksMakeTheWhole(String name, Map<String, ?> options) {
    boolean isDrawn = options.get("batch") instanceof Integer batch && batch > 0;
    try (var problem = open(name, options)) {
      var sum = (FiniteSum<?>) problem;
      Start at = near(problem);
      assertThat(sum.lowerBlocks().count() > 1).isEqualTo(isDrawn);
      assertThat(sum.upperBlocks().count() > 1).isEqualTo(isDrawn);
      Metrics metrics = problem.evaluate(at.x(), at.y());
      close(overBlocks(sum, at, Level.UPPER), metrics.get("upperLoss"));
      close(overBlocks(sum, at, Level.LOWER), metrics.get("lowerLoss"));
    }
  }

  private enum Level {
    UPPER,
    LOWER
  }

  private static <B> double overBlocks(FiniteSum<B> p, Start at, Level level) {
    Blocks blocks = level == Level.UPPER ? p.upperBlocks() : p.lowerBlocks();
    double sum = 0;
    for (int i = 0; i < blocks.count(); i++) {
      Tensor loss =
          level == Level.UPPER
              ? p.upperLoss(at.x(), at.y(), p.upperBlock(i, Shard.ALL))
              : p.lowerLoss(at.x(), at.y(), p.lowerBlock(i, Shard.ALL));
      sum += blocks.weight(i) * Tensors.item(loss);
    }
    return sum;
  }

  /** The mean over very many minibatches is the whole. */
  @ParameterizedTest
  @MethodSource("withMinibatches")
  void minibatchesHaveTheMeanOfTheWhole(String name, Map<String, ?> options) {
    try (var problem = open(name, options)) {
      Start at = near(problem);
      Metrics metrics = problem.evaluate(at.x(), at.y());
      var losses = new ArrayList<Double>();
      for (int i = 0; i < 400; i++) {
        losses.add(upper(problem, at, new Seed(i), Shard.ALL));
      }
      double mean = losses.stream().mapToDouble(l -> l).average().orElseThrow();
      double squares = losses.stream().mapToDouble(l -> (l - mean) * (l - mean)).sum();
      double error = Math.sqrt(squares) / 400;
      assertThat(error).isPositive();
      assertThat(mean).isCloseTo(metrics.get("upperLoss"), within(4 * error));
    }
  }

  @ParameterizedTest
  @MethodSource("problems")
  void seedsDrawTheData(String name, Map<String, ?> options) {
    try (var problem = open(name, options);
        var single = Problems.create(name, options).open(new Seed(3), Device.CPU)) {
      Start start = problem.start(new Seed(4));
      assertThat(start.x().numel()).isEqualTo(problem.upperLayout().size());
      assertThat(start.y().numel()).isEqualTo(problem.lowerLayout().size());
      assertThat(Tensors.toArray(problem.start(new Seed(4)).y()))
          .containsExactly(Tensors.toArray(start.y()));
      Start rounded = single.start(new Seed(4));
      double found = single.evaluate(rounded.x(), rounded.y()).get("hypergradientNorm");
      double exact = problem.evaluate(start.x(), start.y()).get("hypergradientNorm");
      assertThat(found).isCloseTo(exact, within(1e-3 * (1 + exact)));
    }
  }

  @ParameterizedTest
  @MethodSource("problems")
  void closingFreesTheTensors(String name, Map<String, ?> options) {
    cycle(name, options);
    long before = NativeObjects.settled();
    cycle(name, options);
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  private static void cycle(String name, Map<String, ?> options) {
    try (var inner = StateScope.open();
        var problem = open(name, options)) {
      Start at = near(problem);
      problem.evaluate(at.x(), at.y());
    }
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of("logistic-hpo", Map.of("examples", 3), "examples", "at least 4"),
        Arguments.of("logistic-hpo", Map.of("features", 0), "features", "at least 1"),
        Arguments.of("logistic-hpo", Map.of("classes", 1), "classes", "at least 2"),
        Arguments.of("logistic-hpo", Map.of("noise", -1), "noise", "at least 0"),
        Arguments.of("logistic-hpo", Map.of("validationShare", 1), "validationShare", "than 1"),
        Arguments.of("logistic-hpo", Map.of("validationShare", 0), "validationShare", "must leave"),
        Arguments.of(
            "logistic-hpo", Map.of("validationShare", .9999), "validationShare", "must leave"),
        Arguments.of("logistic-hpo", Map.of("testShare", -1), "testShare", "at least 0"),
        Arguments.of("logistic-hpo", Map.of("scaling", "row"), "scaling", "'rows' was meant"),
        Arguments.of("logistic-hpo", Map.of("loss", "hinge"), "loss", "one of logistic"),
        Arguments.of("logistic-hpo", Map.of("strengths", "class"), "strengths", "softmax"),
        Arguments.of("logistic-hpo", Map.of("form", "log"), "form", "one of exp"),
        Arguments.of("logistic-hpo", Map.of("least", Double.NaN), "least", "finite"),
        Arguments.of("logistic-hpo", Map.of("batch", -1), "batch", "at least 0"),
        Arguments.of("logistic-hpo", Map.of("upperBatch", -1), "upperBatch", "at least 0"),
        Arguments.of(
            "logistic-hpo", Map.of("start", "log-uniform", "form", "plain"), "start", "exp"),
        Arguments.of("logistic-hpo", Map.of("x0", Double.NaN), "x0", "finite"),
        Arguments.of("logistic-hpo", Map.of("yDeviation", -1), "yDeviation", "at least 0"),
        Arguments.of("matrix-sensing", Map.of("d", 1), "d", "at least 2"),
        Arguments.of("matrix-sensing", Map.of("r", 1), "r", "at least 2"),
        Arguments.of("matrix-sensing", Map.of("r", 51), "r", "at most d (50)"),
        Arguments.of("matrix-sensing", Map.of("samples", 1), "samples", "at least 2"),
        Arguments.of("matrix-sensing", Map.of("trainShare", 1), "trainShare", "less than 1"),
        Arguments.of("matrix-sensing", Map.of("batch", -1), "batch", "at least 0"),
        Arguments.of(
            "matrix-sensing", Map.of("startDeviation", -1), "startDeviation", "at least 0"),
        Arguments.of(
            "matrix-sensing", Map.of("start", "near"), "start", "must be one of near-truth"),
        Arguments.of("pl-game", Map.of("d", 1), "d", "at least 2"),
        Arguments.of("pl-game", Map.of("r", 0), "r", "at least 1"),
        Arguments.of("pl-game", Map.of("r", 50), "r", "less than d (50)"),
        Arguments.of("pl-game", Map.of("n", 24), "n", "at least 25"),
        Arguments.of("pl-game", Map.of("mu", 0), "mu", "greater than 0"),
        Arguments.of("pl-game", Map.of("L", -1), "L", "greater than 0"),
        Arguments.of("pl-game", Map.of("mu", 2), "mu", "at most L (1.0)"),
        Arguments.of("pl-game", Map.of("coupling", -1), "coupling", "at least 0"),
        Arguments.of("pl-game", Map.of("coupling", 1), "coupling", "leave Φ bounded below"),
        Arguments.of("pl-game", Map.of("batch", -1), "batch", "at least 0"),
        Arguments.of("pl-game", Map.of("startVariance", -1), "startVariance", "at least 0"),
        Arguments.of("pl-game", Map.of("generator", "papers"), "generator", "'paper' was meant"),
        Arguments.of("quadratic-sum", Map.of("d", 0), "d", "at least 1"),
        Arguments.of("quadratic-sum", Map.of("p", 0), "p", "at least 1"),
        Arguments.of("quadratic-sum", Map.of("n", 99), "n", "at least 100"),
        Arguments.of("quadratic-sum", Map.of("mu", 0), "mu", "greater than 0"),
        Arguments.of("quadratic-sum", Map.of("mu", 3), "mu", "at most L"),
        Arguments.of("quadratic-sum", Map.of("L", 0), "L", "greater than 0"),
        Arguments.of("quadratic-sum", Map.of("coupling", -1), "coupling", "at least 0"),
        Arguments.of("quadratic-sum", Map.of("batch", -1), "batch", "at least 0"),
        Arguments.of("quadratic-sum", Map.of("x0", Double.NaN), "x0", "finite"),
        Arguments.of("quadratic-sum", Map.of("y0", Double.NaN), "y0", "finite"),
        Arguments.of("toy", Map.of("name", "cosine"), "name", "'sine' was meant"),
        Arguments.of("toy", Map.of("x0", Double.NaN), "x0", "finite"),
        Arguments.of("toy", Map.of("y0", Double.NaN), "y0", "finite"),
        Arguments.of("toy", Map.of("noise", Map.of("gradient", -1)), "noise.gradient", "0"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void saysWhichOptionIsWrong(String name, Map<String, ?> options, String path, String rule) {
    var thrown =
        catchThrowableOfType(InvalidInputException.class, () -> open(name, options).close());
    assertThat(thrown).as("exception").isNotNull();
    assertThat(thrown.key()).isEqualTo(path);
    assertThat(thrown.getMessage()).contains(rule).contains("\nMaybe ");
  }

  @Test
  void defaultsComeBackFromTheirOptions() {
    for (Problems.Entry entry : Problems.all()) {
      assertThat(Problems.create(entry.name(), entry.options())).isEqualTo(entry.defaults());
      assertThat(Options.toMap((Record) entry.defaults())).isEqualTo(entry.options());
    }
  }
}
