package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.WeightedFits;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.ForwardingOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Blocks;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.LossPair;
import org.stackel.problem.Metrics;
import org.stackel.problem.Noise;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The memories of SABA, on sums of scalar losses in blocks of different sizes. */
class SabaTest {
  private static final double[] CURVATURES = {1, 3, 2, 1.5, 2.5, 4, 1};
  private static final double[] TARGETS = {2, 5, -1, 4, 3};

  /** {@code G_i = ½ aᵢ y² - ½ aᵢ x y, F_j = ½ (y - bⱼ)² + ½ x²}; three and two blocks. */
  private static final class Sums implements FiniteSum<int[]> {
    final List<Integer> lower = new ArrayList<>();
    final List<Integer> upper = new ArrayList<>();

    @Override
    public Blocks lowerBlocks() {
      return Blocks.ofSize(CURVATURES.length, 3);
    }

    @Override
    public Blocks upperBlocks() {
      return Blocks.ofSize(TARGETS.length, 4);
    }

    @Override
    public int[] lowerBlock(int block, Shard shard) {
      lower.add(block);
      return lowerBlocks().examplesOf(block);
    }

    @Override
    public int[] upperBlock(int block, Shard shard) {
      upper.add(block);
      return upperBlocks().examplesOf(block);
    }

    @Override
    public int[] lowerBatch(Seed draw, Shard shard) {
      return draw.sample(CURVATURES.length, 3);
    }

    @Override
    public int[] upperBatch(Seed draw, Shard shard) {
      return draw.sample(TARGETS.length, 4);
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, int[] batch) {
      double a = mean(CURVATURES, batch);
      return Tensors.scale(a / 2, y.dot(y)).sub(Tensors.scale(a / 2, x.dot(y)));
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, int[] batch) {
      // The squares of the targets are missing: they move nothing.
      return Tensors.scale(.5, y.dot(y))
          .sub(Tensors.scale(mean(TARGETS, batch), y.sum()))
          .add(Tensors.scale(.5, x.dot(x)));
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector("x", 1);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("y", 1);
    }

    @Override
    public Start start(Seed seed) {
      return new Start(Tensors.of(Device.CPU64, 1.0), Tensors.of(Device.CPU64, 0.5));
    }

    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      return Metrics.NONE;
    }

    @Override
    public void close() {}
  }

  private static double mean(double[] numbers, int[] of) {
    double sum = 0;
    for (int i : of) {
      sum += numbers[i];
    }
    return sum / of.length;
  }

  /** A table of one quantity in plain numbers. */
  private static final class Table {
    private final double[] entries;

    Table(int blocks) {
      entries = new double[blocks];
    }

    /** {@code new - T[i] + Σ wₖ T[k]} with the old table; then T[i] = new. */
    double direction(int block, double now, Blocks blocks) {
      double average = 0;
      for (int k = 0; k < entries.length; k++) {
        average += (double) blocks.examplesOf(k).length / blocks.examples() * entries[k];
      }
      double direction = now - entries[block] + average;
      entries[block] = now;
      return direction;
    }
  }

  @Test
  void followsTheRecursionOnTheBlocksThatWereDrawn() {
    var sums = new Sums();
    var saba = Algorithms.create("saba", Map.of("upperLr", .05, "lowerLr", .1));
    try (var run = Runs.start(saba, sums, new Seed(3))) {
      double x = 1;
      double y = .5;
      double z = 0;
      Table[] t = new Table[5];
      for (int k = 0; k < 5; k++) {
        t[k] = new Table(k < 3 ? 3 : 2);
      }
      for (int step = 0; step < 60; step++) {
        run.steps(1);
        int i = sums.lower.get(step);
        int j = sums.upper.get(step);
        double a = mean(CURVATURES, sums.lowerBlocks().examplesOf(i));
        double b = mean(TARGETS, sums.upperBlocks().examplesOf(j));
        double gradY = t[0].direction(i, a * y - a / 2 * x, sums.lowerBlocks());
        double hessian = t[1].direction(i, a * z, sums.lowerBlocks());
        double cross = t[2].direction(i, -a / 2 * z, sums.lowerBlocks());
        double fy = t[3].direction(j, y - b, sums.upperBlocks());
        double fx = t[4].direction(j, x, sums.upperBlocks());
        x -= .05 * (fx - cross);
        y -= .1 * gradY;
        z -= .1 * (hessian - fy);
        double[] found = {number(run, "x"), number(run, "y"), number(run, "z")};
        assertThat(found)
            .as("step %d", step)
            .containsExactly(new double[] {x, y, z}, within(1e-12));
      }
      assertThat(sums.lower).contains(0, 1, 2);
      assertThat(sums.upper).contains(0, 1);
    }
  }

  private static double number(Runs<?> run, String name) {
    return run.numbers().get(name)[0];
  }

  /** y* = x/2, so Φ is x²/2 + (x/2 - b)²/2 and x* = 2b/5, with constant steps and random blocks. */
  @Test
  void memoriesTakeTheNoiseOfMinibatchesAway() {
    double solution = .4 * mean(TARGETS, new int[] {0, 1, 2, 3, 4});
    assertThat(distance("saba", Map.of("upperLr", .05, "lowerLr", .1), solution)).isLessThan(1e-9);
    var constant = Map.of("upperLr", .05, "lowerLr", .1, "upperExponent", 0, "lowerExponent", 0);
    assertThat(distance("soba", constant, solution)).isGreaterThan(1e-3);
  }

  private static double distance(String name, Map<String, ?> options, double solution) {
    try (var run = Runs.start(Algorithms.create(name, options), new Sums(), new Seed(4))) {
      run.steps(1500);
      return Math.abs(number(run, "x") - solution);
    }
  }

  /** Says nothing of numbers of examples' own: the tables are dense then. */
  private static final class Dense extends ForwardingOracle {
    Dense(StochasticOracle oracle) {
      super(oracle);
    }

    @Override
    protected SampledObjective wrap(SampledObjective loss, boolean isUpper) {
      return loss;
    }

    @Override
    public boolean isPerExample() {
      return false;
    }
  }

  private static AutogradOracle<?> oracle(BilevelProblem<?> problem, long step) {
    return new AutogradOracle<>(problem, new Seed(step), Sampling.SHARED, Shard.ALL);
  }

  /** Blocks of different sizes; vectors as arrays and, if they are long, by libtorch. */
  @ParameterizedTest
  @CsvSource({"10, 3", "5000, 1500"})
  void oneVectorIsTheWholeTableWhereEveryExampleHasItsNumber(int n, int batch) {
    try (var scope = StateScope.open();
        var problem = WeightedFits.of(n, batch).open()) {
      var saba = new Saba();
      Start start = problem.start(new Seed(0));
      Saba.State few = saba.init(start, oracle(problem, 0));
      Saba.State dense = saba.init(start, new Dense(oracle(problem, 0)));
      for (int t = 0; t < 20; t++) {
        few = saba.step(t, few, oracle(problem, t));
        dense = saba.step(t, dense, new Dense(oracle(problem, t)));
      }
      Map<String, double[]> found = Runs.numbers(few);
      Map<String, double[]> expected = Runs.numbers(dense);
      for (String name : List.of("x", "y", "z", "cross.average")) {
        assertThat(found.get(name)).as(name).containsExactly(expected.get(name));
      }
      double[] sum = new double[n];
      for (int k = 0; k < 4; k++) {
        double[] block = expected.get("cross.table." + k);
        for (int i = 0; i < n; i++) {
          sum[i] += block[i];
        }
      }
      assertThat(found.get("cross.entries")).containsExactly(sum);
      assertThat(sum).doesNotContain(0);
      assertThat(found.keySet().stream().filter(name -> name.startsWith("upperGradientX")))
          .isEmpty();
    }
  }

  /** Files of versions that had dense tables are no longer read, and not read wrongly. */
  @Test
  void aDenseTableIsNotTakenForAnother() {
    try (var scope = StateScope.open();
        var problem = WeightedFits.of(10, 3).open();
        var solver = Solver.start(new Saba(), problem, new Seed(1))) {
      Saba.State dense = new Saba().init(problem.start(new Seed(0)), new Dense(oracle(problem, 0)));
      assertThatThrownBy(() -> solver.restore(1, OracleCalls.NONE, StateScope.tensors(dense)))
          .hasMessage("The tensor 'cross.entries' must have shape [10], found nothing.");
    }
  }

  @Test
  void noiseOnAllOfXNeedsTheTable() {
    try (var scope = StateScope.open();
        var problem = WeightedFits.of(10, 3).noise(new Noise(.1, .1)).open()) {
      Saba.State state = new Saba().init(problem.start(new Seed(0)), oracle(problem, 0));
      assertThat(StateScope.tensors(state)).containsKeys("cross.table.3", "upperGradientX.table.2");
    }
  }

  @Test
  void aProblemWithoutBlocksIsRefused() {
    LossPair.Loss loss = (x, y) -> y.dot(y).add(x.dot(x));
    var problem = new LossPair(new double[] {0}, new double[] {0}, loss, loss);
    assertThatThrownBy(() -> Algorithms.named("saba").check("pair", problem))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("saba remembers every minibatch, but pair is no finite sum")
        .hasMessageContaining("Maybe any algorithm but saba was meant.");
    assertThatCode(() -> Algorithms.named("soba").check("pair", problem))
        .doesNotThrowAnyException();
    assertThatCode(() -> Algorithms.named("saba").check("sums", new Sums()))
        .doesNotThrowAnyException();
    try (var scope = StateScope.open()) {
      var saba = Algorithms.create("saba", Map.of());
      assertThatThrownBy(() -> Runs.start(saba, problem, new Seed(0)))
          .hasMessageContaining("no finite sum");
    }
  }
}
