package org.stackel.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.stackel.benchmark.Orders.Group;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class OrdersTest {
  private static final List<Double> SHORT = List.of(0.3, 0.17, 0.1);

  @Test
  void theClosedFormsAreThoseOfTheCatalogue() {
    try (var scope = StateScope.open();
        var problem = NoisyQuadratic.options().open(new Seed(0), Device.CPU64)) {
      var start = new NoisyQuadratic(0, 0).start();
      assertThat(Tensors.toArray(start.x()))
          .containsExactly(Tensors.toArray(problem.start(new Seed(0)).x()));
      Tensor x = Tensors.of(Device.CPU64, 0.4, -0.7);
      Tensor y = Tensors.of(Device.CPU64, -1.3, 0.2);
      assertThat(NoisyQuadratic.hypergradientNorm(x))
          .isCloseTo(problem.evaluate(x, y).get("hypergradientNorm"), within(1e-12));
      var oracle = new AutogradOracle<>(problem, new Seed(0), Sampling.INDEPENDENT, Shard.ALL);
      assertThat(answers(new NoisyQuadratic(0, 0).oracle(new Seed(0)), x, y))
          .containsExactly(answers(oracle, x, y), within(1e-12));
    }
  }

  private static double[] answers(StochasticOracle oracle, Tensor x, Tensor y) {
    var f = oracle.upper().gradient(x, y);
    var lower = oracle.lower();
    var at = lower.linearize(x, y);
    var dense = at.dense();
    return Tensors.toArray(
        Tensors.concat(
            f.x(),
            f.y(),
            lower.gradientY(x, y),
            at.gradY(),
            at.hessianVector(y),
            at.crossVector(y),
            dense.hessian().reshape(-1),
            dense.cross().reshape(-1)));
  }

  @Test
  void aSampleHasTheSameNoiseAtTheOldAndTheNewPoint() {
    try (var scope = StateScope.open()) {
      Tensor x = Tensors.of(Device.CPU64, 0.4, -0.7);
      Tensor y = Tensors.of(Device.CPU64, -1.3, 0.2);
      var noisy = new NoisyQuadratic(3, 2).oracle(new Seed(1));
      var clean = new NoisyQuadratic(0, 0).oracle(new Seed(1));
      var upper = noisy.upper();
      var lower = noisy.lower();
      Tensor old = Tensors.zerosLike(y);
      assertThat(Tensors.toArray(upper.gradient(x, y).x().sub(upper.gradient(old, old).x())))
          .containsExactly(
              Tensors.toArray(
                  clean.upper().gradient(x, y).x().sub(clean.upper().gradient(old, old).x())),
              within(1e-12));
      assertThat(
              Tensors.toArray(
                  lower
                      .linearize(x, y)
                      .hessianVector(y)
                      .sub(lower.linearize(old, old).hessianVector(old))))
          .containsExactly(
              Tensors.toArray(clean.lower().linearize(x, y).hessianVector(y)), within(1e-12));
      assertThat(Tensors.toArray(lower.gradientY(x, y)))
          .as("there is noise")
          .isNotEqualTo(Tensors.toArray(clean.lower().gradientY(x, y)));
    }
  }

  @Test
  void samplesOfRenewalsAndOfTheRestAreCounted() {
    var batches = new Orders.Batches(100, 10, 3, 6);
    assertThat(batches.samples(0, 8)).isEqualTo(6 * 100 + 2 * 10);
    assertThat(batches.samples(1, 8)).isEqualTo(80);
    assertThat(batches.samples(3, 8)).isEqualTo(620);
    assertThat(Orders.Batches.of(7).samples(0, 5)).isEqualTo(35);
  }

  @Test
  void theSlopeOfAPowerIsItsExponent() {
    double[] calls = Orders.GRID.stream().mapToDouble(e -> 5 / (e * e * e)).toArray();
    assertThat(Orders.slope(Orders.GRID, calls)).isCloseTo(3, within(1e-12));
  }

  @Test
  void varianceReductionIsFlatterThanMomentumOnAShortGrid() {
    assertThat(mean(Group.VARIANCE_REDUCED, SHORT, 2))
        .isLessThan(mean(Group.MOMENTUM, SHORT, 2) - 0.3);
  }

  @Test
  @Tag("slow")
  void varianceReductionIsFlatterThanMomentum() {
    assertThat(mean(Group.VARIANCE_REDUCED, Orders.GRID, 3))
        .isLessThan(mean(Group.MOMENTUM, Orders.GRID, 3) - 0.5);
  }

  @Test
  void momentumDoesNotBearTheStepsOfVarianceReduction() {
    var control =
        Orders.methods().stream().filter(m -> m.group() == Group.CONTROL).findFirst().orElseThrow();
    assertThat(Orders.calls(control, List.of(0.03), new Seed(0))).containsOnly(Double.NaN);
  }

  private static double mean(Group group, List<Double> grid, long seeds) {
    return Orders.methods().stream()
        .filter(m -> m.group() == group)
        .flatMapToDouble(m -> Arrays.stream(Orders.slopes(m, grid, seeds)))
        .average()
        .orElseThrow();
  }
}
