package org.stackel.bilevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Blocks;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Goal;
import org.stackel.problem.Metrics;
import org.stackel.problem.Noise;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class BilevelTest {
  private static final int TRAINING = 30;
  private static final int HELD_OUT = 20;
  private static final int FEATURES = 4;

  private StateScope scope;
  private Tensor a;
  private Tensor b;
  private Tensor heldOutA;
  private Tensor heldOutB;

  @BeforeEach
  void makeData() {
    scope = StateScope.open();
    a = Tensors.randn(new Seed(1), Device.CPU64, TRAINING, FEATURES);
    Tensor w = Tensors.randn(new Seed(2), Device.CPU64, FEATURES);
    b = a.mv(w).add(Tensors.randn(new Seed(3), Device.CPU64, TRAINING));
    heldOutA = Tensors.randn(new Seed(4), Device.CPU64, HELD_OUT, FEATURES);
    heldOutB = heldOutA.mv(w);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor error(Tensor a, Tensor b, Tensor y) {
    return a.mv(y).sub(b).square().mean();
  }

  private static Tensor penalty(Tensor x, Tensor y) {
    return x.exp().sum().mul(y.dot(y));
  }

  /** {@code g = mean (aᵀy - b)² + exp(x) |y|²}, f the mean over held-out examples. */
  private Bilevel<Tensor> ridge() {
    return Bilevel.problem(new double[] {0}, new double[FEATURES])
        .named("ridge")
        .lower((x, y, m) -> error(m.rows(a), m.rows(b), y).add(penalty(x, y)))
        .upper((x, y, m) -> error(m.rows(heldOutA), m.rows(heldOutB), y))
        .batches(TRAINING, 8, HELD_OUT, 5);
  }

  private Bilevel<Tensor> wholeRidge() {
    return ridge().batches(TRAINING, 0, HELD_OUT, 0);
  }

  private static Tensor vector(double... numbers) {
    return Tensors.of(Device.CPU64, numbers);
  }

  // ---- solutions ---------------------------------------------------------------------------

  private Tensor ridgeSolution(double x) {
    Tensor gram = a.t().mm(a).div(new Scalar((double) TRAINING));
    Tensor matrix = gram.add(torch.eye(FEATURES).to(gram).mul(new Scalar(Math.exp(x))));
    return torch.linalg_solve(matrix, a.t().mv(b).div(new Scalar((double) TRAINING)));
  }

  private static double minimiser(DoubleUnaryOperator f, double low, double high) {
    double golden = (Math.sqrt(5) - 1) / 2;
    double left = low;
    double right = high;
    while (right - left > 1e-8) {
      double p = right - golden * (right - left);
      double q = left + golden * (right - left);
      if (f.applyAsDouble(p) < f.applyAsDouble(q)) {
        right = q;
      } else {
        left = p;
      }
    }
    return (left + right) / 2;
  }

  @Test
  void findsTheStrengthOfARidge() {
    double best = minimiser(x -> Tensors.item(error(heldOutA, heldOutB, ridgeSolution(x))), -8, 3);
    var amigo = Algorithms.create("amigo", Map.of("upperLr", 1, "lowerLr", .1));
    try (var problem = wholeRidge().open();
        var solver = Solver.start(amigo, problem, new Seed(0))) {
      while (solver.step() < 150) {
        solver.next();
      }
      assertThat(Tensors.item(solver.x())).isCloseTo(best, within(1e-3));
      assertThat(Tensors.toArray(solver.y()))
          .containsExactly(Tensors.toArray(ridgeSolution(Tensors.item(solver.x()))), within(1e-4));
    }
  }

  /** Without samples: the quadratic problem of the catalogue, number by number. */
  @ParameterizedTest
  @ValueSource(strings = {"soba", "slip", "stocbio", "f2sa", "mgbio", "saba"})
  void twoFunctionsAreAProblemOfTheCatalogue(String name) {
    var matrix = List.of(List.of(2.0, 0.5), List.of(0.5, 1.0));
    var coupling = List.of(List.of(1.0, 0.0, -1.0), List.of(0.0, 2.0, 1.0));
    var options = Map.of("A", matrix, "B", coupling, "d", List.of(1, -1), "e", List.of(.1, .2, .3));
    Tensor bigA = Tensors.of(Device.CPU64, new double[] {2, .5, .5, 1}, 2, 2);
    Tensor bigB = Tensors.of(Device.CPU64, new double[] {1, 0, -1, 0, 2, 1}, 2, 3);
    Tensor d = vector(1, -1);
    Tensor e = vector(.1, .2, .3);
    var stated =
        Bilevel.problem(new double[3], new double[2])
            .lower((x, y) -> y.dot(bigA.mv(y)).mul(new Scalar(0.5)).sub(y.dot(bigB.mv(x))))
            .upper((x, y) -> y.sub(d).square().sum().mul(new Scalar(0.5)).add(e.dot(x)));
    var algorithm = Algorithms.create(name, Map.of());
    try (var known = Problems.create("quadratic", options).open(new Seed(0), Device.CPU64);
        var problem = stated.open();
        var expected = Solver.start(algorithm, known, new Seed(5));
        var solver = Solver.start(algorithm, problem, new Seed(5))) {
      for (int t = 0; t < 20; t++) {
        expected.next();
        solver.next();
      }
      assertThat(Tensors.toArray(solver.x()))
          .containsExactly(Tensors.toArray(expected.x()), within(1e-11));
      assertThat(Tensors.toArray(solver.y()))
          .containsExactly(Tensors.toArray(expected.y()), within(1e-11));
      assertThat(solver.calls()).isEqualTo(expected.calls());
      assertThat(solver.evaluate().get("upperLoss"))
          .isCloseTo(expected.evaluate().get("upperLoss"), within(1e-12));
      assertThat(problem.stepsPerEpoch()).as("no samples").isZero();
      assertThat(problem.lowerBlocks()).isEqualTo(Blocks.ONE);
    }
  }

  // ---- minibatches -------------------------------------------------------------------------

  private static double lower(FiniteSum<Minibatch> p, Start at, Minibatch batch) {
    return Tensors.item(p.lowerLoss(at.x(), at.y(), batch));
  }

  @Test
  void minibatchesAreFunctionsOfTheirSeed() {
    try (var problem = ridge().open()) {
      Minibatch first = problem.lowerBatch(new Seed(1), Shard.ALL);
      Minibatch again = problem.lowerBatch(new Seed(1), Shard.ALL);
      Minibatch other = problem.lowerBatch(new Seed(2), Shard.ALL);
      int[] drawn = new Seed(1).sample(TRAINING, 8);
      assertThat(Tensors.toLongs(first.indices()))
          .containsExactly(Arrays.stream(drawn).asLongStream().toArray())
          .containsExactly(Tensors.toLongs(again.indices()))
          .isNotEqualTo(Tensors.toLongs(other.indices()));
      assertThat(first.size()).isEqualTo(8);
      assertThat(problem.sizeOf(first)).isEqualTo(8);
      assertThat(problem.sizeOf(problem.upperBatch(new Seed(1), Shard.ALL))).isEqualTo(5);
      assertThat(Tensors.toArray(first.rows(b)))
          .containsExactly(Tensors.toArray(b.index_select(0, first.indices())));
      assertThat(Tensors.shape(first.rows(a))).containsExactly(8L, (long) FEATURES);
    }
  }

  @Test
  void halvesOfAMinibatchMakeTheWhole() {
    try (var problem = ridge().open()) {
      Start at = new Start(vector(.3), vector(1, 2, -1, .5));
      double whole = lower(problem, at, problem.lowerBatch(new Seed(1), Shard.ALL));
      double left = lower(problem, at, problem.lowerBatch(new Seed(1), new Shard(0, 2)));
      double right = lower(problem, at, problem.lowerBatch(new Seed(1), new Shard(1, 2)));
      assertThat((left + right) / 2).isCloseTo(whole, within(1e-12));
      assertThat(left).isNotEqualTo(right);
    }
  }

  @Test
  void blocksMakeTheWhole() {
    try (var problem = ridge().open()) {
      Start at = new Start(vector(.3), vector(1, 2, -1, .5));
      Blocks blocks = problem.lowerBlocks();
      assertThat(blocks.count()).isEqualTo(4);
      assertThat(problem.stepsPerEpoch()).isEqualTo(4);
      double mean =
          IntStream.range(0, 4)
              .mapToDouble(
                  i -> blocks.weight(i) * lower(problem, at, problem.lowerBlock(i, Shard.ALL)))
              .sum();
      double expected = Tensors.item(error(a, b, at.y()).add(penalty(at.x(), at.y())));
      assertThat(mean).isCloseTo(expected, within(1e-12));
      Metrics metrics = problem.evaluate(at.x(), at.y());
      assertThat(metrics.values()).containsOnlyKeys("upperLoss", "lowerLoss");
      assertThat(metrics.get("lowerLoss")).isCloseTo(expected, within(1e-12));
      assertThat(metrics.get("upperLoss"))
          .isCloseTo(Tensors.item(error(heldOutA, heldOutB, at.y())), within(1e-12));
    }
  }

  /** Then rows are the tensor itself, in order. */
  @Test
  void allSamplesAreOneMinibatch() {
    try (var problem = wholeRidge().open()) {
      Minibatch all = problem.lowerBatch(new Seed(1), Shard.ALL);
      assertThat(all).isSameAs(problem.lowerBatch(new Seed(2), Shard.ALL));
      assertThat(all.size()).isEqualTo(TRAINING);
      assertThat(all.rows(a).data_ptr().address()).isEqualTo(a.data_ptr().address());
      assertThat(Tensors.toLongs(all.indices()))
          .containsExactly(IntStream.range(0, TRAINING).asLongStream().toArray());
      assertThat(problem.lowerBatch(new Seed(1), new Shard(1, 3)).size()).isEqualTo(10);
      assertThat(problem.stepsPerEpoch()).isEqualTo(1);
    }
  }

  @Test
  void oneLevelMayHaveNoSamples() {
    Bilevel<Tensor> mixed = ridge().upper((x, y) -> error(heldOutA, heldOutB, y));
    try (var problem = mixed.open()) {
      assertThat(problem.upperBlocks()).isEqualTo(Blocks.ONE);
      assertThat(problem.sizeOf(problem.upperBatch(new Seed(0), Shard.ALL))).isZero();
      assertThat(problem.lowerBlocks().count()).isEqualTo(4);
      Start at = problem.start(new Seed(0));
      assertThat(problem.evaluate(at.x(), at.y()).get("upperLoss"))
          .isCloseTo(Tensors.item(error(heldOutA, heldOutB, at.y())), within(1e-12));
      var soba = Algorithms.create("soba", Map.of());
      var pieces = Solver.Setup.DEFAULT.withPieces(2);
      assertThatThrownBy(() -> Solver.start(soba, problem, new Seed(0), pieces))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith("The minibatches of this problem cannot be cut into 2 pieces");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"soba", "saba", "amigo", "bo-rep", "accbo", "v-pbgd", "maml"})
  void everyKindOfAlgorithmRuns(String name) {
    try (var problem = ridge().open();
        var solver = Solver.start(Algorithms.create(name, Map.of()), problem, new Seed(0))) {
      double before = solver.evaluate().get("upperLoss");
      for (int t = 0; t < 40; t++) {
        solver.next();
      }
      assertThat(Solver.notFinite(solver.state())).isNull();
      assertThat(solver.evaluate().get("upperLoss")).isLessThan(before);
    }
  }

  @Test
  void slicesOfAMinibatchHaveItsMean() {
    try (var problem = ridge().open()) {
      Start at = new Start(vector(.3), vector(1, 2, -1, .5));
      var whole = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL, 1);
      var slices = new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL, 11);
      assertThat(Tensors.toArray(slices.lower().gradientY(at.x(), at.y())))
          .containsExactly(Tensors.toArray(whole.lower().gradientY(at.x(), at.y())), within(1e-12));
      assertThat(Tensors.toArray(slices.upper().gradient(at.x(), at.y()).y()))
          .containsExactly(
              Tensors.toArray(whole.upper().gradient(at.x(), at.y()).y()), within(1e-12));
    }
  }

  // ---- evaluation --------------------------------------------------------------------------

  /** A mean of 0 … n-1 over 10,000 numbers of it, the same ones every time. */
  @Test
  void veryManySamplesAreEvaluatedInPart() {
    int n = 50_000;
    Tensor numbers = torch.arange(new Scalar(n)).to(torch.ScalarType.Double);
    Bilevel<Tensor> many =
        Bilevel.problem(new double[1], new double[1])
            .lower((x, y, m) -> m.rows(numbers).mean().mul(y.sub(x).square()))
            .upper((x, y, m) -> m.rows(numbers).mean().add(y))
            .batches(n, 300);
    try (var problem = many.open(new Seed(1), Device.CPU64);
        var other = many.open(new Seed(2), Device.CPU64)) {
      Start at = problem.start(new Seed(0));
      double mean = problem.evaluate(at.x(), at.y()).get("upperLoss");
      assertThat(problem.evaluate(at.x(), at.y()).get("upperLoss")).isEqualTo(mean);
      assertThat(other.evaluate(at.x(), at.y()).get("upperLoss")).isNotEqualTo(mean);
      assertThat(mean).isCloseTo(n / 2.0, within(4 * n / Math.sqrt(12 * 10_000)));
      assertThat(problem.remarks())
          .containsExactly(
              "Losses of a level with more than 10,000 samples are means over that many, the same ones at every evaluation.");
    }
  }

  @Test
  void metricsMayBeTheUsersOwn() {
    Bilevel<Tensor> judged =
        ridge()
            .evaluate((x, y) -> Metrics.NONE.with("strength", Math.exp(Tensors.item(x))))
            .goal(new Goal("strength", "strength", "strength"))
            .remarks("Random data.", "No test set.");
    assertThat(judged.goal().objective()).isEqualTo("strength");
    assertThat(ridge().goal()).isEqualTo(Goal.UPPER_LOSS);
    assertThat(judged.typeName()).isEqualTo("ridge");
    try (var problem = judged.open()) {
      assertThat(problem.evaluate(vector(0), vector(0, 0, 0, 0)).values())
          .isEqualTo(Map.of("strength", 1.0));
      assertThat(problem.remarks()).containsExactly("Random data.", "No test set.");
    }
  }

  @Test
  void saysWhereTheLowerLevelHasNoEffect() {
    try (var problem = wholeRidge().upper((x, y) -> x.square()).open()) {
      assertThat(problem.remarks())
          .containsExactly(
              "The upper loss does not depend on y, so the lower level has no effect on x.");
    }
  }

  // ---- shapes and names --------------------------------------------------------------------

  @Test
  void functionsSeeAVariableInItsShape() {
    Tensor x0 = Tensors.randn(new Seed(1), Device.CPU64, 2, 3);
    Tensor y0 = Tensors.randn(new Seed(2), Device.CPU64); // a scalar
    Bilevel<Tensor> shaped =
        Bilevel.problem(x0, y0)
            .lower(
                (x, y) -> {
                  assertThat(Tensors.shape(x)).containsExactly(2L, 3L);
                  assertThat(Tensors.shape(y)).isEmpty();
                  return x.mean().sub(y).square();
                })
            .upper((x, y) -> x.square().sum().add(y))
            .projectX(
                x -> {
                  assertThat(Tensors.shape(x)).containsExactly(2L, 3L);
                  return x.div(Tensors.norm(x));
                });
    try (var problem = shaped.open()) {
      Start start = problem.start(new Seed(0));
      assertThat(Tensors.toArray(start.x())).containsExactly(Tensors.toArray(x0));
      assertThat(start.x().dim()).isEqualTo(1);
      assertThat(start.y().dim()).isEqualTo(1);
      assertThat(problem.upperLayout().parts().get(0).shape()).containsExactly(2L, 3L);
      assertThat(problem.isConstrained()).isTrue();
      Tensor projected = problem.projectX(start.x());
      assertThat(projected.dim()).isEqualTo(1);
      assertThat(Tensors.item(Tensors.norm(projected))).isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void functionsSeeNamedTensors() {
    Named x0 = Named.of("logStrength", vector(.5));
    Named y0 =
        Named.of("w", Tensors.randn(new Seed(5), Device.CPU64, FEATURES, 1)).and("bias", vector(2));
    Bilevel<Named> named =
        Bilevel.problem(x0, y0)
            .lower(
                (x, y, m) -> {
                  assertThat(y.names()).containsExactly("w", "bias");
                  Tensor error =
                      m.rows(a).mm(y.get("w")).add(y.get("bias")).sub(m.rows(b).view(-1, 1));
                  return error.square().mean().add(penalty(x.get("logStrength"), y.flat()));
                })
            .upper((x, y, m) -> m.rows(heldOutA).mm(y.get("w")).square().mean())
            .batches(TRAINING, 0, HELD_OUT, 0)
            .projectY(y -> y.with("bias", y.get("bias").clamp_min(new Scalar(0.0))));
    try (var problem = named.open()) {
      assertThat(problem.lowerLayout().parts())
          .extracting(p -> p.name())
          .containsExactly("w", "bias");
      Start start = problem.start(new Seed(0));
      Tensor flat = Tensors.concat(y0.get("w").reshape(-1), y0.get("bias"));
      assertThat(Tensors.toArray(start.y())).containsExactly(Tensors.toArray(flat));
      double expected =
          Tensors.item(
              a.mv(y0.get("w").reshape(-1))
                  .add(new Scalar(2.0))
                  .sub(b)
                  .square()
                  .mean()
                  .add(penalty(vector(.5), flat)));
      assertThat(problem.evaluate(start.x(), start.y()).get("lowerLoss"))
          .isCloseTo(expected, within(1e-12));
      assertThat(Tensors.toArray(problem.projectY(vector(1, -1, 1, -1, -3))))
          .containsExactly(1, -1, 1, -1, 0);
      try (var solver = Solver.start(Algorithms.create("soba", Map.of()), problem, new Seed(0))) {
        double before = solver.evaluate().get("lowerLoss");
        for (int t = 0; t < 10; t++) {
          solver.next();
        }
        assertThat(solver.evaluate().get("lowerLoss")).isLessThan(before);
      }
    }
  }

  /** Data cleaning in a few lines: a weight for each training example. */
  @Test
  void rowsOfAVariableAreDifferentiable() {
    Bilevel<Tensor> weighted =
        Bilevel.problem(new double[TRAINING], new double[FEATURES])
            .lower(
                (x, y, m) ->
                    m.rows(a).mv(y).sub(m.rows(b)).square().mul(m.rows(x).sigmoid()).mean())
            .upper((x, y, m) -> error(m.rows(heldOutA), m.rows(heldOutB), y))
            .batches(TRAINING, 7, HELD_OUT, 0);
    try (var problem = weighted.open()) {
      var lower =
          new AutogradOracle<>(problem, new Seed(1), Sampling.INDEPENDENT, Shard.ALL).lower();
      Tensor cross =
          lower.crossVector(vector(new double[TRAINING]), vector(1, 1, 1, 1), vector(1, 0, 0, 0));
      assertThat(Arrays.stream(Tensors.toArray(cross)).filter(number -> number != 0).count())
          .isEqualTo(7);
    }
  }

  // ---- sets --------------------------------------------------------------------------------

  private Tensor projectedX(Region region, double... x) {
    double[] x0 = new double[x.length];
    try (var problem =
        Bilevel.problem(x0, x0)
            .lower((s, t) -> s.sub(t).square().sum())
            .upper((s, t) -> t.square().sum())
            .constrainX(region)
            .open()) {
      assertThat(problem.isConstrained()).isTrue();
      return problem.projectX(vector(x));
    }
  }

  @Test
  void keepsXInASet() {
    assertThat(Tensors.toArray(projectedX(Region.box(-1, 2), -3, 0, 5))).containsExactly(-1, 0, 2);
    assertThat(Tensors.toArray(projectedX(Region.box(0, Double.POSITIVE_INFINITY), -3, 0, 5)))
        .containsExactly(0, 0, 5);
    assertThat(
            Tensors.toArray(
                projectedX(Region.box(new double[] {-5, 1, 2}, new double[] {0, 3, 4}), -3, 0, 5)))
        .containsExactly(-3, 1, 4);
    assertThat(Tensors.toArray(projectedX(Region.ball(1), 3, 4)))
        .containsExactly(new double[] {.6, .8}, within(1e-15));
    assertThat(Tensors.toArray(projectedX(Region.ball(5.1), 3, 4))).containsExactly(3, 4);
    assertThat(Tensors.toArray(projectedX(Region.ball(new double[] {3, 0}, 2), 3, 4)))
        .containsExactly(3, 2);
    assertThat(projectedX(Region.box(-1, 1), Double.NaN)).matches(x -> !Tensors.isFinite(x));
  }

  @Test
  void staysInTheSet() {
    Bilevel<Tensor> bounded =
        wholeRidge().constrainX(Region.box(-.5, .5)).constrainY(Region.ball(1));
    try (var problem = bounded.open();
        var solver = Solver.start(Algorithms.create("soba", Map.of()), problem, new Seed(0))) {
      for (int t = 0; t < 200; t++) {
        solver.next();
      }
      assertThat(Tensors.item(solver.x())).isEqualTo(-.5);
      assertThat(Tensors.item(Tensors.norm(solver.y()))).isLessThan(1 + 1e-12);
    }
  }

  /** A projection that only hands out a tensor of the user's does not lose it. */
  @Test
  void aProjectionMayBeAConstant() {
    Tensor fixed = Tensors.copy(vector(.25));
    try (var problem = wholeRidge().projectX(x -> fixed).open();
        var solver = Solver.start(Algorithms.create("soba", Map.of()), problem, new Seed(0))) {
      solver.next();
      solver.next();
      assertThat(Tensors.item(solver.x())).isEqualTo(.25);
    }
    assertThat(fixed.isNull()).isFalse();
  }

  // ---- noise -------------------------------------------------------------------------------

  @Test
  void theOracleAddsNoise() {
    try (var problem = wholeRidge().noise(new Noise(.5, 0)).open()) {
      Start at = problem.start(new Seed(0));
      var oracle = new AutogradOracle<>(problem, new Seed(1), Sampling.INDEPENDENT, Shard.ALL);
      assertThat(Tensors.toArray(oracle.lower().gradientY(at.x(), at.y())))
          .isNotEqualTo(Tensors.toArray(oracle.lower().gradientY(at.x(), at.y())));
    }
  }

  // ---- where tensors are -------------------------------------------------------------------

  @Test
  void opensInTheTypeOfTheRun() {
    Bilevel<Tensor> handed =
        Bilevel.problem(new double[] {0}, new double[FEATURES])
            .data("a", a)
            .data("b", b)
            .data("classes", Tensors.indices(Device.CPU64, new int[TRAINING]))
            .lower(
                (x, y, m) -> {
                  assertThat(m.rows("classes").scalar_type().intern())
                      .isEqualTo(torch.ScalarType.Long);
                  return error(m.rows("a"), m.rows("b"), y).add(penalty(x, y));
                })
            .upper((x, y, m) -> error(m.rows(heldOutA), m.rows(heldOutB), y)) // float64, converted
            .batches(TRAINING, 8, HELD_OUT, 5);
    try (var exact = handed.open();
        var problem = handed.open(new Seed(0), Device.CPU)) {
      Start start = problem.start(new Seed(0));
      assertThat(Device.of(start.x())).isEqualTo(Device.CPU);
      Minibatch batch = problem.lowerBatch(new Seed(1), Shard.ALL);
      assertThat(Device.of(batch.rows("a"))).isEqualTo(Device.CPU);
      assertThat(
              Device.of(
                  batch.rows(
                      heldOutA.index_select(0, Tensors.indices(Device.CPU, new int[TRAINING])))))
          .isEqualTo(Device.CPU);
      assertThat(Device.of(batch.data("a"))).isEqualTo(Device.CPU);
      Metrics rounded = problem.evaluate(start.x(), start.y());
      Metrics metrics = exact.evaluate(vector(0), vector(0, 0, 0, 0));
      assertThat(rounded.get("lowerLoss")).isCloseTo(metrics.get("lowerLoss"), within(1e-5));
      assertThat(rounded.get("upperLoss")).isCloseTo(metrics.get("upperLoss"), within(1e-5));
    }
  }

  @Test
  void opensInTheTypeOfItsStart() {
    Tensor x0 = Tensors.zeros(Device.CPU, 2);
    Bilevel<Tensor> single =
        Bilevel.problem(x0, x0)
            .lower((x, y) -> x.sub(y).square().sum())
            .upper((x, y) -> y.square().sum());
    try (var problem = single.open()) {
      assertThat(Device.of(problem.start(new Seed(0)).y())).isEqualTo(Device.CPU);
    }
  }

  /** Everything handed over may go out of scope once the problem is open. */
  @Test
  void holdsOnToWhatItIsGiven() {
    FiniteSum<Minibatch> problem;
    try (var inner = StateScope.open()) {
      problem =
          Bilevel.problem(vector(1), vector(2, 3))
              .data("m", Tensors.of(Device.CPU64, new double[] {1, 2, 3, 4}, 2, 2))
              .lower((x, y, m) -> m.data("m").mv(y).sub(x).square().sum())
              .upper((x, y) -> y.square().sum())
              .batches(1, 0)
              .open();
    }
    Start start = problem.start(new Seed(0));
    assertThat(problem.evaluate(start.x(), start.y()).get("lowerLoss")).isEqualTo(49 + 17 * 17);
    problem.close();
  }

  @Test
  void aStartIsCopied() {
    Tensor x0 = vector(1);
    Bilevel<Tensor> stated =
        Bilevel.problem(x0, vector(2))
            .lower((x, y) -> x.sub(y).square())
            .upper((x, y) -> y.square());
    try (var problem = stated.open()) {
      x0.add_(new Scalar(1.0));
      problem.start(new Seed(0)).x().add_(new Scalar(5.0));
      assertThat(Tensors.item(problem.start(new Seed(0)).x())).isEqualTo(1);
    }
  }

  @Test
  void everyMethodLeavesTheDescriptionAsItWas() {
    Bilevel<Tensor> first = wholeRidge();
    Bilevel<Tensor> second = first.named("other").constrainX(Region.box(-1, 1)).data("a", a);
    assertThat(first.typeName()).isEqualTo("ridge");
    assertThat(second.typeName()).isEqualTo("other");
    try (var problem = first.open()) {
      assertThat(problem.isConstrained()).isFalse();
    }
  }

  @Test
  void closingFreesWhatItMade() {
    Bilevel<Tensor> stated =
        ridge().data("a", a).constrainX(Region.ball(3)).constrainY(Region.box(-9, 9));
    cycle(stated);
    long before = NativeObjects.settled();
    cycle(stated);
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  private static void cycle(Bilevel<?> stated) {
    try (var problem = stated.open();
        var solver = Solver.start(Algorithms.create("soba", Map.of()), problem, new Seed(0))) {
      solver.next();
      solver.evaluate();
    }
  }

  @Test
  void stepsKeepNothing() {
    try (var problem = ridge().open();
        var solver = Solver.start(Algorithms.create("stocbio", Map.of()), problem, new Seed(0))) {
      solver.next();
      solver.evaluate();
      long before = NativeObjects.settled();
      for (int t = 0; t < 10; t++) {
        solver.next();
        solver.evaluate();
      }
      assertThat(StateScope.livePointers()).isEqualTo(before);
    }
  }

  /** The argmax of a classifier, to see that functions of any kind are fine. */
  @Test
  void anEvaluationMayLookAtWhatItWants() {
    Bilevel<Tensor> judged =
        wholeRidge()
            .evaluate(
                (x, y) ->
                    Metrics.NONE.with(
                        "largest", Tensors.toLongs(y.argmax(new LongOptional(0), false))[0]));
    try (BilevelProblem<?> problem = judged.open()) {
      assertThat(problem.evaluate(vector(0), vector(1, 2, 5, 3)).get("largest")).isEqualTo(2);
    }
  }
}
