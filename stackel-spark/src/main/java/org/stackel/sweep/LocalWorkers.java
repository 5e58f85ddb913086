package org.stackel.sweep;

import java.util.concurrent.atomic.AtomicBoolean;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.StateScope;

/** Threads of this process. */
public final class LocalWorkers implements Workers {
  private final int threads;
  private final AtomicBoolean isStopped = new AtomicBoolean();

  /**
   * @param threads how many runs are made at the same time, at least 1
   */
  public LocalWorkers(int threads) {
    this.threads = threads;
    StateScope.open().close(); // native libraries are loaded once, before there are threads
  }

  @Override
  public int atOnce() {
    return threads;
  }

  @Override
  public String run(String task, int ranks) {
    if (ranks > 1) {
      throw new InvalidInputException(
          "Runs of %d ranks need Spark: threads of one process are no ranks.".formatted(ranks),
          "SPARK_HOME is not set; `stackel run EXPERIMENT --ranks %d` makes one such run without it."
              .formatted(ranks));
    }
    return OneRun.make(task, isStopped::get);
  }

  @Override
  public void stop() {
    isStopped.set(true);
  }

  @Override
  public void close() {}
}
