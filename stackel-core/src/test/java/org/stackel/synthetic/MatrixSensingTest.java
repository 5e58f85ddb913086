package org.stackel.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.Dense;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class MatrixSensingTest {
  private static final int D = 5;
  private static final int R = 3;

  private StateScope scope;

  @BeforeEach
  void openScope() {
    scope = StateScope.open();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  private static MatrixSensing.Opened open(Map<String, ?> more) {
    var options = new HashMap<String, Object>(Map.of("d", D, "r", R, "samples", 60));
    options.putAll(more);
    return ((MatrixSensing) Problems.create("matrix-sensing", options))
        .open(new Seed(3), Device.CPU64);
  }

  /** A run that diverges is evaluated on the way. */
  @Test
  void aPointWhoseHessianOverflowsHasMetrics() {
    try (var problem = open(Map.of())) {
      Start at = problem.start(new Seed(1));
      for (double scale : new double[] {1e60, 1e160}) {
        Metrics metrics =
            problem.evaluate(Tensors.scale(scale, at.x()), Tensors.scale(scale, at.y()));
        assertThat(metrics.values()).containsKey("hypergradientNorm");
      }
    }
  }

  /** The formulas, which the metrics use, against autograd on the loss. */
  @Test
  void derivativesOfTheMetricsAreThoseOfTheLoss() {
    try (var problem = open(Map.of("startDeviation", .5))) {
      Start at = problem.start(new Seed(1));
      var oracle = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL);
      var g = oracle.lower().linearize(at.x(), at.y());
      var whole = problem.lowerBatch(new Seed(0), Shard.ALL);
      Tensor residuals = problem.features(at.x(), whole).add(whole.measure(at.y().unsqueeze(1)));
      Tensor hessian = problem.lowerHessian(at.x(), at.y(), whole);
      for (int i = 0; i < 3; i++) {
        Tensor v = Tensors.randn(new Seed(i), Device.CPU64, D);
        same(hessian.mv(v), g.hessianVector(v));
        same(problem.crossVector(at.x(), at.y(), v).view(-1), g.crossVector(v));
      }
      same(whole.weighted(residuals).mv(at.y()), g.gradY());
    }
  }

  @Test
  void theHypergradientIsThatOfDenseProducts() {
    try (var problem = open(Map.of())) {
      Tensor x = problem.start(new Seed(1)).x();
      Tensor y = problem.solution(x, problem.start(new Seed(1)).y());
      var oracle = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL);
      var g = oracle.lower().linearize(x, y);
      double[][] hessian = new double[D][];
      for (int i = 0; i < D; i++) {
        double[] e = new double[D];
        e[i] = 1;
        hessian[i] = Tensors.toArray(g.hessianVector(Tensors.of(Device.CPU64, e)));
      }
      var f = oracle.upper().gradient(x, y);
      double[] v = Dense.solve(hessian, Tensors.toArray(f.y()));
      Tensor expected = f.x().sub(g.crossVector(Tensors.of(Device.CPU64, v)));
      same(problem.hypergradient(x, y), expected);
    }
  }

  private static void same(Tensor found, Tensor expected) {
    assertThat(Tensors.toArray(found)).containsExactly(Tensors.toArray(expected), within(1e-11));
  }

  /** The loss against its definition with three loops. */
  @Test
  void theLossIsItsDefinition() {
    try (var problem = open(Map.of())) {
      Start at = problem.start(new Seed(1));
      double[] x = Tensors.toArray(at.x());
      double[] y = Tensors.toArray(at.y());
      var batch = problem.lowerBatch(new Seed(0), Shard.ALL);
      double[] c = Tensors.toArray(batch.matrices());
      double[] o = Tensors.toArray(batch.results());
      assertThat(o).hasSize(24); // 40 % of 60
      double sum = 0;
      for (int i = 0; i < o.length; i++) {
        double residual = -o[i];
        for (int a = 0; a < D; a++) {
          for (int b = 0; b < D; b++) {
            double h = y[a] * y[b];
            for (int j = 0; j < R - 1; j++) {
              h += x[a * (R - 1) + j] * x[b * (R - 1) + j];
            }
            residual += c[(i * D + a) * D + b] * h;
          }
        }
        sum += residual * residual / 2;
      }
      assertThat(problem.evaluate(at.x(), at.y()).get("lowerLoss"))
          .isCloseTo(sum / o.length, within(1e-12));
    }
  }

  @Test
  void theTruthIsTheSolution() {
    try (var problem = open(Map.of("startDeviation", 0))) {
      Start truth = problem.start(new Seed(1));
      Metrics metrics = problem.evaluate(truth.x(), truth.y());
      for (String name :
          new String[] {
            "upperLoss",
            "lowerLoss",
            "relativeError",
            "valueFunction",
            "hypergradientNorm",
            "lowerDistance"
          }) {
        assertThat(metrics.get(name)).as(name).isCloseTo(0, within(1e-10));
      }
      Metrics mirrored = problem.evaluate(truth.x(), truth.y().neg());
      assertThat(mirrored.get("relativeError")).isCloseTo(0, within(1e-10));
      Metrics nothing =
          problem.evaluate(Tensors.zerosLike(truth.x()), Tensors.zerosLike(truth.y()));
      assertThat(nothing.get("relativeError")).isCloseTo(1, within(1e-12));
    }
  }

  /** From y at any distance Newton's method finds a minimiser, not the saddle at zero. */
  @ParameterizedTest
  @CsvSource({"1e-3", ".1", "1", "30"})
  void theLowerSolutionIsAMinimiser(double distance) {
    try (var problem = open(Map.of())) {
      Tensor x = problem.start(new Seed(1)).x();
      Tensor y = Tensors.scale(distance, Tensors.randn(new Seed(2), Device.CPU64, D));
      Tensor solution = problem.solution(x, y);
      var lower = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL).lower();
      assertThat(Tensors.item(Tensors.norm(lower.gradientY(x, solution)))).isLessThan(1e-12);
      var batch = problem.lowerBatch(new Seed(0), Shard.ALL);
      double[] eigenvalues =
          Tensors.toArray(torch.linalg_eigvalsh(problem.lowerHessian(x, solution, batch)));
      assertThat(eigenvalues[0]).isPositive();
    }
  }

  @Test
  void smallStartsAreFarFromTheTruth() {
    try (var problem = open(Map.of("start", "random", "startDeviation", 1e-3))) {
      Start start = problem.start(new Seed(1));
      assertThat(Tensors.item(Tensors.norm(start.x()))).isLessThan(.01);
      assertThat(problem.evaluate(start.x(), start.y()).get("relativeError"))
          .isCloseTo(1, within(1e-3));
    }
  }

  @Test
  void thereAreTwentySamplesARow() {
    try (var problem =
        ((MatrixSensing) Problems.create("matrix-sensing", Map.of("d", 4, "r", 2, "batch", 10)))
            .open(new Seed(3), Device.CPU64)) {
      assertThat(problem.stepsPerEpoch()).isEqualTo(4); // 40 % of 80 in tens
      assertThat(problem.upperBatch(new Seed(0), Shard.ALL).results().numel()).isEqualTo(10);
      assertThat(problem.upperLayout().size()).isEqualTo(4);
      assertThat(problem.lowerLayout().size()).isEqualTo(4);
    }
  }
}
