package org.stackel.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stackel.problem.Dense;
import org.stackel.problem.LossPair;
import org.stackel.problem.Noise;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The Gaussian noise that a problem may ask the oracle for. */
class NoiseTest {
  private static final int N = 20_000;
  private StateScope scope;
  private Tensor x;
  private Tensor y;

  @BeforeEach
  void open() {
    scope = StateScope.open();
    x = Tensors.randn(new Seed(1), Device.CPU64, N);
    y = Tensors.randn(new Seed(2), Device.CPU64, N);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static StochasticOracle oracle(Noise noise, Sampling sampling) {
    LossPair.Loss loss = (s, t) -> s.mul(t).dot(t);
    return new AutogradOracle<>(
        new LossPair(new double[N], new double[N], loss, loss, noise),
        new Seed(4),
        sampling,
        Shard.ALL);
  }

  private static double[] difference(Tensor noisy, Tensor clean) {
    return Tensors.toArray(noisy.sub(clean));
  }

  private static void assertNormal(double[] noise, double sd) {
    double mean = Arrays.stream(noise).average().orElseThrow();
    double variance = Dense.dot(noise, noise) / noise.length;
    assertThat(mean).isCloseTo(0, within(5 * sd / Math.sqrt(noise.length)));
    assertThat(variance).isCloseTo(sd * sd, within(5 * sd * sd * Math.sqrt(2.0 / noise.length)));
  }

  private static void assertIndependent(List<double[]> noises) {
    for (int i = 0; i < noises.size(); i++) {
      for (int j = 0; j < i; j++) {
        double[] a = noises.get(i);
        double[] b = noises.get(j);
        double correlation = Dense.dot(a, b) / (Dense.norm(a) * Dense.norm(b));
        assertThat(correlation).as("noises %d and %d", i, j).isCloseTo(0, within(5 / Math.sqrt(N)));
      }
    }
  }

  @Test
  void hasMeanZeroTheRightDeviationAndIsIndependent() {
    var noise = new Noise(0.3, 2);
    var clean = oracle(Noise.NONE, Sampling.SHARED);
    var f = clean.upper().gradient(x, y);
    var g = clean.lower().linearize(x, y).products(y);
    Tensor gradient = clean.lower().gradientY(x, y);
    var noisy = oracle(noise, Sampling.INDEPENDENT);
    var noisyF = noisy.upper().gradient(x, y);
    var noisyG = noisy.lower().linearize(x, y).products(y);
    var second = noisy.lower().linearize(x, y);
    List<double[]> gradients =
        List.of(
            difference(noisyF.x(), f.x()),
            difference(noisyF.y(), f.y()),
            difference(noisy.lower().gradientY(x, y), gradient),
            difference(noisy.freshLower().gradientY(x, y), gradient),
            difference(second.gradY(), gradient));
    List<double[]> products =
        List.of(
            difference(noisyG.hessian(), g.hessian()),
            difference(noisyG.cross(), g.cross()),
            difference(second.hessianVector(y), g.hessian()),
            difference(second.hessianVector(y), g.hessian()),
            difference(second.crossVector(y), g.cross()));
    gradients.forEach(n -> assertNormal(n, 0.3));
    products.forEach(n -> assertNormal(n, 2));
    assertIndependent(gradients);
    assertIndependent(products);
  }

  @Test
  void aSampleHasTheSameNoiseAtEveryPoint() {
    var clean = oracle(Noise.NONE, Sampling.SHARED).lower();
    var noisy = oracle(new Noise(0.3, 2), Sampling.SHARED).lower();
    Tensor otherY = Tensors.scale(2, y);
    double[] here = difference(noisy.gradientY(x, y), clean.gradientY(x, y));
    double[] there = difference(noisy.gradientY(x, otherY), clean.gradientY(x, otherY));
    assertThat(there).containsExactly(here, within(1e-12));
    assertThat(difference(noisy.gradient(x, y).y(), clean.gradient(x, y).y()))
        .as("whichever way it is asked for")
        .containsExactly(here, within(1e-12));
    assertThat(difference(noisy.linearize(x, y).gradY(), clean.gradientY(x, y)))
        .containsExactly(here, within(1e-12));
  }

  @Test
  void theFirstProductsAtTwoPointsHaveTheSameNoiseAndTheNextAnother() {
    var clean = oracle(Noise.NONE, Sampling.SHARED).lower();
    var noisy = oracle(new Noise(0, 2), Sampling.SHARED).lower();
    Tensor otherY = Tensors.scale(2, y);
    var here = noisy.linearize(x, y);
    double[] first = difference(here.hessianVector(y), clean.linearize(x, y).hessianVector(y));
    double[] second = difference(here.hessianVector(y), clean.linearize(x, y).hessianVector(y));
    var there = noisy.linearize(x, otherY);
    double[] firstThere =
        difference(there.hessianVector(y), clean.linearize(x, otherY).hessianVector(y));
    assertThat(firstThere).containsExactly(first, within(1e-12));
    assertIndependent(List.of(first, second));
  }

  @Test
  void isTheGradientOfTheSampledLoss() {
    var loss = oracle(new Noise(0.3, 0), Sampling.SHARED).upper();
    Tensor leaf = x.detach().set_requires_grad(true);
    Tensor gradient =
        torch.grad(new TensorVector(loss.value(leaf, y)), new TensorVector(leaf)).get(0);
    assertThat(Tensors.toArray(gradient))
        .containsExactly(Tensors.toArray(loss.gradient(x, y).x()), within(1e-12));
  }

  @Test
  void eachKindIsOnItsOwn() {
    var clean = oracle(Noise.NONE, Sampling.SHARED);
    Tensor hessian = clean.lower().linearize(x, y).hessianVector(y);
    Tensor gradient = clean.lower().gradientY(x, y);
    var gradients = oracle(new Noise(1, 0), Sampling.SHARED).lower();
    assertThat(difference(gradients.linearize(x, y).hessianVector(y), hessian)).containsOnly(0);
    var products = oracle(new Noise(0, 1), Sampling.SHARED).lower();
    assertThat(difference(products.gradientY(x, y), gradient)).containsOnly(0);
    assertThat(difference(products.linearize(x, y).gradY(), gradient)).containsOnly(0);
  }

  @Test
  void keepsThePrecisionOfTheProblem() {
    var options =
        Map.of(
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "noise", Map.of("gradient", 1, "hessian", 1));
    try (var problem = Problems.create("quadratic", options).open(new Seed(0), Device.CPU)) {
      var oracle = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL);
      var start = problem.start(new Seed(0));
      var g = oracle.lower().linearize(start.x(), start.y());
      assertThat(g.gradY().scalar_type().intern()).isEqualTo(torch.ScalarType.Float);
      assertThat(g.products(start.y()).cross().scalar_type().intern())
          .isEqualTo(torch.ScalarType.Float);
    }
  }
}
