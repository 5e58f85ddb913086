package org.stackel.hypergradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.stackel.data.HypertorchData;
import org.stackel.hypergradient.Unrolled.Memory;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Dense;
import org.stackel.problem.LossPair;
import org.stackel.problem.Noise;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Differentiation through lower steps. */
class UnrolledTest {
  private StateScope scope;

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static StochasticOracle oracle(LossPair problem) {
    return Solved.oracle(problem, new Seed(1), Sampling.INDEPENDENT);
  }

  // ---- a linear network with a proximal term ---------------------------------------------------

  /** Lower: ½ mean (Xw - t)² + ½ |w - x|²; upper: ½ mean (Vw - s)². */
  private static LossPair proximal(Noise noise) {
    var seed = new Seed(5);
    Tensor inputs = Tensors.randn(seed.child("X"), Device.CPU64, 12, 4);
    Tensor targets = Tensors.randn(seed.child("t"), Device.CPU64, 12);
    Tensor others = Tensors.randn(seed.child("V"), Device.CPU64, 9, 4);
    Tensor labels = Tensors.randn(seed.child("s"), Device.CPU64, 9);
    return new LossPair(
        new double[] {.3, -.5, .8, .1},
        new double[] {.3, -.5, .8, .1},
        (x, y) -> halfMean(others.mv(y).sub(labels)),
        (x, y) ->
            halfMean(inputs.mv(y).sub(targets)).add(Tensors.scale(.5, y.sub(x).dot(y.sub(x)))),
        noise);
  }

  private static Tensor halfMean(Tensor gaps) {
    return Tensors.scale(.5, gaps.mul(gaps).mean());
  }

  private static Tensor solution(LossPair problem, Tensor x) {
    Tensor y = x;
    for (int i = 0; i < 200; i++) {
      y = Tensors.axpy(y, -.3, oracle(problem).lower().gradientY(x, y));
    }
    return y;
  }

  /** K → ∞, conjugate gradients, and the exact solution are one hypergradient. */
  @Test
  void manyUnrolledStepsAgreeWithImplicitDifferentiation() {
    LossPair problem = proximal(Noise.NONE);
    Tensor x = problem.start(new Seed(1)).x();
    Tensor y = solution(problem, x);
    double[] exact =
        Tensors.toArray(SpectralInverse.UNBOUNDED.sample(oracle(problem)).at(x, y).direction());
    double[] iterated =
        Tensors.toArray(
            new ConjugateGradient(4, 0, 0).sample(oracle(problem)).at(x, y).direction());
    assertThat(Dense.relativeError(iterated, exact)).isLessThan(1e-9);
    double before = 1;
    for (int steps : new int[] {5, 20, 50, 100}) {
      var unrolled = new Unrolled(steps, .3, null, Memory.KEEP);
      // From x, as the network is adapted, not from the solution.
      double[] found = Tensors.toArray(unrolled.sample(oracle(problem)).at(x, x).direction());
      double error = Dense.relativeError(found, exact);
      assertThat(error).as("%d steps", steps).isLessThan(before);
      before = error;
    }
    assertThat(before).isLessThan(1e-9);
    double h = 1e-5;
    for (int i = 0; i < 4; i++) {
      double[] e = new double[4];
      e[i] = h;
      double slope = (phi(problem, x, e, 1) - phi(problem, x, e, -1)) / (2 * h);
      assertThat(exact[i]).isCloseTo(slope, within(1e-9));
    }
  }

  private static double phi(LossPair problem, Tensor x, double[] e, int sign) {
    Tensor at = Tensors.axpy(x, sign, Solved.vector(e));
    return Tensors.item(oracle(problem).upper().value(at, solution(problem, at)));
  }

  /** Exactly the derivative of what few steps give, which is not the hypergradient. */
  @ParameterizedTest
  @EnumSource(Memory.class)
  void fewStepsHaveTheirOwnDerivative(Memory memory) {
    LossPair problem = proximal(Noise.NONE);
    Tensor x = problem.start(new Seed(1)).x();
    Tensor y = Solved.vector(1, 2, -1, .5);
    var unrolled = new Unrolled(3, .3, null, memory);
    Unrolled.Pass pass = unrolled.run(x, y, oracle(problem));
    double h = 1e-5;
    for (int i = 0; i < 4; i++) {
      double[] e = new double[4];
      e[i] = h;
      Tensor step = Solved.vector(e);
      double alongX =
          after(problem, Tensors.axpy(x, 1, step), y)
              - after(problem, Tensors.axpy(x, -1, step), y);
      double alongY =
          after(problem, x, Tensors.axpy(y, 1, step))
              - after(problem, x, Tensors.axpy(y, -1, step));
      assertThat(Tensors.toArray(pass.direction())[i]).isCloseTo(alongX / (2 * h), within(1e-9));
      assertThat(Tensors.toArray(pass.adjoint())[i]).isCloseTo(alongY / (2 * h), within(1e-9));
    }
  }

  private static double after(LossPair problem, Tensor x, Tensor y) {
    Tensor moved = y;
    for (int i = 0; i < 3; i++) {
      moved = Tensors.axpy(moved, -.3, oracle(problem).lower().gradientY(x, moved));
    }
    return Tensors.item(oracle(problem).upper().value(x, moved));
  }

  /** An autoencoder whose decoder is its encoder turned: every weight works twice. */
  @ParameterizedTest
  @EnumSource(Memory.class)
  void tiedWeightsAreDifferentiatedInBothPlaces(Memory memory) {
    Tensor inputs = Tensors.randn(new Seed(5), Device.CPU64, 12, 2);
    Tensor others = Tensors.randn(new Seed(6), Device.CPU64, 9, 2);
    var problem =
        new LossPair(
            new double[] {.4, -.2, .1, .3},
            new double[] {.3, -.5, .8, .1},
            (x, y) -> halfMean(code(y, others).sub(others)),
            (x, y) ->
                halfMean(code(y, inputs).sub(inputs))
                    .add(Tensors.scale(.5, y.sub(x).dot(y.sub(x)))));
    var start = problem.start(new Seed(1));
    var unrolled = new Unrolled(3, .3, null, memory);
    Unrolled.Pass pass = unrolled.run(start.x(), start.y(), oracle(problem));
    double h = 1e-5;
    for (int i = 0; i < 4; i++) {
      double[] e = new double[4];
      e[i] = h;
      Tensor step = Solved.vector(e);
      double difference =
          after(problem, Tensors.axpy(start.x(), 1, step), start.y())
              - after(problem, Tensors.axpy(start.x(), -1, step), start.y());
      assertThat(Tensors.toArray(pass.direction())[i])
          .isNotZero()
          .isCloseTo(difference / (2 * h), within(1e-9));
    }
  }

  private static Tensor code(Tensor y, Tensor inputs) {
    Tensor weights = y.reshape(2, 2);
    return inputs.mm(weights.t()).tanh().mm(weights);
  }

  // ---- memory ----------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"1, 1", "7, 7", "9, 9", "16, 5", "23, 11", "30, 0", "30, 30"})
  void recomputingGivesTheSameNumbers(int steps, int truncate) {
    LossPair problem = proximal(new Noise(.3, .3));
    Tensor x = problem.start(new Seed(1)).x();
    var keep = new Unrolled(steps, .3, truncate, Memory.KEEP);
    var recompute = new Unrolled(steps, .3, truncate, Memory.RECOMPUTE);
    Unrolled.Pass one = keep.run(x, x, oracle(problem));
    Unrolled.Pass two = recompute.run(x, x, oracle(problem));
    assertThat(Tensors.toArray(two.y())).containsExactly(Tensors.toArray(one.y()));
    assertThat(Tensors.toArray(two.direction()))
        .containsExactly(Tensors.toArray(one.direction()), within(1e-13));
    assertThat(Tensors.toArray(two.adjoint()))
        .containsExactly(Tensors.toArray(one.adjoint()), within(1e-13));
    LossPair exact = proximal(Noise.NONE);
    double[] first = Tensors.toArray(keep.run(x, x, oracle(exact)).direction());
    for (var estimator : List.of(keep, recompute)) {
      var sampled = estimator.sample(oracle(exact));
      for (int i = 0; i < 2; i++) { // a function of the point: asked twice, the same answer
        assertThat(Tensors.toArray(sampled.at(x, x).direction()))
            .containsExactly(first, within(1e-13));
      }
    }
  }

  @Test
  void recomputingKeepsFewThingsAlive() {
    LossPair problem = proximal(Noise.NONE);
    Tensor x = problem.start(new Seed(1)).x();
    long[] most = new long[2];
    for (Memory memory : Memory.values()) {
      var watched = new Watched(oracle(problem));
      try (var inner = StateScope.open()) {
        long before = NativeObjects.settled();
        new Unrolled(400, .1, null, memory).run(x, x, watched);
        most[memory.ordinal()] = watched.most - before;
      }
    }
    assertThat(most[1]).as("recompute %d, keep %d", most[1], most[0]).isLessThan(most[0] / 8);
  }

  /** Notes how many native objects are alive whenever a lower sample is drawn. */
  private static final class Watched implements StochasticOracle {
    private final StochasticOracle oracle;
    private long most;

    Watched(StochasticOracle oracle) {
      this.oracle = oracle;
    }

    @Override
    public SampledObjective upper() {
      most = Math.max(most, StateScope.livePointers());
      return oracle.upper();
    }

    @Override
    public SampledObjective lower() {
      return oracle.lower();
    }

    @Override
    public SampledObjective freshLower() {
      most = Math.max(most, StateScope.livePointers());
      return oracle.freshLower();
    }

    @Override
    public boolean sharesSamples() {
      return oracle.sharesSamples();
    }

    @Override
    public int uniform(int bound) {
      return oracle.uniform(bound);
    }
  }

  @Test
  void countsWhatItAsks() {
    LossPair problem = proximal(Noise.NONE);
    Tensor x = problem.start(new Seed(1)).x();
    problem.forget();
    var keep = new CountingOracle(oracle(problem));
    new Unrolled(10, .1, 4, Memory.KEEP).run(x, x, keep);
    assertThat(keep.calls()).isEqualTo(new OracleCalls(1, 10, 4, 4));
    assertThat(problem.lowerDraws()).hasSize(10).doesNotHaveDuplicates();
    problem.forget();
    var recompute = new CountingOracle(oracle(problem));
    new Unrolled(10, .1, 4, Memory.RECOMPUTE).run(x, x, recompute);
    // Two segments of two: one iterate of each is computed again.
    assertThat(recompute.calls()).isEqualTo(new OracleCalls(1, 12, 4, 4));
    assertThat(Map.of("distinct draws", problem.lowerDraws().stream().distinct().count()))
        .containsEntry("distinct draws", 10L);
  }

  // ---- logistic regression with a penalty a feature --------------------------------------------

  private static final int FEATURES = HypertorchData.FEATURES;

  private static LossPair logistic() {
    var data = new HypertorchData();
    int examples = HypertorchData.EXAMPLES;
    Tensor all = Tensors.of(Device.CPU64, Dense.flat(data.inputs), examples, FEATURES);
    Tensor y = Tensors.of(Device.CPU64, data.labels);
    double[] ones = new double[FEATURES];
    Arrays.fill(ones, 1);
    return new LossPair(
        ones,
        new double[FEATURES],
        (x, w) -> entropy(all.narrow(0, 0, 500), y.narrow(0, 0, 500), w),
        (x, w) ->
            entropy(all.narrow(0, 500, 500), y.narrow(0, 500, 500), w)
                .add(Tensors.scale(.5, x.dot(w.mul(w)))));
  }

  private static Tensor entropy(Tensor inputs, Tensor labels, Tensor w) {
    Tensor logits = inputs.mv(w);
    return torch.softplus(logits).sub(labels.mul(logits)).mean();
  }

  private static double[] first(Tensor direction) {
    return Arrays.copyOf(Tensors.toArray(direction), 5);
  }

  @Test
  void logisticRegressionDescendsAsKnown() {
    LossPair problem = logistic();
    var start = problem.start(new Seed(1));
    Map<Integer, Double> known =
        Map.of(
            0, .6931472, 10, .6285591, 20, .6243904, 30, .6241106, 40, .6240914, 50, .6240900, 99,
            .6240899);
    Tensor w = start.y();
    for (int t = 0; t < 100; t++) {
      if (known.containsKey(t)) {
        assertThat(Tensors.item(oracle(problem).lower().value(start.x(), w)))
            .isCloseTo(known.get(t), within(1e-6));
      }
      w = Tensors.axpy(w, -.1, oracle(problem).lower().gradientY(start.x(), w));
    }
  }

  @Test
  void logisticRegressionHasTheKnownHypergradient() {
    LossPair problem = logistic();
    Tensor x = problem.start(new Seed(1)).x();
    Tensor w = problem.start(new Seed(1)).y();
    for (int i = 0; i < 10; i++) { // Newton's method
      var here = oracle(problem).lower().linearize(x, w);
      w = w.sub(SpectralInverse.UNBOUNDED.spectrum(here.dense().hessian()).solve(here.gradY()));
    }
    assertThat(Tensors.item(oracle(problem).upper().value(x, w)))
        .isCloseTo(.5743987720856, within(1e-10));
    Tensor values =
        SpectralInverse.UNBOUNDED
            .spectrum(oracle(problem).lower().linearize(x, w).dense().hessian())
            .values();
    assertThat(Tensors.item(values.min())).isCloseTo(1.15101, within(1e-5));
    assertThat(Tensors.item(values.max())).isCloseTo(1.33593, within(1e-5));
    double[] exact = {.0086594091, .0015101405, .0007904723, .0030712148, .0053264221};
    for (var estimator :
        List.of(
            SpectralInverse.UNBOUNDED,
            new ConjugateGradient(20, 1e-12, 0),
            new NormalEquation(60, .6),
            new LinearSystem(60, .8),
            new Neumann(Neumann.Form.B, 60, .8),
            new Unrolled(60, .8, null, Memory.RECOMPUTE))) {
      Tensor direction = estimator.sample(oracle(problem)).at(x, w).direction();
      assertThat(Tensors.item(Tensors.norm(direction)))
          .as(estimator.toString())
          .isCloseTo(.0285658316, within(1e-9));
      assertThat(first(direction)).containsExactly(exact, within(1e-9));
    }
  }

  @ParameterizedTest
  @EnumSource(Memory.class)
  void truncatedToTenStepsItIsAsKnown(Memory memory) {
    LossPair problem = logistic();
    var start = problem.start(new Seed(1));
    Tensor direction =
        new Unrolled(100, .1, 10, memory).run(start.x(), start.y(), oracle(problem)).direction();
    assertThat(Tensors.item(Tensors.norm(direction))).isCloseTo(.0209592145, within(1e-9));
    assertThat(first(direction))
        .containsExactly(
            new double[] {.0064636544, .0010896715, .0005979671, .0022407089, .0040552693},
            within(1e-9));
  }

  @Test
  void theTunedPenaltiesFollowTheKnownCurve() {
    LossPair problem = logistic();
    Tensor x = problem.start(new Seed(1)).x();
    Tensor zero = problem.start(new Seed(1)).y();
    Tensor momentum = Tensors.zerosLike(x);
    Map<Integer, Double> known =
        Map.of(0, .5743990, 10, .5337679, 20, .3615219, 30, .3225043, 40, .2987646, 50, .2944669);
    for (int t = 0; t <= 50; t++) {
      try (var inner = StateScope.open()) {
        Unrolled.Pass pass = new Unrolled(100, .1, 10, Memory.KEEP).run(x, zero, oracle(problem));
        if (known.containsKey(t)) {
          assertThat(Tensors.item(oracle(problem).upper().value(x, pass.y())))
              .as("step %d", t)
              .isCloseTo(known.get(t), within(2e-7));
        }
        momentum = inner.keep(Tensors.combine(.9, momentum, 1, pass.direction()));
        x = inner.keep(Tensors.axpy(x, -1, momentum).clamp_min(new Scalar(1e-8)));
      }
    }
  }
}
