package org.stackel.cli;

import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.RankLostException;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.Rendezvous;
import org.stackel.distributed.Token;
import org.stackel.experiment.Experiment;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.tensor.Cuda;
import org.stackel.tensor.Device;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Options of commands whose run several processes can share. */
final class RankOptions {
  /** How to go on with a run whose first rank is lost. */
  static final String RESUME =
      "`stackel resume` of the run directory of rank 0, on its machine, goes on from the last checkpoint.";

  private static final long DEFAULT_TIMEOUT = 60;
  private static final long MAX_RANKS = 1_000;
  private static final long LOCAL_RANKS = 16;
  private static final long MAX_SECONDS = 86_400;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      converter = WholeNumber.class,
      description =
          "Share every minibatch among N processes of this machine, each with a GPU of its own on cuda; the numbers are the same but for rounding.")
  @Nullable Long ranks;

  @Option(
      names = "--rank",
      paramLabel = "I",
      converter = WholeNumber.class,
      description =
          "Be rank I, from 0, of a run on several machines; rank 0 writes. Needs --world-size, --rendezvous, and the same secret in the environment variable STACKEL_RANK_TOKEN everywhere.")
  @Nullable Long rank;

  @Option(
      names = "--world-size",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Number of ranks of a run on several machines.")
  @Nullable Long worldSize;

  @Option(
      names = "--rendezvous",
      paramLabel = "HOST:PORT",
      description = "Where rank 0 listens, on this address only, and the others find it.")
  @Nullable String rendezvous;

  @Option(
      names = "--rank-timeout",
      paramLabel = "SECONDS",
      converter = WholeNumber.class,
      description =
          "How long a rank may take to join, be silent, or keep the others waiting within a step (default: 60).")
  @Nullable Long timeout;

  /** Whether this process computes for another one, which writes. */
  boolean isOther() {
    check();
    return rank != null && rank > 0;
  }

  /** Whether more than one process was asked for. */
  boolean areSeveral() {
    return (ranks != null && ranks > 1) || (worldSize != null && worldSize > 1);
  }

  /** The options with which the first rank goes on in the same way; empty for one process. */
  String again() {
    if (!areSeveral()) {
      return "";
    }
    String how =
        ranks != null
            ? " --ranks " + ranks
            : " --rank 0 --world-size %d --rendezvous %s".formatted(worldSize, rendezvous);
    return timeout == null ? how : how + " --rank-timeout " + timeout;
  }

  private void check() {
    boolean isAny = rank != null || worldSize != null || rendezvous != null;
    if (ranks != null && isAny) {
      throw new InvalidInputException(
              "--ranks starts ranks on this machine, --rank joins some on several machines: they exclude each other.",
              "one of them can be left out.")
          .at("--ranks");
    }
    if (isAny && (rank == null || worldSize == null || rendezvous == null)) {
      throw new InvalidInputException(
              "--rank, --world-size and --rendezvous belong together.",
              "%s is missing."
                  .formatted(
                      rank == null
                          ? "--rank"
                          : worldSize == null ? "--world-size" : "--rendezvous"))
          .at("--rank");
    }
    if (timeout != null && ranks == null && !isAny) {
      throw new InvalidInputException(
              "--rank-timeout applies to several ranks only.", "--ranks is missing.")
          .at("--rank-timeout");
    }
    between("--ranks", ranks, 1, mostHere());
    between("--world-size", worldSize, 1, MAX_RANKS);
    between("--rank-timeout", timeout, 1, MAX_SECONDS);
    if (worldSize != null) {
      between("--rank", rank, 0, worldSize - 1);
    }
  }

  /** Each local rank is a process with memory of its own; far more than processors only wait. */
  private static long mostHere() {
    return Math.max(LOCAL_RANKS, 4L * Runtime.getRuntime().availableProcessors());
  }

  private static void between(String option, @Nullable Long given, long least, long most) {
    if (given != null && (given < least || given > most)) {
      throw new InvalidInputException(
              "The number (%d) must be from %d to %d.".formatted(given, least, most),
              given < least
                  ? "the smallest value, %d, was meant.".formatted(least)
                  : "the largest value, %d, was meant.".formatted(most))
          .at(option);
    }
  }

  private Duration limit() {
    return Duration.ofSeconds(timeout == null ? DEFAULT_TIMEOUT : timeout);
  }

  private static Token token() {
    String text = System.getenv(Token.VARIABLE);
    if (text == null) {
      throw new InvalidInputException(
              "The environment variable %s is not set: ranks accept only who has the run's secret."
                  .formatted(Token.VARIABLE),
              "`export %s=$(openssl rand -hex 32)` on one machine, and the same value on the others, was meant."
                  .formatted(Token.VARIABLE))
          .at("--rank");
    }
    return Token.of(text);
  }

  private InetSocketAddress address() {
    String given = String.valueOf(rendezvous);
    int colon = given.lastIndexOf(':');
    try {
      int port = Integer.parseInt(given.substring(colon + 1));
      String host = given.substring(0, Math.max(0, colon));
      if (port > 0 && !host.isEmpty()) {
        String plain = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new InetSocketAddress(plain, port);
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new InvalidInputException(
            "--rendezvous (%s) must be a host and a port from 1 to 65535.".formatted(given),
            "10.0.0.1:29500 was meant.")
        .at("--rendezvous");
  }

  /**
   * The ranks of a run, with this process as the first; it has started the others if they are
   * local.
   *
   * @param device of the run
   */
  RankGroup open(CommandLine command, Device device) {
    check();
    if (rank != null) {
      int count = Math.toIntExact(worldSize == null ? 1 : worldSize);
      try (var meeting = Rendezvous.listen(address(), count, token(), limit())) {
        return new RankGroup(meeting.await(() -> null), List.of());
      }
    }
    return ranks == null || ranks == 1
        ? new RankGroup(Ranks.ONE, List.of())
        : launch(command, Math.toIntExact(ranks), device);
  }

  /** The GPUs of local ranks, one each; none on the CPU. */
  static List<String> gpus(
      Device device, int count, boolean isOneEach, Supplier<List<String>> all) {
    if (device.kind() == Device.Kind.CPU) {
      return List.of();
    }
    List<String> gpus = all.get();
    if (isOneEach && gpus.size() < count) {
      throw new InvalidInputException(
              "%d ranks need as many GPUs, but this process can use %d."
                  .formatted(count, gpus.size()),
              gpus.isEmpty()
                  ? "--device cpu was meant."
                  : "--ranks %d was meant; with STACKEL_NCCL=off ranks share GPUs, and sum in the memory of the host."
                      .formatted(gpus.size()))
          .at("--ranks");
    }
    return gpus;
  }

  private RankGroup launch(CommandLine command, int count, Device device) {
    List<String> gpus = gpus(device, count, Ranks.needOwnGpus(), Cuda::visible);
    String token = Token.random();
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var meeting = Rendezvous.listen(here, count, Token.of(token), limit())) {
      var processes = new LocalRanks(token, gpus);
      try {
        for (int i = 1; i < count; i++) {
          processes.start(i, arguments(command, i, count, meeting.port()));
        }
        return new RankGroup(meeting.await(processes::ended), List.of(processes));
      } catch (RuntimeException e) {
        processes.close();
        throw e;
      }
    }
  }

  /** The arguments of this process with another rank. */
  private List<String> arguments(CommandLine command, int number, int count, int port) {
    List<String> own = root(command).getParseResult().originalArgs();
    var all = new ArrayList<String>();
    for (int i = 0; i < own.size(); i++) {
      if (own.get(i).equals("--ranks")) {
        i++;
      } else if (!own.get(i).startsWith("--ranks=")) {
        all.add(own.get(i));
      }
    }
    all.addAll(List.of("--rank", "" + number, "--world-size", "" + count));
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    all.addAll(List.of("--rendezvous", host + ":" + port));
    if (timeout != null && !all.contains("--rank-timeout")) {
      all.addAll(List.of("--rank-timeout", "" + timeout));
    }
    return all;
  }

  private static CommandLine root(CommandLine command) {
    return command.getParent() == null ? command : root(command.getParent());
  }

  /**
   * Computes a run for the first rank, as another one.
   *
   * @return the exit code
   */
  int compute(Experiment experiment, StopSignal stop, PrintWriter err) {
    return compute(err, RESUME, joined -> code(Runner.run(experiment, joined, stop)));
  }

  /**
   * The exit code of another rank.
   *
   * @throws RankLostException if the run ended by the loss of one
   */
  static int code(RunOutcome outcome) {
    outcome.checkRanks();
    return Execution.code(outcome);
  }

  /**
   * Computes for the first rank, as another one, until it needs no more.
   *
   * @param howOn what to say where the first is lost, which would have said it
   * @param work gives the exit code
   * @return the exit code
   */
  int compute(PrintWriter err, String howOn, ToIntFunction<Ranks> work) {
    int number = Math.toIntExact(rank == null ? 0 : rank);
    int count = Math.toIntExact(worldSize == null ? 1 : worldSize);
    String lost = null;
    int code;
    try (Ranks joined = Rendezvous.join(address(), number, count, token(), limit())) {
      code = work.applyAsInt(joined);
    } catch (RankLostException e) {
      lost = e.getMessage();
      code = ExitCode.RANK_LOST;
    }
    String ended = lost == null ? "the run has ended; rank 0 has the results." : lost;
    boolean isFirstLost = ended.startsWith("Rank 0 (");
    if (!LocalRanks.isOne()) {
      err.println("Rank %d: %s".formatted(number, ended));
      if (isFirstLost) {
        err.println(howOn);
      }
    } else if (number == 1 && isFirstLost) { // nobody else is left to say it
      System.err.println(ended + System.lineSeparator() + howOn);
    }
    return code;
  }
}
