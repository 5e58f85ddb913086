package org.stackel.bilevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.ClosedFormsContract;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.OracleException;
import org.stackel.oracle.Products;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.Noise;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The oracle on problems with closed forms. */
class ClosedLossTest {
  private StateScope scope;
  private Start at;

  @BeforeEach
  void open() {
    scope = StateScope.open();
    at =
        new Start(
            Tensors.randn(new Seed(5), Device.CPU64, ClosedRidge.FEATURES),
            Tensors.randn(new Seed(6), Device.CPU64, ClosedRidge.FEATURES));
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static StochasticOracle oracle(BilevelProblem<?> problem, Sampling sampling) {
    return new AutogradOracle<>(problem, new Seed(1), sampling, Shard.ALL);
  }

  private static Tensor vector(double... numbers) {
    return Tensors.of(Device.CPU64, numbers);
  }

  @ParameterizedTest
  @EnumSource
  void answersAsAutogradDoes(ClosedRidge.Known known) {
    try (var whole = ClosedRidge.stated(known, 0, Noise.NONE).open();
        var drawn = ClosedRidge.stated(known, 7, Noise.NONE).open()) {
      ClosedFormsContract.check(whole, at);
      ClosedFormsContract.check(drawn, at);
    }
  }

  /** The same draws of noise, whatever answers. */
  @ParameterizedTest
  @EnumSource
  void noiseIsAddedToWhateverAnswers(ClosedRidge.Known known) {
    try (var noisy = ClosedRidge.stated(known, 7, new Noise(.3, .2)).open()) {
      ClosedFormsContract.check(noisy, at);
    }
  }

  /** Every answer is a vector of the number of its kind, whatever the losses say. */
  private static final class Numbers implements ClosedForms<Minibatch> {
    @Override
    public Partials upperGradient(Tensor x, Tensor y, Minibatch batch) {
      return new Partials(x.mul(new Scalar(0.0)).add(new Scalar(1.0)), like(y, 2));
    }

    @Override
    public Tensor lowerGradientY(Tensor x, Tensor y, Minibatch batch) {
      return like(y, 3);
    }

    @Override
    public Tensor lowerGradientX(Tensor x, Tensor y, Minibatch batch) {
      return like(x, 4);
    }

    @Override
    public Tensor hessianVector(Tensor x, Tensor y, Tensor v, Minibatch batch) {
      return like(y, 5);
    }

    @Override
    public Tensor crossVector(Tensor x, Tensor y, Tensor v, Minibatch batch) {
      return like(x, 6);
    }

    private static Tensor like(Tensor tensor, double number) {
      return Tensors.zerosLike(tensor).add(new Scalar(number));
    }
  }

  private static Bilevel<Tensor> plain() {
    return Bilevel.problem(new double[2], new double[3])
        .lower((x, y) -> y.square().sum().add(x.sum().mul(y.sum())))
        .upper((x, y) -> y.square().sum().add(x.square().sum()));
  }

  @ParameterizedTest
  @EnumSource(Sampling.class)
  void closedFormsAreUsed(Sampling sampling) {
    try (var problem = plain().closedForms(new Numbers()).open()) {
      StochasticOracle oracle = oracle(problem, sampling);
      Tensor x = vector(1, 2);
      Tensor y = vector(3, 4, 5);
      Gradient f = oracle.upper().gradient(x, y);
      assertThat(Tensors.toArray(f.x())).containsOnly(1);
      assertThat(Tensors.toArray(f.y())).containsOnly(2);
      assertThat(Tensors.toArray(oracle.upper().gradientY(x, y))).containsOnly(2);
      assertThat(Tensors.toArray(oracle.lower().gradientY(x, y))).containsOnly(3);
      assertThat(Tensors.toArray(oracle.lower().gradient(x, y).y())).containsOnly(3);
      assertThat(Tensors.toArray(oracle.lower().gradient(x, y).x())).containsOnly(4);
      Products products = oracle.products(x, y, y);
      assertThat(Tensors.toArray(products.hessian())).containsOnly(5);
      assertThat(Tensors.toArray(products.cross())).containsOnly(6);
      assertThat(Tensors.toArray(oracle.lower().hessianVector(x, y, y))).containsOnly(5);
      assertThat(Tensors.toArray(oracle.lower().crossVector(x, y, y))).containsOnly(6);
      assertThat(Tensors.toArray(oracle.lower().linearize(x, y).dense().cross())).containsOnly(6);
    }
  }

  /** On a shared sample one pass serves both products and the gradient. */
  @Test
  void aSharedSampleIsAskedOnce() {
    var asked = new int[3];
    ClosedForms<Minibatch> counting =
        new ClosedForms<>() {
          @Override
          public Lower lowerAt(Tensor x, Tensor y, Minibatch batch) {
            asked[0]++;
            return new Lower() {
              @Override
              public Tensor gradientY() {
                asked[1]++;
                return Numbers.like(y, 7);
              }

              @Override
              public Derivatives derivatives(Tensor v) {
                asked[2]++;
                return new Derivatives(Numbers.like(y, 3), Numbers.like(y, 5), Numbers.like(x, 6));
              }
            };
          }
        };
    try (var problem = plain().closedForms(counting).open()) {
      Tensor x = vector(1, 2);
      Tensor y = vector(3, 4, 5);
      Arrays.fill(asked, 0);
      StochasticOracle shared = oracle(problem, Sampling.SHARED);
      assertThat(Tensors.toArray(shared.products(x, y, y).hessian())).containsOnly(5);
      assertThat(Tensors.toArray(shared.lower().gradientY(x, y))).containsOnly(3);
      assertThat(Tensors.toArray(shared.lower().linearize(x, y).gradY())).containsOnly(3);
      assertThat(asked).containsExactly(1, 0, 1);
      Tensor next = vector(0, 0, 0);
      assertThat(Tensors.toArray(shared.lower().gradientY(x, next))).containsOnly(7);
      assertThat(Tensors.toArray(shared.lower().gradientY(x, next))).containsOnly(7);
      assertThat(asked).as("at another point").containsExactly(2, 1, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"soba", "amigo", "slip", "mrbo", "f2sa", "mgbio", "saba", "itd"})
  void algorithmsGoTheSameWay(String name) {
    var algorithm = Algorithms.create(name, Map.of());
    try (var closed = ClosedRidge.stated(ClosedRidge.Known.AT_A_POINT, 9, Noise.NONE).open();
        var plain = ClosedRidge.stated(ClosedRidge.Known.NOTHING, 9, Noise.NONE).open();
        var solver = Solver.start(algorithm, closed, new Seed(0));
        var expected = Solver.start(algorithm, plain, new Seed(0))) {
      for (int t = 0; t < 5; t++) {
        solver.next();
        expected.next();
      }
      assertThat(Tensors.toArray(solver.x()))
          .containsExactly(Tensors.toArray(expected.x()), within(1e-11));
      assertThat(solver.calls()).isEqualTo(expected.calls());
    }
  }

  /** What a closed form makes on its way is freed with its answer. */
  @Test
  void nothingStaysOfAnAnswerButItself() {
    try (var problem = ClosedRidge.stated(ClosedRidge.Known.AT_A_POINT, 7, Noise.NONE).open()) {
      SampledObjective lower = oracle(problem, Sampling.INDEPENDENT).lower();
      long before = NativeObjects.settled();
      lower.gradientY(at.x(), at.y());
      assertThat(StateScope.livePointers() - before).as("a gradient").isEqualTo(1);
      lower.hessianVector(at.x(), at.y(), at.y());
      lower.crossVector(at.x(), at.y(), at.y());
      assertThat(StateScope.livePointers() - before).as("products").isEqualTo(3);
    }
  }

  /** A constant that a closed form only hands out must outlive the scope of its answer. */
  @Test
  void aConstantStaysTheUsers() {
    Tensor slope = Tensors.copy(vector(1, 2));
    Tensor zero = Tensors.copy(vector(0, 0, 0));
    ClosedForms<Minibatch> constant =
        new ClosedForms<>() {
          @Override
          public Partials upperGradient(Tensor x, Tensor y, Minibatch batch) {
            return new Partials(slope, zero);
          }

          @Override
          public @Nullable Tensor lowerGradientY(Tensor x, Tensor y, Minibatch batch) {
            return zero;
          }
        };
    for (int i = 0; i < 3; i++) {
      try (var inner = StateScope.open();
          var problem = plain().closedForms(constant).open()) {
        oracle(problem, Sampling.SHARED).upper().gradient(vector(1, 2), vector(3, 4, 5));
        oracle(problem, Sampling.INDEPENDENT).lower().gradientY(vector(1, 2), vector(3, 4, 5));
      }
    }
    assertThat(List.of(slope.isNull(), zero.isNull())).containsOnly(false);
  }

  @Test
  void aClosedFormThatFailsIsNamed() {
    var isOpen = new boolean[1];
    ClosedForms<Minibatch> failing =
        new ClosedForms<>() {
          @Override
          public @Nullable Tensor hessianVector(Tensor x, Tensor y, Tensor v, Minibatch batch) {
            return isOpen[0] ? v.mv(y) : null;
          }
        };
    try (var problem = plain().closedForms(failing).open()) {
      isOpen[0] = true;
      SampledObjective lower = oracle(problem, Sampling.INDEPENDENT).lower();
      Tensor y = vector(3, 4, 5);
      assertThatThrownBy(() -> lower.hessianVector(vector(1, 2), y, y))
          .isInstanceOf(OracleException.class)
          .hasMessage(
              "The closed form of a Hessian-vector product of the lower loss failed at x of shape"
                  + " [2], y of shape [3]: vector + matrix @ vector expected, got 1, 1, 1");
    }
  }
}
