package org.stackel.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.solver.Solver;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Every algorithm of the catalogue makes the steps of one process, on any number of ranks: to 1e-12
 * or, where an algorithm makes more of a rounding (AdamBO divides by small numbers, Newton's method
 * solves), to what one process makes of slices. Parts of x are other slices than one process can
 * have, so that the largest error of several ways to slice counts.
 */
class EveryAlgorithmOnRanksTest {
  private static final Seed SEED = new Seed(3);
  private static final int STEPS = 2;

  private static final Map<String, Object> TEXTS =
      Map.of("hidden", 3, "maxTokens", 5, "vectors", "random");

  /** Batches that no number of ranks divides, and one that is smaller than four ranks. */
  private static final Map<String, Map<String, Object>> PROBLEMS =
      Map.of(
          "quadratic-sum",
          Map.of("d", 4, "p", 5, "n", 30, "batch", 7),
          "logistic-hpo",
          Map.of("examples", 40, "features", 3, "batch", 7, "upperBatch", 3),
          "data-cleaning linear",
          Map.of(
              "trainSize",
              40,
              "trustedSize",
              11,
              "testSize",
              10,
              "batch",
              13,
              "upperBatch",
              3,
              "model",
              "linear",
              "vectors",
              "tfidf"),
          "data-cleaning rnn",
          both(
              TEXTS,
              Map.of(
                  "trainSize",
                  40,
                  "trustedSize",
                  11,
                  "testSize",
                  10,
                  "batch",
                  7,
                  "upperBatch",
                  5,
                  "model",
                  "rnn")),
          "hyper-representation",
          both(
              TEXTS,
              Map.of(
                  "tasks",
                  8,
                  "testTasks",
                  2,
                  "taskBatch",
                  5,
                  "ways",
                  2,
                  "shots",
                  2,
                  "queries",
                  3,
                  "heads",
                  "per-task",
                  "perClass",
                  10)));

  private static Map<String, Object> both(Map<String, Object> some, Map<String, Object> others) {
    var all = new HashMap<>(some);
    all.putAll(others);
    return all;
  }

  static Stream<Arguments> all() {
    return PROBLEMS.keySet().stream()
        .sorted()
        .flatMap(problem -> IntStream.of(2, 3, 4).mapToObj(n -> Arguments.of(problem, n)));
  }

  /**
   * @param numbers of the state; whole on the first rank
   * @param parts which of them are those of parts
   * @param largest of the parts that the rank had
   */
  private record Reached(
      Map<String, double[]> numbers, OracleCalls calls, Set<String> parts, long largest) {}

  private static final Predicate<String> ALL = name -> true;

  /** What every algorithm reaches that goes with the problem. */
  private static Map<String, Reached> runs(
      String problem, Predicate<String> which, int pieces, Ranks ranks) {
    var reached = new LinkedHashMap<String, Reached>();
    String type = problem.split(" ", -1)[0];
    try (var opened =
        Problems.create(type, PROBLEMS.get(problem)).open(new Seed(1), Device.CPU64)) {
      for (Algorithms.Entry entry : Algorithms.all()) {
        if (!which.test(entry.name())) {
          continue;
        }
        try {
          entry.check(type, opened);
        } catch (InvalidInputException e) {
          continue;
        }
        var algorithm = Algorithms.create(entry.name(), opened.scales(STEPS), Map.of());
        reached.put(entry.name(), run(algorithm, opened, pieces, ranks));
      }
    }
    return reached;
  }

  private static <S extends Record & AlgorithmState> Reached run(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, int pieces, Ranks ranks) {
    var setup = Solver.Setup.DEFAULT.withPieces(pieces).withRanks(ranks).withPartsOfX();
    try (Solver<S> solver = Solver.start(algorithm, problem, SEED, setup)) {
      for (int i = 0; i < STEPS; i++) {
        solver.next();
      }
      var numbers = new LinkedHashMap<String, double[]>();
      Set<String> parts = solver.namesOfParts();
      long largest =
          parts.stream().mapToLong(name -> solver.tensors().get(name).size(0)).max().orElse(0);
      try (var scope = StateScope.open()) {
        solver.wholeTensors().forEach((n, t) -> numbers.put(n, Tensors.toArray(t)));
      }
      return new Reached(numbers, solver.calls(), parts, largest);
    }
  }

  @Tag("slow")
  @ParameterizedTest(name = "{0} on {1} ranks")
  @MethodSource("all")
  void everyTrajectoryIsThatOfOneProcess(String problem, int count) {
    theTrajectoryIsThatOfOneProcess(problem, ALL, count);
  }

  @Test
  void trajectoriesOnQuadraticsAreThoseOfOneProcess() {
    theTrajectoryIsThatOfOneProcess("quadratic-sum", ALL, 3);
  }

  /** Normalised steps, Adam's, tables of blocks, products on independent and on shared samples. */
  @ParameterizedTest
  @CsvSource({"linear, 2", "linear, 3", "rnn, 2"})
  void trajectoriesInPartsOfXAreThoseOfOneProcess(String model, int count) {
    Set<String> some = Set.of("slip", "bo-rep", "adambo", "saba", "stocbio", "soba", "bome");
    for (Map<String, Reached> rank :
        theTrajectoryIsThatOfOneProcess("data-cleaning " + model, some::contains, count)) {
      rank.forEach(
          (algorithm, reached) -> {
            assertThat(reached.parts()).as(algorithm).contains("x").doesNotContain("y");
            assertThat(reached.largest()).as(algorithm).isBetween(40L / count, 40L / count + 1);
          });
    }
  }

  /** At one point, where no recursion makes more of a rounding. */
  @ParameterizedTest
  @CsvSource({"linear, 2", "linear, 3", "rnn, 2", "rnn, 3"})
  void answersInPartsOfXAreThoseOfOneProcess(String model, int count) {
    List<double[]> alone = answers(model, Ranks.ONE);
    List<double[]> first = Together.on(count, ranks -> answers(model, ranks)).get(0);
    for (int i = 0; i < alone.size(); i++) {
      assertThat(error(first.get(i), alone.get(i))).as("answer %d", i).isLessThan(1e-14);
    }
  }

  /** Gradients and products on a few minibatches; those in x whole on the first rank. */
  private static List<double[]> answers(String model, Ranks ranks) {
    try (var problem =
        Problems.create("data-cleaning", PROBLEMS.get("data-cleaning " + model))
            .open(new Seed(1), Device.CPU64)) {
      return IntStream.range(0, 8).boxed().flatMap(i -> answers(problem, i, ranks)).toList();
    }
  }

  private static <B> Stream<double[]> answers(BilevelProblem<B> problem, int draw, Ranks ranks) {
    UpperParts parts = UpperParts.of(ranks, problem);
    try (var scope = StateScope.open()) {
      Seed seed = SEED.child(draw);
      Tensor y = problem.start(seed).y();
      Tensor whole = Tensors.randn(seed.child("x"), Device.CPU64, problem.upperLayout().size());
      Tensor v = Tensors.randn(seed.child("v"), Device.CPU64, y.numel());
      Tensor x = parts == null ? whole : parts.own(whole);
      var oracle =
          new AutogradOracle<>(
              problem, seed, Sampling.INDEPENDENT, 1, Arithmetic.FP32, ranks, parts);
      Gradient lower = oracle.lower().gradient(x, y);
      Tensor hessian = oracle.lower().hessianVector(x, y, v);
      Tensor cross = oracle.lower().crossVector(x, y, v);
      Tensor upper = oracle.upper().gradient(x, y).y();
      Tensor inX = parts == null ? lower.x() : parts.whole(lower.x());
      Tensor wholeCross = parts == null ? cross : parts.whole(cross);
      return Stream.of(inX, lower.y(), hessian, wholeCross, upper)
          .map(Tensors::toArray)
          .toList()
          .stream();
    }
  }

  private static List<Map<String, Reached>> theTrajectoryIsThatOfOneProcess(
      String problem, Predicate<String> which, int count) {
    Map<String, Reached> alone = runs(problem, which, 1, Ranks.ONE);
    List<Map<String, Reached>> slices =
        IntStream.of(2, 3, 4).mapToObj(n -> runs(problem, which, n, Ranks.ONE)).toList();
    assertThat(alone).hasSizeGreaterThan(which == ALL ? 20 : 6);
    List<Map<String, Reached>> together =
        Together.on(count, ranks -> runs(problem, which, 1, ranks));
    var rough = new TreeSet<String>();
    alone.forEach(
        (algorithm, one) -> {
          Map<String, double[]> first = together.get(0).get(algorithm).numbers();
          for (Map<String, Reached> all : together) {
            Reached rank = all.get(algorithm);
            assertThat(rank.calls()).as(algorithm).isEqualTo(one.calls());
            first.forEach(
                (n, v) -> {
                  if (!rank.parts().contains(n)) {
                    assertThat(rank.numbers().get(n)).as(n).isEqualTo(v);
                  }
                });
          }
          one.numbers()
              .forEach(
                  (name, expected) -> {
                    double usual =
                        slices.stream()
                            .mapToDouble(
                                all -> error(all.get(algorithm).numbers().get(name), expected))
                            .max()
                            .orElse(0);
                    assertThat(error(first.get(name), expected))
                        .as("%s's %s", algorithm, name)
                        .isLessThanOrEqualTo(Math.max(1e-12, 4 * usual));
                    if (usual > 1e-12) {
                      rough.add(algorithm);
                    }
                  });
        });
    assertThat(rough).hasSizeLessThan(Math.max(2, alone.size() / 4));
    return together;
  }

  /** Relative to the vector's largest number. */
  private static double error(double[] found, double[] expected) {
    double scale = 1e-300;
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
      error = Math.max(error, Math.abs(found[i] - expected[i]));
    }
    return error / scale;
  }
}
