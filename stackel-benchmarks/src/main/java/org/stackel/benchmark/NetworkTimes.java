package org.stackel.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.problem.Scales;
import org.stackel.solver.Solver;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Device;
import org.stackel.tensor.PeakMemory;
import org.stackel.tensor.Seed;

/**
 * Seconds of whole steps on networks of published sizes, on the CPU or a GPU. Not a test: a time
 * depends on what else the machine does.
 */
final class NetworkTimes {
  /**
   * What is measured.
   *
   * @param problem name of the problem
   * @param options its options, but for its data
   */
  private record Row(String problem, Map<String, Object> options) {}

  private static final Map<String, Row> ROWS = rows();

  private NetworkTimes() {}

  private static Map<String, Row> rows() {
    var rows = new LinkedHashMap<String, Row>();
    rows.put("r1", fewShot(256, 128));
    rows.put("r2", fewShot(4_096, 1_024));
    rows.put("r3", cleaning(256, 128));
    rows.put("r4", cleaning(4_096, 1_024));
    rows.put("r5", transformer());
    return rows;
  }

  /** Options of the problem of a row, but for its data. */
  static Map<String, Object> options(String row) {
    return Objects.requireNonNull(ROWS.get(row), row).options;
  }

  /** Tasks of pairs of sentences: the network of SLIP's experiment. */
  private static Row fewShot(int hidden, int head) {
    return new Row(
        "hyper-representation",
        Map.ofEntries(
            Map.entry("split", "premises"),
            Map.entry("ways", 2),
            Map.entry("shots", 10),
            Map.entry("queries", 10),
            Map.entry("tasks", 200),
            Map.entry("testTasks", 20),
            Map.entry("taskBatch", 20),
            Map.entry("heads", "shared"),
            Map.entry("regularization", 1e-4),
            Map.entry("hidden", hidden),
            Map.entry("layers", 2),
            Map.entry("maxTokens", 50),
            Map.entry("projection", hidden),
            Map.entry("headHidden", List.of(head, head))));
  }

  /** Texts of two layers of a recurrent network. */
  private static Row cleaning(int hidden, int head) {
    return new Row(
        "data-cleaning",
        Map.of(
            "encoder", "rnn",
            "hidden", hidden,
            "layers", 2,
            "headHidden", List.of(head),
            "trainSize", 6_000,
            "trustedSize", 1_500,
            "testSize", 500,
            "maxTokens", 25,
            "batch", 512,
            "upperBatch", 512));
  }

  /** Tasks of texts of 128 tokens, read by eight layers of a transformer. */
  private static Row transformer() {
    return new Row(
        "hyper-representation",
        Map.ofEntries(
            Map.entry("split", "examples"),
            Map.entry("ways", 2),
            Map.entry("shots", 5),
            Map.entry("queries", 5),
            Map.entry("tasks", 100),
            Map.entry("testTasks", 20),
            Map.entry("taskBatch", 20),
            Map.entry("heads", "shared"),
            Map.entry("encoder", "transformer"),
            Map.entry("hidden", 768),
            Map.entry("layers", 8),
            Map.entry("attentionHeads", 8),
            Map.entry("inner", 2_048),
            Map.entry("pooling", "first"),
            Map.entry("maxTokens", 128)));
  }

  /**
   * Prints {@code row algorithm precision seconds least megabytes launches} for every row: medians
   * over steps, the most memory so far, of a GPU that of its tensors, and how many kernels a step
   * starts if they are counted.
   *
   * @param args device ({@code cpu} or {@code cuda}), precision, threads, steps; then what to
   *     measure, as {@code r1/slip=FILE} with a file of texts
   */
  public static void main(String[] args) {
    var kind = args[0].equals("cuda") ? Device.Kind.CUDA : Device.Kind.CPU;
    var arithmetic = Arithmetic.valueOf(args[1].toUpperCase(Locale.ROOT));
    Blas.setThreads(Integer.parseInt(args[2]));
    arithmetic.begin();
    int steps = Integer.parseInt(args[3]);
    var device = new Device(kind, Device.Precision.FLOAT32);
    for (String asked : Arrays.asList(args).subList(4, args.length)) {
      String[] parts = asked.split("[/=]", 3);
      Row row = Objects.requireNonNull(ROWS.get(parts[0]), parts[0]);
      var options = new LinkedHashMap<String, Object>(row.options);
      options.put("data", parts[2]);
      try (var problem = Problems.create(row.problem, options).open(new Seed(1), device)) {
        Scales scales = Objects.requireNonNull(problem.scales(1_000)); // both problems have them
        var algorithm = Algorithms.create(parts[1], scales, Map.of());
        Times times = times(algorithm, problem, arithmetic, steps);
        System.out.printf(
            Locale.ROOT,
            "%s %s %s %.4f %.4f %s %s%n",
            parts[0],
            parts[1],
            args[1],
            times.seconds[steps / 2],
            times.seconds[0],
            StepTimes.megabytes(
                kind == Device.Kind.CUDA ? PeakMemory.ofGpu(device) : PeakMemory.megabytes()),
            times.launches < 0 ? "-" : Long.toString(times.launches / steps));
      }
    }
  }

  /**
   * What steps take.
   *
   * @param seconds of each, the least first
   * @param launches kernels that all of them start; -1 where nobody counts
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  private record Times(double[] seconds, long launches) {}

  private static <S extends Record & AlgorithmState> Times times(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, Arithmetic arithmetic, int steps) {
    double[] seconds = new double[steps];
    long launches = -1;
    var setup = Solver.Setup.DEFAULT.withArithmetic(arithmetic);
    try (var solver = Solver.start(algorithm, problem, new Seed(1), setup)) {
      for (int i = -Math.max(2, steps / 4); i < steps; i++) {
        long begin = System.nanoTime();
        String broken = Solver.notFinite(solver.propose()); // waits for the device
        if (broken != null) {
          throw new IllegalStateException("The step diverges in " + broken);
        }
        solver.accept();
        if (i >= 0) {
          seconds[i] = (System.nanoTime() - begin) / 1e9;
        } else {
          launches = launches();
        }
      }
    }
    Arrays.sort(seconds);
    return new Times(seconds, launches < 0 ? -1 : launches() - launches);
  }

  /** Kernels so far, as benchmarks/launches.c counts them; -1 without it. */
  private static long launches() {
    String file = System.getenv("STACKEL_LAUNCHES");
    if (file == null || !Files.exists(Path.of(file))) {
      return -1;
    }
    try {
      byte[] count = Files.readAllBytes(Path.of(file));
      return ByteBuffer.wrap(count).order(ByteOrder.nativeOrder()).getLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
