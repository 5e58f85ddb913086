package org.stackel.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Dense;
import org.stackel.problem.LossPair;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class AutogradOracleTest {
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

  private static <B> AutogradOracle<B> oracle(BilevelProblem<B> problem, Sampling sampling) {
    return new AutogradOracle<>(problem, STEP, sampling, Shard.ALL);
  }

  private static Tensor vector(double... numbers) {
    return Tensors.of(Device.CPU64, numbers);
  }

  private static double[] numbers(Tensor tensor) {
    return Tensors.toArray(tensor);
  }

  /** {@code d/ds φ(at + s direction)} by central differences. */
  private static double[] difference(
      Function<Tensor, Tensor> phi, Tensor at, double[] direction, double h) {
    double[] ahead = numbers(phi.apply(Tensors.axpy(at, h, vector(direction))));
    double[] behind = numbers(phi.apply(Tensors.axpy(at, -h, vector(direction))));
    double[] slope = Dense.plus(ahead, -1, behind);
    for (int i = 0; i < slope.length; i++) {
      slope[i] /= 2 * h;
    }
    return slope;
  }

  static Stream<Seed> seeds() {
    return Stream.of(new Seed(1), new Seed(2), new Seed(3));
  }

  // ---- answers -----------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("seeds")
  void everyAnswerMatchesFiniteDifferences(Seed seed) {
    var problem = new EncoderProblem();
    Start at = problem.start(seed);
    double[] a = Dense.random(seed.child("a"), EncoderProblem.N);
    double[] v = Dense.random(seed.child("v"), EncoderProblem.P);
    double[] u = Dense.random(seed.child("u"), EncoderProblem.P);
    var oracle = oracle(problem, Sampling.INDEPENDENT);
    for (SampledObjective loss : List.of(oracle.upper(), oracle.lower())) {
      Gradient g = loss.gradient(at.x(), at.y());
      assertThat(Dense.dot(numbers(g.x()), a))
          .isCloseTo(difference(x -> loss.value(x, at.y()), at.x(), a, 1e-5)[0], within(1e-7));
      assertThat(Dense.dot(numbers(g.y()), v))
          .isCloseTo(difference(y -> loss.value(at.x(), y), at.y(), v, 1e-5)[0], within(1e-7));
      assertThat(numbers(loss.gradientY(at.x(), at.y())))
          .containsExactly(numbers(g.y()), within(1e-14));
      Linearization linear = loss.linearize(at.x(), at.y());
      assertThat(numbers(linear.gradY())).containsExactly(numbers(g.y()), within(1e-14));
      double[] hv = numbers(linear.hessianVector(vector(v)));
      assertThat(hv)
          .containsExactly(
              difference(y -> loss.gradientY(at.x(), y), at.y(), v, 1e-5), within(1e-7));
      double[] jv = numbers(linear.crossVector(vector(v)));
      assertThat(jv)
          .containsExactly(
              difference(y -> loss.gradient(at.x(), y).x(), at.y(), v, 1e-5), within(1e-7));
      // ⟨a, Jv⟩ = d/ds ⟨∇y(x + s a, y), v⟩: the other way round.
      assertThat(Dense.dot(a, jv))
          .isCloseTo(
              Dense.dot(v, difference(x -> loss.gradientY(x, at.y()), at.x(), a, 1e-5)),
              within(1e-7));
      assertThat(Dense.dot(u, hv))
          .as("the Hessian is symmetric")
          .isCloseTo(Dense.dot(v, numbers(linear.hessianVector(vector(u)))), within(1e-12));
    }
  }

  @ParameterizedTest
  @EnumSource
  void featuresChangeNoAnswer(Sampling sampling) {
    var problem = new EncoderProblem();
    Start at = problem.start(new Seed(5));
    Tensor v = vector(1, -2, 0.5);
    var plain = answers(oracle(problem.plain(), sampling), at, v);
    assertThat(answers(oracle(problem, sampling), at, v)).hasSameSizeAs(plain);
    for (int i = 0; i < plain.size(); i++) {
      assertThat(answers(oracle(problem, sampling), at, v).get(i))
          .as("answer %d", i)
          .containsExactly(plain.get(i), within(1e-13));
    }
  }

  private static List<double[]> answers(StochasticOracle oracle, Start at, Tensor v) {
    var answers = new ArrayList<double[]>();
    var f = oracle.upper().gradient(at.x(), at.y());
    answers.add(numbers(f.x()));
    answers.add(numbers(f.y()));
    answers.add(numbers(oracle.lower().gradientY(at.x(), at.y())));
    answers.add(numbers(oracle.freshLower().gradientY(at.x(), at.y())));
    var products = oracle.products(at.x(), at.y(), v);
    answers.add(numbers(products.hessian()));
    answers.add(numbers(products.cross()));
    var g = oracle.lower();
    answers.add(numbers(g.linearize(at.x(), at.y()).gradY()));
    answers.add(numbers(g.linearize(at.x(), at.y()).hessianVector(v)));
    answers.add(numbers(g.linearize(at.x(), at.y()).crossVector(v)));
    answers.add(numbers(g.value(at.x(), at.y())));
    answers.add(numbers(g.gradient(at.x(), at.y()).x()));
    answers.add(numbers(oracle.upper().linearize(at.x(), at.y()).crossVector(v)));
    return answers;
  }

  @Test
  void bothProductsAtOnceAreTheTwoSingleOnes() {
    var problem = new EncoderProblem();
    Start at = problem.start(new Seed(5));
    Tensor v = vector(1, -2, 0.5);
    var linear = oracle(problem, Sampling.SHARED).lower().linearize(at.x(), at.y());
    Products both = linear.products(v);
    assertThat(numbers(both.hessian()))
        .containsExactly(numbers(linear.hessianVector(v)), within(1e-14));
    assertThat(numbers(both.cross()))
        .containsExactly(numbers(linear.crossVector(v)), within(1e-14));
  }

  @Test
  void valuesCarryTheirGraph() {
    var problem = new EncoderProblem();
    Start at = problem.start(new Seed(5));
    var loss = oracle(problem, Sampling.SHARED).lower();
    Tensor x = at.x().detach().set_requires_grad(true);
    Tensor gradient =
        torch.grad(new TensorVector(loss.value(x, at.y())), new TensorVector(x)).get(0);
    assertThat(numbers(gradient))
        .containsExactly(numbers(loss.gradient(at.x(), at.y()).x()), within(1e-14));
  }

  @Test
  void answersCarryNoGraph() {
    var problem = new EncoderProblem();
    Start at = problem.start(new Seed(5));
    Tensor v = vector(1, -2, 0.5);
    var oracle = oracle(problem, Sampling.SHARED);
    var f = oracle.upper().gradient(at.x(), at.y());
    var g = oracle.lower().linearize(at.x(), at.y());
    var both = g.products(v);
    assertThat(
            Stream.of(
                f.x(),
                f.y(),
                g.gradY(),
                g.hessianVector(v),
                g.crossVector(v),
                both.hessian(),
                both.cross(),
                oracle.freshLower().gradientY(at.x(), at.y())))
        .noneMatch(Tensor::requires_grad);
    assertThat(at.x().requires_grad()).isFalse();
    assertThat(at.y().requires_grad()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theWholeHessianMatchesFiniteDifferences(Seed seed) {
    var problem = new EncoderProblem();
    Start at = problem.start(seed);
    double[] u = Dense.random(seed.child("u"), (int) at.x().numel());
    double[] v = Dense.random(seed.child("v"), (int) at.y().numel());
    var oracle = oracle(problem, Sampling.SHARED);
    for (SampledObjective loss : List.of(oracle.upper(), oracle.lower())) {
      var product = loss.hessianVector(at.x(), at.y(), new Gradient(vector(u), vector(v)));
      double h = 1e-5;
      var high =
          loss.gradient(Tensors.axpy(at.x(), h, vector(u)), Tensors.axpy(at.y(), h, vector(v)));
      var low =
          loss.gradient(Tensors.axpy(at.x(), -h, vector(u)), Tensors.axpy(at.y(), -h, vector(v)));
      double[] slopeX = numbers(Tensors.scale(1 / (2 * h), high.x().sub(low.x())));
      double[] slopeY = numbers(Tensors.scale(1 / (2 * h), high.y().sub(low.y())));
      assertThat(numbers(product.x())).containsExactly(slopeX, within(1e-7));
      assertThat(numbers(product.y())).containsExactly(slopeY, within(1e-7));
      assertThat(product.x().requires_grad()).isFalse();
    }
  }

  /** What a nested scope computed is gone after it; the sample answers anew, and the same. */
  @ParameterizedTest
  @EnumSource
  void aSampleOutlivesANestedScope(Sampling sampling) {
    var problem = new EncoderProblem();
    Start at = problem.start(new Seed(5));
    SampledObjective sample = oracle(problem, sampling).lower();
    Tensor v = vector(1, -2, 0.5);
    double[] inside =
        numbers(StateScope.nested(() -> sample.linearize(at.x(), at.y()).hessianVector(v)));
    assertThat(numbers(sample.gradientY(at.x(), at.y()))).hasSize(3);
    assertThat(numbers(sample.linearize(at.x(), at.y()).hessianVector(v))).isEqualTo(inside);
    SampledObjective again = sample.again();
    assertThat(again).isNotSameAs(sample);
    assertThat(numbers(again.gradientY(at.x(), at.y())))
        .isEqualTo(numbers(sample.gradientY(at.x(), at.y())));
  }

  // ---- work is never done twice --------------------------------------------------------------

  @Test
  void featuresAreComputedOncePerPointAndSample() {
    var problem = new EncoderProblem();
    Start at = problem.start(new Seed(5));
    Tensor v = vector(1, -2, 0.5);
    var oracle = oracle(problem, Sampling.SHARED);
    oracle.lower().gradientY(at.x(), at.y());
    oracle.products(at.x(), at.y(), v);
    oracle.lower().gradient(at.x(), at.y());
    oracle.lower().gradientY(at.x(), Tensors.scale(2, at.y()));
    oracle.lower().linearize(at.x(), Tensors.scale(2, at.y())).hessianVector(v);
    assertThat(problem.featuresOfGraph).as("one lower sample").hasSize(1);
    oracle.upper().gradient(at.x(), at.y());
    oracle.upper().gradient(at.x(), Tensors.scale(2, at.y()));
    assertThat(problem.featuresOfGraph).as("and one upper sample").hasSize(2);
    oracle.lower().gradientY(Tensors.scale(2, at.x()), at.y());
    assertThat(problem.featuresOfGraph).as("and another x").hasSize(3);
  }

  @Test
  void aSampleOfItsOwnComputesItsFeaturesOnce() {
    var problem = new EncoderProblem();
    Start at = problem.start(new Seed(5));
    var fresh = oracle(problem, Sampling.INDEPENDENT).freshLower();
    Tensor y = at.y();
    for (int i = 0; i < 4; i++) {
      y = Tensors.axpy(y, -0.1, fresh.gradientY(at.x(), y));
    }
    assertThat(problem.featuresOfGraph).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void theLowerGradientNeverDifferentiatesFeatures(Sampling sampling) {
    var problem = new EncoderProblem();
    Start at = problem.start(new Seed(5));
    var oracle = oracle(problem, sampling);
    oracle.lower().gradientY(at.x(), at.y());
    oracle.freshLower().gradientY(at.x(), at.y());
    assertThat(problem.lossOfGraph).containsExactly(false, false);
    // Only a sample that the step's products will use too builds the graph for them.
    assertThat(problem.featuresOfGraph).containsExactly(sampling == Sampling.SHARED, false);
  }

  @ParameterizedTest
  @EnumSource
  void theLowerGradientNeverDifferentiatesXItself(Sampling sampling) {
    var graphs = new ArrayList<Boolean>();
    var problem =
        new LossPair(
            new double[] {1},
            new double[] {2},
            (x, y) -> x.dot(y),
            (x, y) -> {
              graphs.add(x.requires_grad());
              return x.dot(y);
            });
    var oracle = oracle(problem, sampling);
    oracle.lower().gradientY(vector(1), vector(2));
    oracle.freshLower().gradientY(vector(1), vector(2));
    assertThat(graphs).containsExactly(false, false);
  }

  @Test
  void linearisationsAreRememberedForTheSamePoint() {
    var problem = new EncoderProblem();
    Start at = problem.start(new Seed(5));
    Tensor v = vector(1, -2, 0.5);
    var lower = oracle(problem, Sampling.SHARED).lower();
    var first = lower.linearize(at.x(), at.y());
    assertThat(lower.linearize(at.x(), at.y())).isSameAs(first);
    assertThat(numbers(lower.gradientY(at.x(), at.y()))).isEqualTo(numbers(first.gradY()));
    assertThat(problem.lossOfGraph).as("the gradient came with it").hasSize(1);
    Tensor copy = at.y().clone();
    var second = lower.linearize(at.x(), copy);
    assertThat(second).isNotSameAs(first);
    assertThat(numbers(second.hessianVector(v))).isEqualTo(numbers(first.hessianVector(v)));
    assertThat(numbers(lower.gradientY(at.x(), Tensors.scale(2, at.y()))))
        .as("another point is another gradient")
        .isNotEqualTo(numbers(first.gradY()));
  }

  // ---- inputs that play no part ---------------------------------------------------------------

  @Test
  void anInputThatPlaysNoPartHasZeroDerivatives() {
    Tensor x = vector(1, 2);
    Tensor y = vector(3, 4, 5);
    Tensor v = vector(1, 1, 1);
    double[] zeroX = {0, 0};
    double[] zeroY = {0, 0, 0};
    Tensor a = vector(1, 2, 3);
    var onlyX = losses((s, t) -> s.dot(s), (s, t) -> s.dot(s));
    var onlyY = losses((s, t) -> t.dot(t), (s, t) -> t.dot(t));
    var none = losses((s, t) -> a.sum(), (s, t) -> a.sum());
    var linear = losses((s, t) -> t.dot(a), (s, t) -> t.dot(a));
    var bilinear = losses((s, t) -> s.sum().mul(t.sum()), (s, t) -> s.sum().mul(t.sum()));
    for (LossPair problem : List.of(onlyX, onlyY, none, linear, bilinear)) {
      var f = oracle(problem, Sampling.SHARED).upper().gradient(x, y);
      var lower = oracle(problem, Sampling.SHARED).lower();
      var g = lower.linearize(x, y);
      assertThat(numbers(lower.gradientY(x, y))).isEqualTo(numbers(f.y()));
      assertThat(numbers(g.gradY())).isEqualTo(numbers(f.y()));
      if (problem == onlyX || problem == none) {
        assertThat(numbers(f.y())).isEqualTo(zeroY);
      }
      if (problem == onlyY || problem == none || problem == linear) {
        assertThat(numbers(f.x())).isEqualTo(zeroX);
      }
      if (problem != onlyY) {
        assertThat(numbers(g.hessianVector(v))).isEqualTo(zeroY);
        assertThat(numbers(g.products(v).hessian())).isEqualTo(zeroY);
      }
      if (problem != bilinear) {
        assertThat(numbers(g.crossVector(v))).isEqualTo(zeroX);
        assertThat(numbers(g.products(v).cross())).isEqualTo(zeroX);
      }
    }
    assertThat(numbers(oracle(bilinear, Sampling.SHARED).products(x, y, v).cross()))
        .containsExactly(3, 3);
  }

  private static LossPair losses(LossPair.Loss upper, LossPair.Loss lower) {
    return new LossPair(new double[2], new double[3], upper, lower);
  }

  // ---- errors -------------------------------------------------------------------------------

  @Test
  void errorsOfLibtorchSayTheOperationAndTheShapesInOneLine() {
    var problem = losses((x, y) -> x.dot(y), (x, y) -> y.dot(y).mul(x.sum()));
    var oracle = oracle(problem, Sampling.SHARED);
    Tensor x = vector(1, 2);
    Tensor y = vector(3, 4, 5);
    var thrown = catchThrowableOfType(OracleException.class, () -> oracle.upper().gradient(x, y));
    assertThat(thrown)
        .hasMessageStartingWith(
            "The gradient of the upper loss failed at x of shape [2], y of shape [3]: ");
    assertThat(thrown.getMessage()).doesNotContain("\n").contains("size");
    assertThat(thrown.getCause()).isExactlyInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> oracle.upper().value(x, y))
        .isInstanceOf(OracleException.class)
        .hasMessageStartingWith("The value of the upper loss failed at");
    assertThatThrownBy(() -> oracle.upper().gradientY(x, y))
        .isInstanceOf(OracleException.class)
        .hasMessageContaining("upper loss");
    assertThatThrownBy(() -> oracle.upper().linearize(x, y))
        .isInstanceOf(OracleException.class)
        .hasMessageStartingWith("The linearisation of the upper loss failed at");
    Linearization g = oracle.lower().linearize(x, y);
    for (Runnable product :
        List.<Runnable>of(() -> g.hessianVector(x), () -> g.crossVector(x), () -> g.products(x))) {
      assertThatThrownBy(product::run)
          .isInstanceOf(OracleException.class)
          .hasMessageContaining("product")
          .hasMessageContaining("failed at x of shape [2], y of shape [3], v of shape [2]: ");
    }
  }

  @Test
  void aLossThatIsNoScalarIsAnErrorOfTheOracle() {
    var problem = losses((x, y) -> x, (x, y) -> y);
    assertThatThrownBy(
            () -> oracle(problem, Sampling.SHARED).upper().gradient(vector(1, 2), vector(1, 2, 3)))
        .isInstanceOf(OracleException.class)
        .hasMessageContaining("scalar");
  }

  @Test
  void exceptionsOfTheProblemItselfStayWhatTheyAre() {
    var problem =
        losses(
            (x, y) -> {
              throw new IllegalStateException("no data");
            },
            (x, y) -> y.sum());
    assertThatThrownBy(
            () -> oracle(problem, Sampling.SHARED).upper().gradient(vector(1, 2), vector(1, 2, 3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no data");
  }

  // ---- draws --------------------------------------------------------------------------------

  @Test
  void independentDrawsDifferAndSharedOnesDoNot() {
    var problem = losses((x, y) -> x.sum(), (x, y) -> y.sum());
    var independent = oracle(problem, Sampling.INDEPENDENT);
    assertThat(independent.sharesSamples()).isFalse();
    for (int i = 0; i < 3; i++) {
      independent.upper();
      independent.lower();
      independent.freshLower();
    }
    var draws = new ArrayList<>(problem.upperDraws());
    draws.addAll(problem.lowerDraws());
    assertThat(draws).hasSize(9).doesNotHaveDuplicates();
    problem.forget();
    var shared = oracle(problem, Sampling.SHARED);
    assertThat(shared.sharesSamples()).isTrue();
    for (int i = 0; i < 3; i++) {
      assertThat(shared.upper()).isSameAs(shared.upper());
      assertThat(shared.lower()).isSameAs(shared.lower());
      shared.freshLower();
    }
    assertThat(problem.upperDraws()).hasSize(1);
    assertThat(problem.lowerDraws()).hasSize(4).doesNotHaveDuplicates();
  }

  @Test
  void randomNumbersAreOfTheStep() {
    var problem = losses((x, y) -> x.sum(), (x, y) -> y.sum());
    var first = oracle(problem, Sampling.SHARED);
    var again = oracle(problem, Sampling.INDEPENDENT);
    int[] counts = new int[5];
    for (int i = 0; i < 5000; i++) {
      int number = first.uniform(5);
      assertThat(again.uniform(5)).isEqualTo(number);
      counts[number]++;
    }
    for (int count : counts) {
      assertThat((double) count).isCloseTo(1000, within(5 * Math.sqrt(800)));
    }
  }

  @Test
  void countsEveryAnswer() {
    var problem = losses((x, y) -> x.dot(x).mul(y.sum()), (x, y) -> y.dot(y).mul(x.sum()));
    Tensor x = vector(1, 2);
    Tensor y = vector(3, 4, 5);
    var counting = new CountingOracle(oracle(problem, Sampling.SHARED));
    assertThat(counting.calls()).isEqualTo(OracleCalls.NONE);
    counting.upper().gradient(x, y);
    counting.upper().value(x, y);
    counting.lower().gradientY(x, y);
    counting.freshLower().gradientY(x, y);
    counting.lower().value(x, y);
    counting.lower().linearize(x, y);
    assertThat(counting.calls()).isEqualTo(new OracleCalls(2, 3, 0, 0));
    var g = counting.lower().linearize(x, y);
    g.gradY();
    g.hessianVector(y);
    g.hessianVector(y);
    g.crossVector(y);
    g.products(y);
    counting.products(x, y, y);
    assertThat(counting.calls()).isEqualTo(new OracleCalls(2, 4, 4, 3));
    assertThat(counting.calls().total()).isEqualTo(13);
    assertThat(counting.calls().plus(counting.calls())).isEqualTo(new OracleCalls(4, 8, 8, 6));
    var independent = new CountingOracle(oracle(problem, Sampling.INDEPENDENT));
    independent.products(x, y, y);
    assertThat(independent.calls()).isEqualTo(new OracleCalls(0, 0, 1, 1));
    assertThat(independent.sharesSamples()).isFalse();
    assertThat(counting.sharesSamples()).isTrue();
    assertThat(counting.uniform(1)).isZero();
  }

  @Test
  void featuresOfBothLevelsAreComputedInOnePass() {
    var problem = EncoderProblem.together();
    Start at = problem.start(new Seed(3));
    Tensor v = at.y();
    var apart = new CountingOracle(oracle(problem, Sampling.SHARED));
    Gradient f = apart.upper().gradient(at.x(), at.y());
    Products g = apart.products(at.x(), at.y(), v);
    double[] expected = Tensors.toArray(f.inX().minus(g.inX()).get());
    assertThat(problem.featuresOfGraph).containsExactly(true, true);

    problem.featuresOfGraph.clear();
    var one = new CountingOracle(oracle(problem, Sampling.SHARED));
    one.together(at.x());
    Gradient both = one.upper().gradient(at.x(), at.y());
    Products products = one.products(at.x(), at.y(), v);
    assertThat(Tensors.toArray(both.inX().minus(products.inX()).get()))
        .containsExactly(expected, within(1e-13));
    Pullback cross = one.lower().crossPullback(at.x(), at.y(), v);
    assertThat(Tensors.toArray(both.inX().minus(cross).get()))
        .containsExactly(expected, within(1e-13));
    assertThat(problem.featuresOfGraph).containsExactly(true);
    assertThat(Tensors.toArray(both.x())).containsExactly(Tensors.toArray(f.x()), within(1e-13));
    assertThat(Tensors.toArray(cross.get()))
        .containsExactly(Tensors.toArray(g.cross()), within(1e-13));
    assertThat(Tensors.toArray(products.hessian()))
        .containsExactly(Tensors.toArray(g.hessian()), within(1e-13));
    assertThat(one.calls()).isEqualTo(apart.calls().plus(new OracleCalls(0, 0, 0, 1)));

    var independent = oracle(problem, Sampling.INDEPENDENT);
    independent.together(at.x());
    assertThat(problem.featuresOfGraph).containsExactly(true);
  }

  @Test
  void partsOfFeaturesAreDifferentiatedByHand() {
    var plain = new EncoderProblem();
    var byHand = EncoderProblem.byHand();
    Start at = plain.start(new Seed(5));
    Tensor v = vector(1, -2, 0.5);
    for (Sampling sampling : Sampling.values()) {
      var expected = answers(oracle(plain, sampling), at, v);
      var found = answers(oracle(byHand, sampling), at, v);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(found.get(i)).as("answer %d", i).containsExactly(expected.get(i), within(1e-13));
      }
    }
    var apart = oracle(plain, Sampling.SHARED);
    var together = oracle(byHand, Sampling.SHARED);
    together.together(at.x());
    assertThat(difference(together, at, v))
        .containsExactly(difference(apart, at, v), within(1e-13));
  }

  private static double[] difference(StochasticOracle oracle, Start at, Tensor v) {
    Gradient f = oracle.upper().gradient(at.x(), at.y());
    Products g = oracle.products(at.x(), at.y(), v);
    return Tensors.toArray(f.inX().minus(g.inX()).get());
  }

  @Test
  void countingChangesNoAnswer() {
    var problem = new EncoderProblem();
    Start at = problem.start(new Seed(5));
    Tensor v = vector(1, -2, 0.5);
    for (Sampling sampling : Sampling.values()) {
      var plain = answers(oracle(problem, sampling), at, v);
      var counted = answers(new CountingOracle(oracle(problem, sampling)), at, v);
      for (int i = 0; i < plain.size(); i++) {
        assertThat(counted.get(i)).as("answer %d", i).isEqualTo(plain.get(i));
      }
    }
  }

  @Test
  void projectionsAreTheProblems() {
    var problem = losses((x, y) -> x.sum(), (x, y) -> y.sum());
    Tensor x = vector(1, 2);
    var counting = new CountingOracle(oracle(problem, Sampling.SHARED));
    assertThat(counting.projectX(x)).isSameAs(x);
    assertThat(counting.projectY(x)).isSameAs(x);
    assertThat(x.eq(new Scalar(1.0)).any().item_bool()).isTrue();
  }
}
