package org.stackel.benchmark;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.problem.Scales;
import org.stackel.solver.Solver;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;

/**
 * How the time of a step grows with what it is about: the exponent of a power of the size, fitted
 * to processor times of one thread. 1 is linear; below it a constant part counts. Not a test: a
 * time depends on what else the machine does.
 */
final class CostExponents {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /**
   * A size that is doubled.
   *
   * @param name of the row
   * @param key what is doubled: an option of the problem, or of the algorithm
   * @param isOfProblem which of them
   */
  private record Row(
      String name,
      String problem,
      Map<String, Object> options,
      String algorithm,
      Map<String, Object> hyperparameters,
      String key,
      boolean isOfProblem,
      List<Double> sizes) {}

  private static final List<Row> ROWS =
      List.of(
          new Row(
              "batch",
              "data-cleaning",
              Map.of("trainSize", 9_000),
              "slip",
              Map.of(),
              "batch",
              true,
              List.of(512., 1_024., 2_048., 4_096., 8_192.)),
          new Row(
              "terms",
              "quadratic-sum",
              Map.of(),
              "adambo",
              Map.of("neumannForm", "b"),
              "neumannTerms",
              false,
              List.of(16., 32., 64., 128., 256.)),
          new Row(
              "lower steps",
              "quadratic-sum",
              Map.of(),
              "stocbio",
              Map.of(),
              "lowerSteps",
              false,
              List.of(16., 32., 64., 128., 256.)),
          new Row(
              "tasks",
              "hyper-representation",
              Map.of("tasks", 64, "testTasks", 2, "hidden", 32),
              "slip",
              Map.of("lowerSolver", "steps"),
              "taskBatch",
              true,
              List.of(4., 8., 16., 32., 64.)));

  private CostExponents() {}

  /**
   * Prints {@code row exponent milliseconds…} for every row.
   *
   * @param args steps of a measurement, of which the least of five counts
   */
  public static void main(String[] args) {
    Blas.setThreads(1);
    int steps = Integer.parseInt(args[0]);
    for (Row row : ROWS) {
      double[] times = row.sizes.stream().mapToDouble(size -> time(row, size, steps)).toArray();
      double exponent = Orders.slope(row.sizes.stream().map(size -> 1 / size).toList(), times);
      System.out.printf(
          Locale.ROOT,
          "%-12s %.2f  %s%n",
          row.name,
          exponent,
          Arrays.toString(Arrays.stream(times).map(t -> Math.round(t * 100) / 100.).toArray()));
    }
  }

  private static double time(Row row, double size, int steps) {
    var options = new HashMap<>(row.options);
    var hyperparameters = new HashMap<>(row.hyperparameters);
    (row.isOfProblem ? options : hyperparameters).put(row.key, (int) size);
    try (var problem = Problems.create(row.problem, options).open(new Seed(1), Device.CPU)) {
      Scales scales = problem.scales(1_000);
      BilevelAlgorithm<?> algorithm =
          scales == null
              ? Algorithms.create(row.algorithm, hyperparameters)
              : Algorithms.create(row.algorithm, scales, hyperparameters);
      return time(algorithm, problem, steps);
    }
  }

  private static <S extends Record & AlgorithmState> double time(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, int steps) {
    double least = Double.POSITIVE_INFINITY;
    try (var solver = Solver.start(algorithm, problem, new Seed(1))) {
      for (int i = 0; i < 6; i++) {
        long begin = THREADS.getCurrentThreadCpuTime();
        for (int t = 0; t < steps; t++) {
          solver.next();
        }
        double milliseconds = (THREADS.getCurrentThreadCpuTime() - begin) / 1e6 / steps;
        least = i == 0 ? least : Math.min(least, milliseconds);
      }
    }
    return least;
  }
}
