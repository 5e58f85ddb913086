package org.stackel.hypergradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.config.InvalidInputException;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.SecondDerivatives;
import org.stackel.problem.Dense;
import org.stackel.problem.LossPair;
import org.stackel.problem.Noise;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Dense second derivatives, clips, and singular Hessians. */
class SpectralInverseTest {
  private StateScope scope;

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor matrix(double[][] rows) {
    return Tensors.of(Device.CPU64, Dense.flat(rows), rows.length, rows[0].length);
  }

  private static void assertMatrix(Tensor found, double[][] expected) {
    assertThat(Tensors.shape(found))
        .containsExactly((long) expected.length, (long) expected[0].length);
    assertThat(Tensors.toArray(found)).containsExactly(Dense.flat(expected), within(1e-12));
  }

  private static SpectralInverse clips(double low, double high) {
    return new SpectralInverse(low, high, null, null);
  }

  @Test
  void eigenvaluesAreClipped() {
    assertMatrix(
        clips(.5, 2).spectrum(matrix(new double[][] {{0, 0, 0}, {0, 3, 0}, {0, 0, -1}})).matrix(),
        new double[][] {{.5, 0, 0}, {0, 2, 0}, {0, 0, .5}});
    assertMatrix(
        clips(.5, 1).spectrum(matrix(new double[][] {{0, 1}, {1, 0}})).matrix(),
        new double[][] {{.75, .25}, {.25, .75}});
    assertMatrix(
        clips(.5, 1).spectrum(matrix(new double[][] {{0, 2}, {0, 0}})).matrix(),
        new double[][] {{.75, .25}, {.25, .75}});
  }

  /** The nearest matrix of the set: clipping again changes nothing, and nothing is nearer. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theClipIsAProjection(long seed) {
    double[][] h = Dense.random(new Seed(seed), 5, 5);
    var clips = clips(.3, 1.1);
    Tensor clipped = clips.spectrum(matrix(h)).matrix();
    assertThat(Tensors.toArray(clips.spectrum(clipped).matrix()))
        .containsExactly(Tensors.toArray(clipped), within(1e-12));
    Tensor symmetric = Tensors.scale(.5, matrix(h).add(matrix(h).t()));
    Tensor other = clips.spectrum(matrix(Dense.random(new Seed(seed + 9), 5, 5))).matrix();
    double angle = Tensors.item(symmetric.sub(clipped).mul(other.sub(clipped)).sum());
    assertThat(angle).as("the obtuse angle of a projection").isLessThanOrEqualTo(1e-12);
  }

  @Test
  void vectorsAndCrossDerivativesAreShortened() {
    var bounds = new SpectralInverse(null, null, 2.5, 2.);
    assertThat(Tensors.toArray(bounds.shorten(Solved.vector(3, 4))))
        .containsExactly(new double[] {1.5, 2}, within(1e-15));
    assertThat(Tensors.toArray(bounds.shorten(Solved.vector(.3, .4)))).containsExactly(.3, .4);
    assertThat(Tensors.toArray(bounds.shorten(Solved.vector(0, 0)))).containsExactly(0, 0);
    assertMatrix(
        bounds.clipCross(matrix(new double[][] {{3, 0}, {0, -1}, {0, 0}})),
        new double[][] {{2, 0}, {0, -1}, {0, 0}});
    Tensor clipped = bounds.clipCross(matrix(Dense.random(new Seed(3), 4, 7)));
    assertThat(Tensors.item(torch.linalg_svdvals(clipped).max())).isCloseTo(2, within(1e-12));
    assertThat(Tensors.item(SpectralInverse.UNBOUNDED.shorten(Solved.vector(1e30))))
        .isEqualTo(1e30);
  }

  @Test
  void whatIsNotFiniteStaysSo() {
    Tensor broken = matrix(new double[][] {{Double.NaN, 0}, {0, 1}});
    Tensor v = clips(.5, 2).spectrum(broken).solve(Solved.vector(1, 1));
    assertThat(Tensors.toArray(v)).containsOnly(Double.NaN);
    var bounds = new SpectralInverse(null, null, 1., 1.);
    assertThat(Tensors.toArray(bounds.clipCross(broken))).contains(Double.NaN);
    assertThat(Tensors.toArray(bounds.shorten(Solved.vector(Double.NaN)))).containsOnly(Double.NaN);
    Tensor singular = matrix(new double[][] {{1, 1}, {1, 1}});
    Tensor infinite = SpectralInverse.UNBOUNDED.spectrum(singular).solve(Solved.vector(1, -1));
    for (double number : Tensors.toArray(infinite)) {
      assertThat(Math.abs(number) <= 1e12).as("not of ordinary size: %s", number).isFalse();
    }
  }

  // ---- singular Hessian ------------------------------------------------------------------------

  /** g = (y₁ + y₂ - x)²/2, so that H = [[1, 1], [1, 1]], under f = ⟨b, y⟩. */
  private static LossPair singular(double... b) {
    Tensor slope = Solved.vector(b);
    return new LossPair(
        new double[] {1},
        new double[] {0, 0},
        (x, y) -> slope.dot(y),
        (x, y) -> {
          Tensor gap = y.sum().reshape(1).sub(x);
          return Tensors.scale(.5, gap.dot(gap));
        });
  }

  private static double[] solve(HypergradientEstimator estimator, LossPair problem) {
    var oracle = Solved.oracle(problem, new Seed(1), Sampling.SHARED);
    return Tensors.toArray(
        estimator.sample(oracle).at(Solved.vector(1), Solved.vector(.5, .5)).solution());
  }

  @Test
  void theNormalEquationTendsToThePseudoInverse() {
    var estimator = new NormalEquation(60, .1);
    assertThat(solve(estimator, singular(1, 1)))
        .containsExactly(new double[] {.5, .5}, within(1e-12));
    assertThat(solve(estimator, singular(1, -1))).containsExactly(0, 0);
    assertThat(solve(estimator, singular(3, 1)))
        .as("H⁺ = H/4")
        .containsExactly(new double[] {1, 1}, within(1e-12));
  }

  @Test
  void theSpectralInverseAmplifiesTheNullSpace() {
    var estimator = clips(.5, 2);
    assertMatrix(
        matrix(new double[][] {solve(estimator, singular(1, 0)), solve(estimator, singular(0, 1))}),
        new double[][] {{1.25, -.75}, {-.75, 1.25}});
    assertThat(solve(estimator, singular(1, 1)))
        .containsExactly(new double[] {.5, .5}, within(1e-12));
    assertThat(solve(estimator, singular(1, -1)))
        .as("by 1/μ = 2, where the pseudo-inverse has 0")
        .containsExactly(new double[] {2, -2}, within(1e-12));
  }

  /** f = |y|²/2 at y = (x/2, x/2): ∇Φ = x/2. */
  @Test
  void theHypergradientIsThatOfTheLeastNormSolution() {
    var problem =
        new LossPair(
            new double[] {1},
            new double[] {0, 0},
            (x, y) -> Tensors.scale(.5, y.dot(y)),
            (x, y) -> {
              Tensor gap = y.sum().reshape(1).sub(x);
              return Tensors.scale(.5, gap.dot(gap));
            });
    for (double x : new double[] {-2, .3, 5}) {
      for (var estimator :
          new HypergradientEstimator[] {new NormalEquation(60, .1), clips(.5, 2)}) {
        var oracle = Solved.oracle(problem, new Seed(1), Sampling.SHARED);
        var found = estimator.sample(oracle).at(Solved.vector(x), Solved.vector(x / 2, x / 2));
        assertThat(Tensors.item(found.direction())).isCloseTo(x / 2, within(1e-12));
      }
    }
  }

  // ---- dense derivatives -----------------------------------------------------------------------

  private static LossPair coupled(Noise noise) {
    return new LossPair(
        new double[3],
        new double[2],
        (x, y) -> y.sum(),
        (x, y) -> y.exp().dot(x.narrow(0, 0, 2).sin()).add(y.prod().mul(x.sum().exp())),
        noise);
  }

  @Test
  void denseDerivativesAreTheProductsWithUnitVectors() {
    Tensor x = Solved.vector(.3, -.2, .5);
    Tensor y = Solved.vector(.7, -.4);
    var oracle = Solved.oracle(coupled(Noise.NONE), new Seed(1), Sampling.SHARED);
    double e = Math.exp(.6);
    SecondDerivatives found = oracle.lower().linearize(x, y).dense();
    assertMatrix(
        found.hessian(),
        new double[][] {{Math.exp(.7) * Math.sin(.3), e}, {e, Math.exp(-.4) * Math.sin(-.2)}});
    assertMatrix(
        found.cross(),
        new double[][] {
          {Math.exp(.7) * Math.cos(.3) - .4 * e, .7 * e},
          {-.4 * e, Math.exp(-.4) * Math.cos(.2) + .7 * e},
          {-.4 * e, .7 * e}
        });
  }

  @ParameterizedTest
  @EnumSource(Sampling.class)
  void theyCountAsManyProductsAsYHasNumbers(Sampling sampling) {
    var oracle = new CountingOracle(Solved.oracle(coupled(Noise.NONE), new Seed(1), sampling));
    SampledHypergradient sampled = SpectralInverse.UNBOUNDED.sample(oracle);
    assertThat(oracle.calls()).isEqualTo(OracleCalls.NONE);
    sampled.at(Solved.vector(.3, .2, .5), Solved.vector(.7, .4));
    assertThat(oracle.calls()).isEqualTo(new OracleCalls(1, 0, 2, 2));
  }

  @Test
  void noiseIsOnEveryProductOfADenseMatrixAndTheSameAtOtherPoints() {
    Tensor x = Solved.vector(.3, -.2, .5);
    Tensor y = Solved.vector(.7, -.4);
    var exact = Solved.oracle(coupled(Noise.NONE), new Seed(1), Sampling.SHARED).lower();
    var noisy = Solved.oracle(coupled(new Noise(0, 1)), new Seed(1), Sampling.SHARED).lower();
    Tensor here =
        noisy.linearize(x, y).dense().hessian().sub(exact.linearize(x, y).dense().hessian());
    assertThat(Tensors.toArray(here)).doesNotHaveDuplicates().doesNotContain(0);
    Tensor there = Solved.vector(.1, .1);
    Tensor other =
        noisy
            .linearize(x, there)
            .dense()
            .hessian()
            .sub(exact.linearize(x, there).dense().hessian());
    assertThat(Tensors.toArray(other)).containsExactly(Tensors.toArray(here), within(1e-12));
  }

  @Test
  void whatIsTooLargeIsRefused() {
    assertThat(SpectralInverse.fits(2000, 2000)).isTrue();
    assertThat(SpectralInverse.fits(1, 2001)).isFalse();
    assertThat(SpectralInverse.fits(2001, 2000)).isFalse();
    assertThat(SpectralInverse.fits(4_000_000, 1)).isTrue();
    var problem =
        new LossPair(
            new double[1], new double[2001], (x, y) -> y.sum(), (x, y) -> y.dot(y).mul(x.sum()));
    var sampled =
        SpectralInverse.UNBOUNDED.sample(Solved.oracle(problem, new Seed(1), Sampling.SHARED));
    assertThatThrownBy(
            () -> sampled.at(Tensors.zeros(Device.CPU64, 1), Tensors.zeros(Device.CPU64, 2001)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("dimension of y is 2,001, the limit is 2,000")
        .hasMessageContaining("Maybe ");
  }
}
