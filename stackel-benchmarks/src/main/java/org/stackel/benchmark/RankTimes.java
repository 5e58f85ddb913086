package org.stackel.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.Rendezvous;
import org.stackel.distributed.Token;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.solver.Solver;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Strong scaling on this machine: milliseconds per step with 1 to 4 processes of one thread each,
 * the share of it that is communication, and what the model of docs/scaling.md says.
 */
public final class RankTimes {
  private static final Device F32 = new Device(Device.Kind.CPU, Device.Precision.FLOAT32);
  private static final int MAX_RANKS = 4;
  private static final int WARM_UP = 10;

  private RankTimes() {}

  private record Workload(
      String name, String algorithm, String type, Map<String, ?> options, int steps) {}

  private static final List<Workload> WORKLOADS =
      List.of(
          new Workload(
              "RNN cleaning, 256 texts a minibatch",
              "soba",
              "data-cleaning",
              Map.of(
                  "model",
                  "rnn",
                  "hidden",
                  64,
                  "maxTokens",
                  20,
                  "vectors",
                  "random",
                  "batch",
                  256,
                  "upperBatch",
                  256,
                  "trainSize",
                  4_000,
                  "trustedSize",
                  500,
                  "testSize",
                  100),
              40),
          new Workload(
              "linear cleaning, 64 texts a minibatch",
              "soba",
              "data-cleaning",
              Map.of(
                  "model",
                  "linear",
                  "vectors",
                  "tfidf",
                  "batch",
                  64,
                  "upperBatch",
                  64,
                  "trainSize",
                  4_000,
                  "trustedSize",
                  500,
                  "testSize",
                  100),
              200));

  /**
   * What a process measured.
   *
   * @param latency seconds of a message of 3 numbers
   * @param perByte seconds of a byte in a long one
   */
  private record Measured(
      double seconds,
      double waiting,
      double messages,
      double bytes,
      double latency,
      double perByte) {}

  /** No arguments: the table; three: a rank of it. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Tensors.zeros(Device.CPU64, 1);
    Blas.setThreads(1);
    if (args.length == 4) {
      Workload workload = WORKLOADS.get(Integer.parseInt(args[0]));
      var at = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[3]));
      int rank = Integer.parseInt(args[1]);
      Token token = Token.of(System.getenv(Token.VARIABLE));
      try (Ranks ranks =
          Rendezvous.join(at, rank, Integer.parseInt(args[2]), token, Duration.ofMinutes(2))) {
        measure(workload, ranks);
      }
      return;
    }
    for (int w = 0; w < WORKLOADS.size(); w++) {
      System.out.printf("%n%s%n", WORKLOADS.get(w).name());
      System.out.println("ranks | ms per step | speed-up | communication | model, ms");
      double alone = 0;
      for (int count = 1; count <= MAX_RANKS; count++) {
        Measured found = together(w, count);
        alone = count == 1 ? found.seconds : alone;
        double ring = 2.0 * (count - 1) / count * found.bytes * found.perByte;
        double model = alone / Math.min(count, 2) + found.messages * found.latency + ring;
        System.out.printf(
            Locale.ROOT,
            "%d | %.2f | %.2f | %.0f %% | %.2f   (%.1f messages, %.0f bytes a step; %.0f us a message, %.2f GB/s)%n",
            count,
            1e3 * found.seconds,
            alone / found.seconds,
            100 * found.waiting / found.seconds,
            1e3 * model,
            found.messages,
            found.bytes,
            1e6 * found.latency,
            found.perByte == 0 ? 0 : 1e-9 / found.perByte);
      }
    }
    System.exit(0);
  }

  private static Measured together(int workload, int count)
      throws IOException, InterruptedException {
    if (count == 1) {
      return measure(WORKLOADS.get(workload), Ranks.ONE);
    }
    String token = Token.random();
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var others = new ArrayList<Process>();
    try (var meeting = Rendezvous.listen(here, count, Token.of(token), Duration.ofMinutes(2))) {
      for (int rank = 1; rank < count; rank++) {
        var builder =
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                    "-Dorg.bytedeco.javacpp.maxBytes=0",
                    "-cp",
                    System.getProperty("java.class.path"),
                    RankTimes.class.getName(),
                    "" + workload,
                    "" + rank,
                    "" + count,
                    "" + meeting.port())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put(Token.VARIABLE, token);
        others.add(builder.start());
      }
      try (Ranks ranks = meeting.await(() -> null)) {
        return measure(WORKLOADS.get(workload), ranks);
      }
    } finally {
      for (Process other : others) {
        other.waitFor();
      }
    }
  }

  private static Measured measure(Workload workload, Ranks ranks) {
    try (var problem = Problems.create(workload.type, workload.options).open(new Seed(1), F32)) {
      var scales = problem.scales(workload.steps);
      var algorithm =
          scales == null
              ? Algorithms.named(workload.algorithm).defaults()
              : Algorithms.create(workload.algorithm, scales, Map.of());
      return measure(workload, algorithm, problem, ranks);
    }
  }

  private static <S extends Record & AlgorithmState> Measured measure(
      Workload workload, BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, Ranks ranks) {
    var setup = Solver.Setup.DEFAULT.withRanks(ranks);
    try (Solver<S> solver = Solver.start(algorithm, problem, new Seed(2), setup)) {
      for (int i = 0; i < WARM_UP; i++) {
        solver.next();
      }
      ranks.total();
      double waiting = ranks.seconds();
      long messages = ranks.messages();
      long numbers = ranks.numbers();
      long begin = System.nanoTime();
      for (int i = 0; i < workload.steps; i++) {
        solver.next();
      }
      double steps = workload.steps;
      double seconds = (System.nanoTime() - begin) / 1e9 / steps;
      double waited = (ranks.seconds() - waiting) / steps;
      double perStep = (ranks.messages() - messages) / steps;
      double bytes = 4 * (ranks.numbers() - numbers) / steps;
      double latency = message(ranks, 3, 200);
      double longer = message(ranks, 1 << 20, 10);
      double ring = ranks.count() == 1 ? 1 : 2.0 * (ranks.count() - 1) / ranks.count();
      double perByte = ranks.count() == 1 ? 0 : (longer - latency) / (8.0 * (1 << 20)) / ring;
      return new Measured(seconds, waited, perStep, bytes, latency, perByte);
    }
  }

  /** Seconds of a sum of so many numbers. */
  private static double message(Ranks ranks, int size, int times) {
    if (ranks.count() == 1) {
      return 0;
    }
    double[] own = new double[size];
    ranks.total(own);
    double before = ranks.seconds();
    for (int i = 0; i < times; i++) {
      try (var scope = StateScope.open()) {
        ranks.total(own);
      }
    }
    return (ranks.seconds() - before) / times;
  }
}
