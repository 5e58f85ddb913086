package org.stackel.benchmark;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.bilevel.Bilevel;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.Rendezvous;
import org.stackel.distributed.Token;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.PerExample;
import org.stackel.problem.Problems;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * What the ranks of a run send: messages per step of every algorithm at its defaults on {@code
 * quadratic-sum}, and how many vectors of the dimensions of x and y are in them; and messages where
 * each rank has a part of x. The table of docs/scaling.md.
 */
public final class RankMessages {
  private static final int STEPS = 20;

  private RankMessages() {}

  private record Sent(
      BilevelAlgorithm<?> algorithm, OracleCalls calls, double messages, double numbers) {}

  /** Prints the table. */
  public static void main(String[] args) {
    Tensors.zeros(Device.CPU64, 1);
    String token = Token.random();
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Duration limit = Duration.ofMinutes(1);
    try (var meeting = Rendezvous.listen(here, 2, Token.of(token), limit)) {
      var at = new InetSocketAddress(here.getAddress(), meeting.port());
      var other =
          CompletableFuture.runAsync(
              () -> {
                try (Ranks ranks = Rendezvous.join(at, 1, 2, Token.of(token), limit)) {
                  rows(ranks);
                }
              });
      try (Ranks ranks = meeting.await(() -> null)) {
        System.out.println(
            "| algorithm | oracle calls | messages | vectors like x | like y | messages, x in parts |");
        System.out.println("|---|---|---|---|---|---|");
        rows(ranks).forEach(System.out::println);
      }
      other.join();
    }
    System.exit(0);
  }

  private static List<String> rows(Ranks ranks) {
    var rows = new ArrayList<String>();
    for (Algorithms.Entry entry : Algorithms.all()) {
      if (!entry.name().contains("-authors")) {
        Sent base = sent(entry.name(), 3, 4, ranks);
        double likeX = sent(entry.name(), 4, 4, ranks).numbers - base.numbers;
        double likeY = sent(entry.name(), 3, 5, ranks).numbers - base.numbers;
        rows.add(
            "| %s | %s | %s | %s | %s | %s |"
                .formatted(
                    entry.name(),
                    text((double) base.calls.total() / STEPS),
                    text(base.messages),
                    text(likeX),
                    text(likeY),
                    inParts(base.algorithm, ranks)));
      }
    }
    return rows;
  }

  /** Fails if any of the numbers are of the dimension of x. */
  private static String inParts(BilevelAlgorithm<?> algorithm, Ranks ranks) {
    Sent few = sentInParts(algorithm, 20, ranks);
    if (few == null) {
      return "–";
    }
    Sent many = sentInParts(algorithm, 40, ranks);
    if (many == null || many.numbers != few.numbers) {
      throw new IllegalStateException("Numbers of the dimension of x are sent.");
    }
    return text(few.messages);
  }

  /** On a weight for each of n examples; null if x is not cut. */
  private static @Nullable Sent sentInParts(BilevelAlgorithm<?> algorithm, int n, Ranks ranks) {
    Bilevel<Tensor> weights =
        Bilevel.problem(new double[n], new double[] {1, 1})
            .lower((x, y, m) -> m.rows(x).sigmoid().mul(y.dot(y)).mean().add(y.dot(y)))
            .upper((x, y, m) -> y.sum())
            .batches(n, 8)
            .perExample();
    try (var problem = weights.open()) {
      return sent(algorithm, problem, ranks);
    }
  }

  private static String text(double number) {
    return String.format(Locale.ROOT, number == Math.rint(number) ? "%.0f" : "%.1f", number);
  }

  private static Sent sent(String name, int d, int p, Ranks ranks) {
    Map<String, Object> options = Map.of("d", d, "p", p, "n", 40, "batch", 8);
    try (var problem = Problems.create("quadratic-sum", options).open(new Seed(1), Device.CPU64)) {
      var scales = problem.scales(STEPS);
      var algorithm =
          scales == null
              ? Algorithms.named(name).defaults()
              : Algorithms.create(name, scales, Map.of());
      return Objects.requireNonNull(sent(algorithm, problem, ranks));
    }
  }

  private static <S extends Record & AlgorithmState> @Nullable Sent sent(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, Ranks ranks) {
    var setup = Solver.Setup.DEFAULT.withRanks(ranks).withPartsOfX();
    try (Solver<S> solver = Solver.start(algorithm, problem, new Seed(2), setup)) {
      if (problem instanceof PerExample && solver.parts() == null) {
        return null;
      }
      OracleCalls calls = solver.calls();
      long messages = ranks.messages();
      long numbers = ranks.numbers();
      for (int i = 0; i < STEPS; i++) {
        solver.next();
      }
      OracleCalls all = solver.calls();
      var made =
          new OracleCalls(
              all.gradientF() - calls.gradientF(),
              all.gradientG() - calls.gradientG(),
              all.hessianVector() - calls.hessianVector(),
              all.crossVector() - calls.crossVector());
      return new Sent(
          algorithm,
          made,
          (double) (ranks.messages() - messages) / STEPS,
          (double) (ranks.numbers() - numbers - 3 * (ranks.messages() - messages)) / STEPS);
    }
  }
}
