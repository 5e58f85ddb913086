package org.stackel.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.config.InvalidInputException;
import org.stackel.hypergradient.ConjugateGradient;
import org.stackel.hypergradient.HypergradientEstimator;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.hypergradient.Neumann;
import org.stackel.hypergradient.NormalEquation;
import org.stackel.hypergradient.Unrolled;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Minibatches slice by slice, and what stays in memory after an answer. */
class PiecesTest {
  private static final Seed STEP = new Seed(11);
  private StateScope scope;

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** Every problem whose losses are means over samples; batches that no number divides. */
  static Stream<Arguments> problems() {
    return Stream.of(
        problem("logistic-hpo", "examples", 40, "features", 3, "batch", 7, "upperBatch", 5),
        problem("logistic-hpo", "examples", 40, "features", 3, "batch", 0, "loss", "softmax"),
        problem("matrix-sensing", "d", 4, "r", 2, "samples", 50, "batch", 7),
        problem("pl-game", "d", 6, "r", 3, "n", 40, "batch", 0),
        problem("pl-game", "d", 6, "r", 3, "n", 40, "batch", 7),
        problem("quadratic-sum", "d", 4, "p", 5, "n", 30, "batch", 7),
        problem("quadratic-sum", "d", 4, "p", 5, "n", 30, "batch", 0),
        cleaning("model", "rnn"),
        cleaning("model", "transformer", "pooling", "mean", "upperBatch", 0),
        cleaning("model", "rnn", "penalty", "norm", "upperData", "training"),
        cleaning("model", "rnn", "noiseDraw", "every-batch"),
        cleaning("model", "linear", "vectors", "tfidf"),
        auc("lower", "plain"),
        auc("lower", "exact", "form", "script", "ratio", "first-batch", "batch", 61),
        strength("strengths", "single"),
        strength("strengths", "part", "penalty", "norm", "form", "plain", "x0", .2),
        tasks("heads", "per-task"),
        tasks("heads", "shared", "headHidden", List.of(3)),
        tasks("heads", "per-task", "regularizer", "norm", "crossData", "upper"),
        tasks("heads", "shared", "encoder", "transformer", "attentionHeads", 2, "inner", 5));
  }

  private static Arguments problem(String type, Object... options) {
    var map = new HashMap<String, Object>();
    for (int i = 0; i < options.length; i += 2) {
      map.put((String) options[i], options[i + 1]);
    }
    return Arguments.of(type, map);
  }

  private static Arguments with(String type, Map<String, ?> common, Object... options) {
    Arguments arguments = problem(type, options);
    @SuppressWarnings("unchecked")
    var map = (Map<String, Object>) arguments.get()[1];
    common.forEach(map::putIfAbsent);
    return arguments;
  }

  private static Arguments cleaning(Object... options) {
    var sizes = Map.of("trainSize", 40, "trustedSize", 11, "testSize", 10, "batch", 13);
    var network = Map.of("hidden", 4, "maxTokens", 6, "vectors", "random", "upperBatch", 7);
    return with("data-cleaning", both(sizes, network), options);
  }

  private static Arguments auc(Object... options) {
    var sizes = Map.of("trainSize", 200, "testSize", 60, "batch", 13, "upperBatch", 7);
    return with(
        "deep-auc", both(sizes, Map.of("hidden", 4, "maxTokens", 6, "vectors", "random")), options);
  }

  private static Arguments strength(Object... options) {
    var sizes = Map.of("trainSize", 1_000, "testSize", 400, "batch", 13, "upperBatch", 11);
    return with(
        "regularization",
        both(sizes, Map.of("hidden", 4, "maxTokens", 6, "vectors", "random")),
        options);
  }

  private static Arguments tasks(Object... options) {
    var sizes =
        Map.of("tasks", 8, "testTasks", 2, "taskBatch", 5, "ways", 2, "shots", 2, "queries", 3);
    var network = Map.of("hidden", 4, "maxTokens", 6, "vectors", "random", "perClass", 10);
    return with("hyper-representation", both(sizes, network), options);
  }

  private static Map<String, Object> both(Map<String, ?> a, Map<String, ?> b) {
    var all = new HashMap<String, Object>(a);
    all.putAll(b);
    return all;
  }

  private static StochasticOracle oracle(BilevelProblem<?> problem, Sampling sampling, int pieces) {
    return new AutogradOracle<>(problem, STEP, sampling, Shard.ALL, pieces);
  }

  private static Start near(BilevelProblem<?> problem) {
    Start start = problem.start(new Seed(4));
    return new Start(moved(start.x(), 5), moved(start.y(), 6));
  }

  private static Tensor moved(Tensor tensor, long seed) {
    return Tensors.axpy(tensor, .1, Tensors.randn(new Seed(seed), Device.CPU64, tensor.numel()));
  }

  /** One of every two; the slow test has all. */
  static Stream<Arguments> someProblems() {
    List<Arguments> all = problems().toList();
    return all.stream().filter(each -> all.indexOf(each) % 2 == 0);
  }

  @ParameterizedTest
  @MethodSource("someProblems")
  void everyAnswerIsThatOfTheWholeMinibatch(String type, Map<String, ?> options) {
    answersAgree(type, options, List.of(Sampling.SHARED), 3);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("problems")
  void everyAnswerOnEverySampleInEveryNumber(String type, Map<String, ?> options) {
    answersAgree(type, options, List.of(Sampling.values()), 2, 3, 50);
  }

  private static void answersAgree(
      String type, Map<String, ?> options, List<Sampling> samplings, int... numbers) {
    try (var problem = Problems.create(type, options).open(new Seed(3), Device.CPU64)) {
      for (Sampling sampling : samplings) {
        List<double[]> whole = answers(problem, oracle(problem, sampling, 1));
        for (int pieces : numbers) {
          List<double[]> mean = answers(problem, oracle(problem, sampling, pieces));
          assertThat(mean).hasSameSizeAs(whole);
          for (int i = 0; i < whole.size(); i++) {
            double size = 1;
            for (double number : whole.get(i)) {
              size = Math.max(size, Math.abs(number));
            }
            assertThat(mean.get(i))
                .as("answer %d, %s, %d pieces", i, sampling, pieces)
                .containsExactly(whole.get(i), within(1e-12 * size));
          }
        }
      }
    }
  }

  /** Whatever an oracle can be asked. */
  private static List<double[]> answers(BilevelProblem<?> problem, StochasticOracle oracle) {
    Start at = near(problem);
    Tensor x = at.x();
    Tensor y = at.y();
    Tensor v = Tensors.randn(new Seed(7), Device.CPU64, y.numel());
    Tensor u = Tensors.randn(new Seed(8), Device.CPU64, x.numel());
    var found = new ArrayList<Tensor>();
    var losses = new ArrayList<>(List.of(oracle.upper(), oracle.lower(), oracle.freshLower()));
    if (problem instanceof FiniteSum<?>) {
      losses.add(oracle.upperBlock().loss());
      losses.add(oracle.lowerBlock().loss());
    }
    losses.add(oracle.lower().again());
    for (SampledObjective loss : losses) {
      found.add(loss.value(x, y));
      Gradient gradient = loss.gradient(x, y);
      found.add(gradient.x());
      found.add(gradient.y());
      found.add(loss.gradientY(x, y));
      found.add(loss.hessianVector(x, y, v));
      found.add(loss.crossVector(x, y, v));
      Linearization linear = loss.linearize(x, y);
      Products both = linear.products(v);
      found.add(both.hessian());
      found.add(both.cross());
      found.add(linear.gradY());
      found.add(loss.gradientY(x, y));
      found.add(linear.hessianVector(v));
      found.add(linear.crossVector(v));
      Gradient product = loss.hessianVector(x, y, new Gradient(u, v));
      found.add(product.x());
      found.add(product.y());
    }
    if (y.numel() < 20) {
      SecondDerivatives dense = oracle.lower().linearize(x, y).dense();
      found.add(dense.hessian().reshape(-1));
      found.add(dense.cross().reshape(-1));
    }
    Products products = oracle.products(x, y, v);
    found.add(products.hessian());
    found.add(products.cross());
    return found.stream().map(Tensors::toArray).toList();
  }

  @Test
  void valuesCarryTheGraphsOfAllPieces() {
    var problem = small();
    Start at = near(problem);
    SampledObjective loss = oracle(problem, Sampling.INDEPENDENT, 3).lower();
    Tensor y = at.y().detach().set_requires_grad(true);
    Tensor slope = torch.grad(new TensorVector(loss.value(at.x(), y)), new TensorVector(y)).get(0);
    assertThat(Tensors.toArray(slope))
        .containsExactly(Tensors.toArray(loss.gradientY(at.x(), at.y())), within(1e-14));
  }

  /** One question about one minibatch is one call, in however many pieces. */
  @Test
  void piecesAreOneCall() {
    var problem = small();
    Start at = near(problem);
    var counting = new CountingOracle(oracle(problem, Sampling.SHARED, 3));
    counting.upper().gradient(at.x(), at.y());
    counting.lower().gradientY(at.x(), at.y());
    counting.products(at.x(), at.y(), at.y());
    counting.lower().hessianVector(at.x(), at.y(), at.y());
    counting.lower().crossVector(at.x(), at.y(), at.y());
    assertThat(counting.calls()).isEqualTo(new OracleCalls(1, 1, 2, 2, 5 + 5 * 7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"quadratic", "toy"})
  void lossesThatAreNoMeansAreRefused(String type) {
    Map<String, ?> options =
        type.equals("toy") ? Map.of() : Map.of("A", List.of(List.of(2)), "B", List.of(List.of(1)));
    var problem = Problems.create(type, options).open(new Seed(3), Device.CPU64);
    Start at = near(problem);
    SampledObjective loss = oracle(problem, Sampling.SHARED, 4).lower();
    assertThatThrownBy(() -> loss.gradientY(at.x(), at.y()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("cannot be cut into 4 pieces: its losses are no means over samples.")
        .hasMessageContaining("Maybe 1 was meant.")
        .satisfies(e -> assertThat(((InvalidInputException) e).key()).isEqualTo("pieces"));
  }

  /** Zeros behind texts depend on the longest one of the minibatch. */
  @Test
  void paddingThatCountsIsNotCut() {
    Map<String, ?> options =
        Map.of("pooling", "padded-max", "hidden", 3, "trainSize", 1_000, "testSize", 400);
    var problem = Problems.create("deep-auc", options).open(new Seed(3), Device.CPU64);
    assertThatThrownBy(() -> AutogradOracle.checkParts(problem, 2, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("cannot be cut into 2 pieces");
    AutogradOracle.checkParts(problem, 1, 1);
  }

  /** Whoever wants to stop a step is asked before each answer. */
  @Test
  void everyAnswerAsksFirst() {
    var problem =
        Problems.create("deep-auc", Map.of("hidden", 3, "trainSize", 1_000, "testSize", 400));
    var opened = problem.open(new Seed(3), Device.CPU64);
    Start at = near(opened);
    int[] asked = {0};
    var counting =
        new CountingOracle(
            oracle(opened, Sampling.INDEPENDENT, 1), () -> asked[0]++, CountingOracle.Watch.NONE);
    SampledObjective lower = counting.lower();
    lower.hessianVector(at.x(), at.y(), at.y());
    lower.crossVector(at.x(), at.y(), at.y());
    lower.gradientY(at.x(), at.y());
    assertThat(asked[0]).isEqualTo(3);
  }

  // ---- memory ------------------------------------------------------------------------------

  /** Answered by autograd: its closed forms, which make no graph, are hidden. */
  private static BilevelProblem<?> small() {
    BilevelProblem<?> closed =
        Problems.create(
                "logistic-hpo", Map.of("examples", 40, "features", 3, "batch", 7, "upperBatch", 5))
            .open(new Seed(3), Device.CPU64);
    return (BilevelProblem<?>)
        Proxy.newProxyInstance(
            BilevelProblem.class.getClassLoader(),
            new Class<?>[] {BilevelProblem.class},
            (proxy, method, args) ->
                method.getName().equals("closedForms") ? null : method.invoke(closed, args));
  }

  /** An answer on a sample of its own leaves nothing behind but itself. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void nothingStaysOfAnIndependentSample(int pieces) {
    var problem = small();
    Start at = near(problem);
    StochasticOracle oracle = oracle(problem, Sampling.INDEPENDENT, pieces);
    SampledObjective loss = oracle.lower();
    loss.gradientY(at.x(), at.y()); // the values of features stay
    long before = NativeObjects.settled();
    loss.gradient(at.x(), at.y());
    assertThat(StateScope.livePointers() - before).as("a gradient").isEqualTo(2);
    loss.gradientY(at.x(), at.y());
    assertThat(StateScope.livePointers() - before).as("half of it").isEqualTo(3);
    loss.hessianVector(at.x(), at.y(), at.y());
    loss.crossVector(at.x(), at.y(), at.y());
    assertThat(StateScope.livePointers() - before).as("products").isEqualTo(5);
    loss.hessianVector(at.x(), at.y(), new Gradient(at.x(), at.y()));
    assertThat(StateScope.livePointers() - before).as("the whole Hessian").isEqualTo(7);
  }

  static Stream<HypergradientEstimator> estimators() {
    return Stream.of(
        new Neumann(Neumann.Form.A, 3, .1),
        new LinearSystem(3, .1),
        new NormalEquation(2, .1),
        new ConjugateGradient(3, 0, 0),
        new Unrolled(3, .1, null, Unrolled.Memory.KEEP));
  }

  @ParameterizedTest
  @MethodSource("estimators")
  void nothingStaysOfAnEstimate(HypergradientEstimator estimator) {
    var problem = small();
    Start at = near(problem);
    var estimate = estimator.sample(oracle(problem, Sampling.INDEPENDENT, 1));
    long before = NativeObjects.settled();
    estimate.at(at.x(), at.y());
    assertThat(StateScope.livePointers() - before).as("direction and solution").isEqualTo(2);
  }

  @Test
  void aSharedSampleKeepsItsGraphUnlessItIsInPieces() {
    var problem = small();
    Start at = near(problem);
    assertThat(growth(oracle(problem, Sampling.SHARED, 1), at)).isGreaterThan(3);
    assertThat(growth(oracle(problem, Sampling.SHARED, 3), at))
        .as("two products, and the gradient that came with them")
        .isEqualTo(3);
  }

  private static long growth(StochasticOracle oracle, Start at) {
    oracle.lower();
    long before = NativeObjects.settled();
    oracle.products(at.x(), at.y(), at.y());
    return StateScope.livePointers() - before;
  }
}
