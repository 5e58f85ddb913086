package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.optim.Schedule;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** MAML and ANIL on a small encoder of texts: what their steps follow, in both orders. */
class AdaptationTest {
  private static final int STEPS = 3;
  private static final double LR = 0.7;
  private static final Seed DRAWS = new Seed(2);

  @TempDir static Path directory;
  private static ProblemOptions options;

  /** What adapts. */
  private enum Adapts {
    ALL,
    HEAD
  }

  @BeforeAll
  static void texts() throws IOException {
    var random = new Seed(0).generator();
    var texts = new StringBuilder("text,label,domain\n");
    for (int i = 0; i < 160; i++) {
      texts.append(
          "own%d%d common%d,class%d,domain%d%n"
              .formatted(i % 4, random.nextInt(3), random.nextInt(9), i % 4, i / 40));
    }
    Path file = Files.writeString(directory.resolve("texts.csv"), texts);
    options =
        Problems.create(
            "hyper-representation",
            Map.ofEntries(
                Map.entry("data", file.toString()),
                Map.entry("vectors", "random"),
                Map.entry("split", "domains"),
                Map.entry("heads", "shared"),
                Map.entry("ways", 3),
                Map.entry("shots", 2),
                Map.entry("queries", 3),
                Map.entry("tasks", 4),
                Map.entry("testTasks", 2),
                Map.entry("taskBatch", 1),
                Map.entry("hidden", 4),
                Map.entry("maxTokens", 4)));
  }

  private static AutogradOracle<?> oracle(BilevelProblem<?> problem) {
    return new AutogradOracle<>(problem, DRAWS, Sampling.INDEPENDENT, Shard.ALL);
  }

  private static Maml.State moved(SampledObjective g, Maml.State s, Adapts adapts) {
    return adapts == Adapts.ALL
        ? s.moved(LR, g.gradient(s.x(), s.y()))
        : new Maml.State(s.x(), Tensors.axpy(s.y(), -LR, g.gradientY(s.x(), s.y())));
  }

  /** Where the adaptation ends. */
  private static Maml.State adapted(BilevelProblem<?> problem, Maml.State start, Adapts adapts) {
    var oracle = oracle(problem);
    Maml.State s = start;
    for (int i = 0; i < STEPS; i++) {
      s = moved(oracle.freshLower(), s, adapts);
    }
    return s;
  }

  /** The loss on the queries after the adaptation. */
  private static double loss(BilevelProblem<?> problem, Maml.State start, Adapts adapts) {
    Maml.State end = adapted(problem, start, adapts);
    return Tensors.item(oracle(problem).upper().value(end.x(), end.y()));
  }

  /** What a step of size 1 subtracts. */
  private static Gradient direction(
      BilevelProblem<?> problem, Maml.State s, Adapts adapts, Maml.Order order) {
    Schedule lr = Schedule.constant(LR);
    Schedule one = Schedule.constant(1);
    BilevelAlgorithm<Maml.State> algorithm =
        adapts == Adapts.ALL ? new Maml(STEPS, lr, one, order) : new Anil(STEPS, lr, one, order);
    Maml.State next = algorithm.step(0, s, oracle(problem));
    return new Gradient(s.x().sub(next.x()), s.y().sub(next.y()));
  }

  private static double along(Gradient direction, Maml.State v) {
    return Tensors.item(direction.x().dot(v.x())) + Tensors.item(direction.y().dot(v.y()));
  }

  private static void secondOrderIsTheSlope(Adapts adapts) {
    try (var scope = StateScope.open();
        var problem = options.open(new Seed(1), Device.CPU64)) {
      Start start = problem.start(new Seed(3));
      var at = new Maml.State(start.x(), start.y());
      var v =
          new Maml.State(
              Tensors.randn(new Seed(4), Device.CPU64, at.x().numel()),
              Tensors.randn(new Seed(5), Device.CPU64, at.y().numel()));
      double h = 1e-5;
      var minus = new Gradient(v.x(), v.y());
      double slope =
          (loss(problem, at.moved(-h, minus), adapts) - loss(problem, at.moved(h, minus), adapts))
              / (2 * h);
      double second = along(direction(problem, at, adapts, Maml.Order.SECOND), v);
      double first = along(direction(problem, at, adapts, Maml.Order.FIRST), v);
      assertThat(second).isCloseTo(slope, within(1e-8));
      assertThat(Math.abs(first - second)).isGreaterThan(1e-3);
    }
  }

  @Test
  void secondOrderOfMamlIsTheSlopeOfTheAdaptedLoss() {
    secondOrderIsTheSlope(Adapts.ALL);
  }

  @Test
  void secondOrderOfAnilIsTheSlopeOfTheAdaptedLoss() {
    secondOrderIsTheSlope(Adapts.HEAD);
  }

  private static void firstOrderIsTheGradientAtTheEnd(Adapts adapts) {
    try (var scope = StateScope.open();
        var problem = options.open(new Seed(1), Device.CPU64)) {
      Start start = problem.start(new Seed(3));
      var at = new Maml.State(start.x(), start.y());
      Maml.State end = adapted(problem, at, adapts);
      Gradient there = oracle(problem).upper().gradient(end.x(), end.y());
      Gradient first = direction(problem, at, adapts, Maml.Order.FIRST);
      same(first.x(), there.x());
      same(first.y(), there.y());
    }
  }

  private static void same(Tensor one, Tensor other) {
    assertThat(Tensors.toArray(one)).containsExactly(Tensors.toArray(other), within(1e-12));
  }

  @Test
  void firstOrderIsTheGradientAtTheEndOfTheAdaptation() {
    firstOrderIsTheGradientAtTheEnd(Adapts.ALL);
    firstOrderIsTheGradientAtTheEnd(Adapts.HEAD);
  }
}
