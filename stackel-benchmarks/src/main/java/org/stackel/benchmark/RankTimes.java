package org.stackel.benchmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.bilevel.Bilevel;
import org.stackel.config.Options;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.Rendezvous;
import org.stackel.distributed.Token;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.solver.Solver;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Cuda;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Strong scaling on this machine: milliseconds per step with some numbers of processes, the share
 * of it that is communication, and what the model of docs/scaling.md says. On CPUs ranks have one
 * thread each, on NVIDIA GPUs one GPU each.
 */
public final class RankTimes {
  private static final int MAX_RANKS = 4;
  private static final int WARM_UP = 10;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private RankTimes() {}

  private record Workload(String name, Map<String, ?> options, int steps) {}

  private static final Map<String, Workload> WORKLOADS =
      Map.of(
          "rnn",
          new Workload(
              "RNN cleaning, 256 texts per minibatch",
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
          "linear",
          new Workload(
              "linear cleaning, 64 texts per minibatch",
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
              200),
          "weights",
          new Workload(
              "10,000,000 weights, 1,024 examples per minibatch, x in parts", Map.of(), 10),
          "weights-whole",
          new Workload("10,000,000 weights, x whole on every rank", Map.of(), 10));

  private static final int WEIGHTS = 10_000_000;

  /**
   * The paper's network.
   *
   * @param what texts per minibatch, and maybe {@code =FILE} with other texts than WordNet's
   */
  private static Workload paper(String what) {
    String[] parts = what.split("=", 2);
    int texts = Integer.parseInt(parts[0]);
    var options = new HashMap<String, Object>(NetworkTimes.options("r4"));
    options.put("batch", texts);
    options.put("upperBatch", texts);
    options.put("trustedSize", Math.max(1_500, 2 * texts));
    if (parts.length > 1) {
      options.put("data", parts[1]);
    }
    return new Workload(
        "RNN cleaning of width 4096, %d texts per minibatch".formatted(texts), options, 20);
  }

  /** What one process is to measure; the arguments of its command line. */
  private record Job(String workload, String algorithm, Device.Kind kind, Arithmetic arithmetic) {
    List<String> arguments(int rank, int count, int port) {
      return List.of(
          workload, algorithm, kind.name(), arithmetic.name(), "" + rank, "" + count, "" + port);
    }

    static Job of(String[] args) {
      return new Job(args[0], args[1], Device.Kind.valueOf(args[2]), Arithmetic.valueOf(args[3]));
    }

    Workload what() {
      Workload known = WORKLOADS.get(workload);
      return known == null ? paper(workload) : known;
    }
  }

  /**
   * What a process measured.
   *
   * @param latency seconds of a message of 4 numbers
   * @param perByte seconds of a byte in a long one
   */
  private record Measured(
      double seconds,
      double waiting,
      double messages,
      double bytes,
      double latency,
      double perByte) {}

  /**
   * Prints a table for each workload.
   *
   * @param args nothing for CPUs; {@code weights} for very many weights on these; {@code cuda}, the
   *     largest number of ranks, a precision, texts per minibatch as {@code 512} or {@code
   *     512=FILE}, and algorithms for GPUs; more for a rank that this started
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Tensors.zeros(Device.CPU64, 1);
    Blas.setThreads(1);
    if (args.length == 7) {
      var at = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[6]));
      int rank = Integer.parseInt(args[4]);
      Token token = Token.of(System.getenv(Token.VARIABLE));
      try (Ranks ranks = Rendezvous.join(at, rank, Integer.parseInt(args[5]), token, LIMIT)) {
        measure(Job.of(args), ranks);
      }
    } else if (args.length == 1) {
      for (String workload : List.of("weights-whole", "weights")) {
        table(new Job(workload, "slip", Device.Kind.CPU, Arithmetic.FP32), MAX_RANKS, 2);
      }
    } else if (args.length > 4) {
      var arithmetic = Arithmetic.valueOf(args[2].toUpperCase(Locale.ROOT));
      int most = Integer.parseInt(args[1]);
      for (String algorithm : Arrays.asList(args).subList(4, args.length)) {
        table(new Job(args[3], algorithm, Device.Kind.CUDA, arithmetic), most, most);
      }
    } else {
      for (String workload : List.of("rnn", "linear")) {
        var job = new Job(workload, "soba", Device.Kind.CPU, Arithmetic.FP32);
        table(job, MAX_RANKS, Runtime.getRuntime().availableProcessors());
      }
    }
    System.exit(0);
  }

  /**
   * @param processors how many there are
   */
  private static void table(Job job, int most, int processors)
      throws IOException, InterruptedException {
    System.out.printf(
        "%n%s, %s, %s%n", job.what().name(), job.algorithm, Options.kebab(job.arithmetic));
    System.out.println(
        "ranks | ms per step | steps/s | speed-up | efficiency | communication | model, ms | messages | MB per step | us per message | GB/s");
    double alone = 0;
    for (int count = 1; count <= most; count += job.kind == Device.Kind.CUDA ? count : 1) {
      Measured found = together(job, count);
      alone = count == 1 ? found.seconds : alone;
      double ring = 2.0 * (count - 1) / count * found.bytes * found.perByte;
      double model = alone / Math.min(count, processors) + found.messages * found.latency + ring;
      System.out.printf(
          Locale.ROOT,
          "%d | %.2f | %.2f | %.2f | %.0f %% | %.0f %% | %.2f | %.1f | %.2f | %.0f | %.2f%n",
          count,
          1e3 * found.seconds,
          1 / found.seconds,
          alone / found.seconds,
          100 * alone / found.seconds / count,
          100 * found.waiting / found.seconds,
          1e3 * model,
          found.messages,
          1e-6 * found.bytes,
          1e6 * found.latency,
          found.perByte == 0 ? 0 : 1e-9 / found.perByte);
    }
  }

  private static Measured together(Job job, int count) throws IOException, InterruptedException {
    if (count == 1) {
      return measure(job, Ranks.ONE);
    }
    List<String> gpus = job.kind == Device.Kind.CUDA ? Cuda.visible() : List.of("");
    String token = Token.random();
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var others = new ArrayList<Process>();
    try (var meeting = Rendezvous.listen(here, count, Token.of(token), LIMIT)) {
      for (int rank = 1; rank < count; rank++) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(RankTimes.class.getName());
        command.addAll(job.arguments(rank, count, meeting.port()));
        var builder =
            new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put(Token.VARIABLE, token);
        builder.environment().put(Cuda.VISIBLE, gpus.get(rank % gpus.size()));
        others.add(builder.start());
      }
      try (Ranks ranks = meeting.await(() -> ended(others))) {
        return measure(job, ranks);
      }
    } finally {
      for (Process other : others) {
        other.waitFor();
      }
    }
  }

  private static @Nullable String ended(List<Process> others) {
    return others.stream().anyMatch(other -> !other.isAlive() && other.exitValue() != 0)
        ? "A rank has failed."
        : null;
  }

  private static Measured measure(Job job, Ranks ranks) {
    Workload workload = job.what();
    job.arithmetic.begin();
    if (workload.options.isEmpty()) {
      try (var scope = StateScope.open();
          var problem = weights().open()) {
        return measure(job, Algorithms.create(job.algorithm, Map.of()), problem, ranks);
      }
    }
    try (var problem =
        Problems.create("data-cleaning", workload.options)
            .open(new Seed(1), new Device(job.kind, Device.Precision.FLOAT32))) {
      var scales = problem.scales(1_000);
      var algorithm =
          scales == null
              ? Algorithms.named(job.algorithm).defaults()
              : Algorithms.create(job.algorithm, scales, Map.of());
      return measure(job, algorithm, problem, ranks);
    }
  }

  /** A weight σ(xᵢ) for each example of a mean: {@code g = mean σ(xᵢ) |y - aᵢ|², f = |y|²}. */
  private static Bilevel<Tensor> weights() {
    Device device = new Device(Device.Kind.CPU, Device.Precision.FLOAT32);
    return Bilevel.problem(Tensors.zeros(device, WEIGHTS), Tensors.full(device, 1, 100))
        .data("a", Tensors.randn(new Seed(3), device, WEIGHTS))
        .lower(
            (x, y, m) -> {
              Tensor apart = y.unsqueeze(0).sub(m.rows("a").unsqueeze(1));
              return apart.mul(apart).mean(1).mul(m.rows(x).sigmoid()).mean();
            })
        .upper((x, y, m) -> y.mul(y).sum())
        .batches(WEIGHTS, 1024)
        .perExample();
  }

  private static <S extends Record & AlgorithmState> Measured measure(
      Job job, BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, Ranks ranks) {
    var whole = Solver.Setup.DEFAULT.withRanks(ranks).withArithmetic(job.arithmetic);
    var setup = job.workload.equals("weights") ? whole.withPartsOfX() : whole;
    int steps = job.what().steps;
    try (Solver<S> solver = Solver.start(algorithm, problem, new Seed(2), setup)) {
      for (int i = 0; i < WARM_UP; i++) {
        solver.next();
      }
      finish(solver);
      ranks.total();
      double waiting = ranks.seconds();
      long messages = ranks.messages();
      long numbers = ranks.numbers();
      long begin = System.nanoTime();
      for (int i = 0; i < steps; i++) {
        solver.next();
      }
      finish(solver);
      double seconds = (System.nanoTime() - begin) / 1e9 / steps;
      double waited = (ranks.seconds() - waiting) / steps;
      double perStep = (double) (ranks.messages() - messages) / steps;
      double bytes = 4.0 * (ranks.numbers() - numbers) / steps;
      double latency = message(ranks, solver.y(), 1, 200);
      int size = 1 << 22;
      double longer = message(ranks, solver.y(), size, 10);
      double ring = ranks.count() == 1 ? 1 : 2.0 * (ranks.count() - 1) / ranks.count();
      double perByte = ranks.count() == 1 ? 0 : (longer - latency) / (4.0 * size) / ring;
      return new Measured(seconds, waited, perStep, bytes, latency, perByte);
    }
  }

  /** Waits for the device. */
  private static void finish(Solver<?> solver) {
    try (var scope = StateScope.open()) {
      String broken = Solver.notFinite(solver.state());
      if (broken != null) {
        throw new IllegalStateException("The step diverges in " + broken);
      }
    }
  }

  /** Seconds of a sum of so many numbers on the device of a tensor. */
  private static double message(Ranks ranks, Tensor like, int size, int times) {
    if (ranks.count() == 1) {
      return 0;
    }
    double before = 0;
    for (int i = -1; i < times; i++) {
      before = i == 0 ? ranks.seconds() : before;
      try (var scope = StateScope.open()) {
        ranks.mean(1, List.of(like.new_zeros(size)));
      }
    }
    return (ranks.seconds() - before) / times;
  }
}
