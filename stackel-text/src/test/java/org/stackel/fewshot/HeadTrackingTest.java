package org.stackel.fewshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Slip;
import org.stackel.config.Options;
import org.stackel.hypergradient.SolvedLower;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.LowerSolver;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Heads of tasks of their own are at their minimisers where a hypergradient is asked for. */
class HeadTrackingTest {
  private static final int TASKS = 24;
  private static final long STEPS = 30;

  @TempDir static Path directory;
  private static Path topics;

  /** Texts of 12 classes; a class has three words of its own, and all have ten in common. */
  @BeforeAll
  static void texts() throws IOException {
    var random = new Seed(0).generator();
    var lines = new StringBuilder("text,label,domain\n");
    for (int i = 0; i < 480; i++) {
      int label = i % 12;
      lines.append("own%d%d".formatted(label, random.nextInt(3)));
      for (int k = 0; k < 3; k++) {
        lines.append(" common%d".formatted(random.nextInt(10)));
      }
      lines.append(",class%d,domain%d%n".formatted(label, i / 80));
    }
    topics = directory.resolve("topics.csv");
    Files.writeString(topics, lines);
  }

  private static HyperRepresentation options(Map<String, ?> more) {
    var options = new HashMap<String, Object>();
    options.put("data", topics.toString());
    options.put("vectors", "random");
    options.put("split", "classes");
    options.put("ways", 2);
    options.put("shots", 3);
    options.put("queries", 4);
    options.put("tasks", TASKS);
    options.put("testTasks", 4);
    options.put("taskBatch", 3);
    options.put("hidden", 6);
    options.put("maxTokens", 4);
    options.put("regularization", 2e-3);
    options.putAll(more);
    return (HyperRepresentation) Problems.create("hyper-representation", options);
  }

  private static HyperRepresentation.Opened open(Map<String, ?> more) {
    return options(more).open(new Seed(1), Device.CPU64);
  }

  /** An algorithm with the defaults that it has on the problem. */
  private static BilevelAlgorithm<?> suited(
      String name, HyperRepresentation.Opened problem, Map<String, ?> options) {
    return Algorithms.create(name, problem.scales(STEPS), options);
  }

  private static AutogradOracle<?> oracle(HyperRepresentation.Opened problem, long step) {
    return new AutogradOracle<>(problem, new Seed(step), Sampling.SHARED, Shard.ALL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"slip", "bo-rep", "adambo"})
  void theStartSolvesEveryHead(String algorithm) {
    try (var problem = open(Map.of());
        var solver = Solver.start(suited(algorithm, problem, Map.of()), problem, new Seed(2));
        var scope = StateScope.open()) {
      StochasticOracle oracle = oracle(problem, 0);
      Tensor before = problem.start(new Seed(2).child("start")).y();
      for (int block = 0; block < oracle.lowerBlocks().count(); block++) {
        var lower = oracle.lowerBlock(block).loss();
        double left = norm(lower.gradientY(solver.x(), solver.y()));
        assertThat(left).isLessThan(0.011 * norm(lower.gradientY(solver.x(), before)));
      }
    }
  }

  /** With one plain step a visit, y = z = 0 give h = 0, and x follows a momentum of other tasks. */
  @Test
  void aHeadThatIsMetForTheFirstTimeHasAHypergradient() {
    try (var problem = open(Map.of());
        var scope = StateScope.open()) {
      Start start = problem.start(new Seed(2));
      Tensor none = Tensors.zerosLike(start.y());
      StochasticOracle oracle = oracle(problem, 3);
      var plain = oracle.upper().gradient(start.x(), start.y()).x();
      assertThat(Tensors.item(Tensors.maxNorm(plain))).isZero();
      SolvedLower solved = SolvedLower.at(oracle, start.x(), start.y(), none);
      assertThat(norm(solved.direction())).isGreaterThan(1e-3);

      Tensor stale = Tensors.randn(new Seed(9), Device.CPU64, start.x().numel());
      var slip = (Slip) suited("slip", problem, Map.of("momentum", 0.5));
      var next =
          slip.step(
              0,
              new Slip.State(start.x(), start.y(), none, Tensors.scale(1e-6, stale)),
              oracle(problem, 3));
      double[] step = Tensors.toArray(next.x().sub(start.x()));
      assertThat(cosine(step, Tensors.toArray(solved.direction()))).isLessThan(-0.99);
    }
  }

  /** The heads of the sample are exact, the others stay, and all calls are counted. */
  @Test
  void yAndZAreExactForTheTasksOfTheSample() {
    try (var problem = open(Map.of());
        var scope = StateScope.open()) {
      Start start = problem.start(new Seed(2));
      var oracle = new CountingOracle(oracle(problem, 3));
      Tensor z = Tensors.randn(new Seed(8), Device.CPU64, start.y().numel());
      SolvedLower solved = SolvedLower.at(oracle, start.x(), start.y(), z);
      var exact = oracle(problem, 3);
      Linearization g = exact.lower().linearize(start.x(), solved.y());
      Tensor b = exact.upper().gradient(start.x(), solved.y()).y();
      double before = norm(exact.lower().gradientY(start.x(), start.y()));
      assertThat(norm(g.gradY())).isLessThan(0.011 * before);
      assertThat(norm(g.hessianVector(solved.z()).sub(b))).isLessThan(0.011 * norm(b));
      int[] moved = movedHeads(start.y(), solved.y());
      assertThat(moved).hasSize(3);
      assertThat(movedHeads(z, solved.z())).containsExactly(moved);
      assertThat(oracle.calls().gradientF()).isEqualTo(1);
      assertThat(oracle.calls().crossVector()).isEqualTo(1);
      assertThat(oracle.calls().gradientG()).isBetween(2L, 10L);
      assertThat(oracle.calls().hessianVector()).isBetween(5L, 100L);
    }
  }

  /**
   * In the middle of a run the step of x points down Φ, and further so than with one plain step a
   * visit.
   */
  @ParameterizedTest
  @ValueSource(strings = "slip")
  void stepsPointDownPhi(String algorithm) {
    assertDown(algorithm);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"bo-rep", "adambo"})
  void stepsOfOthersPointDownPhi(String algorithm) {
    assertDown(algorithm);
  }

  private static void assertDown(String algorithm) {
    double solved = cosineAtMidRun(algorithm, LowerSolver.NEWTON);
    assertThat(solved).isGreaterThan(0.5);
    assertThat(solved).isGreaterThan(0.1 + cosineAtMidRun(algorithm, LowerSolver.STEPS));
  }

  private static double cosineAtMidRun(String algorithm, LowerSolver solver) {
    double upperLr = algorithm.equals("adambo") ? 1e-3 : 1e-2;
    var options = Map.of("lowerSolver", Options.kebab(solver), "upperLr", upperLr);
    try (var problem = open(Map.of());
        var all = open(Map.of("taskBatch", TASKS));
        var run = Solver.start(suited(algorithm, problem, options), problem, new Seed(2))) {
      while (run.step() < STEPS / 2) {
        run.next();
      }
      double[] gradient;
      double[] before = Tensors.toArray(run.x());
      try (var scope = StateScope.open()) {
        gradient =
            Tensors.toArray(SolvedLower.at(oracle(all, 0), run.x(), run.y(), null).direction());
      }
      run.next();
      double[] step = Tensors.toArray(run.x());
      Arrays.setAll(step, i -> before[i] - step[i]);
      return cosine(step, gradient);
    }
  }

  /** Published settings have one head, which no task's own curvature says anything about. */
  @Test
  void aHeadOfAllTasksIsTrainedAsPublished() {
    try (var shared = open(Map.of("heads", "shared"));
        var own = open(Map.of());
        var norm = open(Map.of("regularizer", "norm"))) {
      assertThat(((Slip) suited("slip", shared, Map.of())).lowerSolver())
          .isEqualTo(LowerSolver.STEPS);
      assertThat(((Slip) suited("slip", norm, Map.of())).lowerSolver())
          .isEqualTo(LowerSolver.STEPS);
      assertThat(((Slip) suited("slip", own, Map.of())).lowerSolver())
          .isEqualTo(LowerSolver.NEWTON);
    }
  }

  /** Validation tasks are apart from training and test tasks, in what the split says. */
  @ParameterizedTest
  @EnumSource(
      value = FewShotTasks.Split.class,
      names = {"CLASSES", "DOMAINS", "EXAMPLES"})
  void validationTasksAreApart(FewShotTasks.Split split) {
    try (var without = open(Map.of("split", Options.kebab(split)));
        var with =
            open(
                Map.of(
                    "split", Options.kebab(split), "validationTasks", 5, "validationShare", 0.3))) {
      FewShotData data = with.data();
      assertThat(data.validation().tasks()).hasSize(5);
      List<FewShotTasks> sides = List.of(data.train(), data.validation(), data.test());
      for (int i = 0; i < sides.size(); i++) {
        for (int j = 0; j < i; j++) {
          assertThat(examples(sides.get(i))).doesNotContainAnyElementsOf(examples(sides.get(j)));
          if (split != FewShotTasks.Split.EXAMPLES) {
            assertThat(groups(sides.get(i), split))
                .doesNotContainAnyElementsOf(groups(sides.get(j), split));
          }
        }
      }
      assertThat(groups(data.test(), split)).isEqualTo(groups(without.data().test(), split));
      Start start = with.start(new Seed(0));
      Map<String, Double> metrics = with.evaluate(start.x(), start.y()).values();
      assertThat(metrics).containsKeys("validationAccuracy", "validationLoss");
      assertThat(with.options().goal().objective()).isEqualTo("validationLoss");
      start = without.start(new Seed(0));
      assertThat(without.evaluate(start.x(), start.y()).values())
          .doesNotContainKey("validationAccuracy");
      assertThat(without.options().goal().objective()).isEqualTo("upperLoss");
    }
  }

  /** A residual encoder starts as what it adds to. */
  @Test
  void meanRnnStartsFromMeanVectors() {
    try (var problem = open(Map.of("encoder", "mean-rnn"));
        var scope = StateScope.open()) {
      Start start = problem.start(new Seed(0));
      assertThat(problem.evaluate(start.x(), start.y()).get("testAccuracy"))
          .isEqualTo(problem.meanVectorAccuracy());
    }
  }

  private static Set<Integer> examples(FewShotTasks tasks) {
    return Arrays.stream(tasks.examples()).boxed().collect(Collectors.toSet());
  }

  private static Set<String> groups(FewShotTasks tasks, FewShotTasks.Split split) {
    var groups = new HashSet<String>();
    for (FewShotTasks.Task task : tasks.tasks()) {
      if (split == FewShotTasks.Split.DOMAINS) {
        groups.add(task.domain());
      } else {
        groups.addAll(task.classes());
      }
    }
    return groups;
  }

  private static int[] movedHeads(Tensor before, Tensor after) {
    double[] change = Tensors.toArray(after.sub(before));
    int size = change.length / TASKS;
    return IntStream.range(0, TASKS)
        .filter(t -> IntStream.range(t * size, (t + 1) * size).anyMatch(i -> change[i] != 0))
        .toArray();
  }

  private static double norm(Tensor tensor) {
    return Tensors.item(Tensors.norm(tensor));
  }

  private static double cosine(double[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }
}
