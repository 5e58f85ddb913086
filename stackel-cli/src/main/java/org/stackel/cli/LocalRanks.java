package org.stackel.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.stackel.distributed.Token;
import org.stackel.tensor.Cuda;

/**
 * The other ranks of a run on this machine: processes like this one. They say nothing, unless this
 * one is gone.
 */
final class LocalRanks implements AutoCloseable {
  private static final String MARK = "STACKEL_RANK_OF";
  private static final long PATIENCE_MILLIS = 5_000;

  private final String token;
  private final List<String> gpus;
  private final Map<Integer, Process> processes = new TreeMap<>();

  /**
   * @param token the secret of the run
   * @param gpus of all ranks, this one's first; empty for a run on the CPU
   */
  LocalRanks(String token, List<String> gpus) {
    this.token = token;
    this.gpus = gpus;
  }

  /** Whether this process is one. */
  static boolean isOne() {
    return System.getenv(MARK) != null;
  }

  /** Starts a rank with these arguments of the command line. */
  void start(int rank, List<String> arguments) {
    var builder =
        OwnProcess.with(List.of(), List.of(), arguments)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put(Token.VARIABLE, token);
    builder.environment().put(MARK, Long.toString(ProcessHandle.current().pid()));
    if (!gpus.isEmpty()) {
      builder.environment().put(Cuda.VISIBLE, gpus.get(rank % gpus.size()));
    }
    try {
      processes.put(rank, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Which rank ended before its time, and how; null if none did. */
  @Nullable String ended() {
    for (Map.Entry<Integer, Process> each : processes.entrySet()) {
      if (!each.getValue().isAlive()) {
        int code = each.getValue().exitValue();
        boolean isOrderly =
            code == ExitCode.COMPLETED || code == ExitCode.DIVERGED || code == ExitCode.INTERRUPTED;
        if (!isOrderly) {
          return "Rank %d is gone: its process %d ended with exit code %d."
              .formatted(each.getKey(), each.getValue().pid(), code);
        }
      }
    }
    return null;
  }

  /** Waits for all to end, and ends those that do not by themselves. */
  @Override
  public void close() {
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
    for (Process each : processes.values()) {
      try {
        long left = Math.max(1, (end - System.nanoTime()) / 1_000_000);
        if (!each.waitFor(left, TimeUnit.MILLISECONDS)) {
          each.destroyForcibly().waitFor();
        }
      } catch (InterruptedException e) {
        each.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
