package org.stackel.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.stackel.run.RunListener;

/**
 * Ctrl-C and SIGTERM while something runs: the run is told to stop, and the process ends when it
 * has saved its state.
 */
final class StopSignal implements RunListener, AutoCloseable {
  private static final long PATIENCE_MINUTES = 10;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "stop-signal");
  private volatile boolean requested;
  private volatile int code = ExitCode.INTERRUPTED;

  private StopSignal() {}

  /** Watches until closed. */
  static StopSignal watch() {
    var signal = new StopSignal();
    Runtime.getRuntime().addShutdownHook(signal.hook);
    return signal;
  }

  @Override
  public boolean stopRequested() {
    return requested;
  }

  /** Says how the command ended: that counts also if the signal came just before. */
  int ended(int exitCode) {
    code = exitCode;
    return exitCode;
  }

  private void stop() {
    requested = true;
    try {
      if (done.await(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
        System.out.flush();
        System.err.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(code); // the JVM would end with 128 + the signal
  }

  /** Everything is saved and said. */
  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook waits for this.
    }
  }
}
