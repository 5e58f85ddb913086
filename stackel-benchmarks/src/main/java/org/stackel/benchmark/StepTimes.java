package org.stackel.benchmark;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.problem.Scales;
import org.stackel.solver.Solver;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Device;
import org.stackel.tensor.PeakMemory;
import org.stackel.tensor.Seed;

/**
 * Times of whole steps, checks included, on problems that have closed forms; one processor. {@code
 * scripts/bench} makes the table. Not a test: a time depends on what else the machine does.
 */
final class StepTimes {
  private static final Map<String, Object> DEMO =
      Map.of(
          "A", List.of(List.of(2)),
          "B", List.of(List.of(1)),
          "d", List.of(3),
          "E", List.of(List.of(1)),
          "x0", List.of(1));

  /**
   * What is measured.
   *
   * @param name name of the row
   * @param problem name of the problem
   * @param options its options
   * @param algorithm name of the algorithm
   * @param steps steps of a block, of which the median is taken
   */
  private record Row(
      String name, String problem, Map<String, Object> options, String algorithm, int steps) {
    static Row demo(String algorithm) {
      return new Row("quadratic-demo", "quadratic", DEMO, algorithm, 2_000);
    }

    static Row logistic(String algorithm) {
      return new Row(
          "logistic",
          "logistic-hpo",
          Map.of("examples", 50_000, "features", 22, "most", 1, "batch", 64, "upperBatch", 64),
          algorithm,
          1_000);
    }

    static Row cleaning(String algorithm) {
      return new Row("cleaning", "data-cleaning", Map.of(), algorithm, 50);
    }
  }

  private static final List<Row> ROWS =
      List.of(
          Row.demo("soba"),
          Row.demo("slip"),
          Row.demo("saba"),
          Row.logistic("soba"),
          Row.logistic("slip"),
          Row.cleaning("slip"),
          Row.cleaning("soba"),
          new Row("quadratic-sum", "quadratic-sum", Map.of(), "soba", 500),
          new Row("pl-game", "pl-game", Map.of(), "soba", 500),
          new Row("toy", "toy", Map.of(), "slip", 1_000));

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private StepTimes() {}

  /**
   * Prints {@code problem algorithm wall processor MB} for every row: microseconds per step,
   * medians over blocks of steps, and the peak of memory. The time of the processor is this
   * thread's, which others that compete for it disturb less.
   *
   * @param args blocks of steps of a row; then the rows to measure, as {@code problem/algorithm};
   *     all if there are none
   */
  public static void main(String[] args) {
    Blas.setThreads(1);
    int blocks = Integer.parseInt(args[0]);
    List<String> chosen = Arrays.asList(args).subList(1, args.length);
    for (Row row : ROWS) {
      if (chosen.isEmpty() || chosen.contains(row.name + "/" + row.algorithm)) {
        var options = Problems.create(row.problem, row.options);
        try (var problem = options.open(new Seed(1), Device.CPU)) {
          measure(
              row, suited(Algorithms.create(row.algorithm, Map.of()), problem), problem, blocks);
        }
      }
    }
  }

  private static <S extends Record & AlgorithmState> BilevelAlgorithm<S> suited(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem) {
    Scales scales = problem.scales(10_000);
    return scales == null ? algorithm : algorithm.suitedTo(scales);
  }

  private static <S extends Record & AlgorithmState> void measure(
      Row row, BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, int blocks) {
    double[] wall = new double[blocks];
    double[] processor = new double[blocks];
    try (var solver = Solver.start(algorithm, problem, new Seed(1))) {
      for (int i = -blocks / 2; i < blocks; i++) { // the first ones are compiled
        long begin = System.nanoTime();
        long cpu = THREADS.getCurrentThreadCpuTime();
        for (int t = 0; t < row.steps; t++) {
          String broken = Solver.notFinite(solver.propose()); // as in a run
          if (broken != null) {
            throw new IllegalStateException(row + " diverges in " + broken);
          }
          solver.accept();
        }
        if (i >= 0) {
          wall[i] = (System.nanoTime() - begin) / 1e3 / row.steps;
          processor[i] = (THREADS.getCurrentThreadCpuTime() - cpu) / 1e3 / row.steps;
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s %s %.1f %.1f %s%n",
        row.name,
        row.algorithm,
        median(wall),
        median(processor),
        megabytes(PeakMemory.megabytes()));
  }

  /** A hyphen where the system does not say. */
  static String megabytes(OptionalLong peak) {
    return peak.isPresent() ? String.valueOf(peak.getAsLong()) : "-";
  }

  private static double median(double[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }
}
