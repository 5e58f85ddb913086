package org.stackel.run;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Ends a step from within, once the run was asked to stop and the step does not end by itself. */
final class Interruption {
  private final BooleanSupplier stop;
  private final LongSupplier nanos;
  private long patience;
  private long since;
  private boolean isAsked;

  /**
   * For one run.
   *
   * @param stop whether the run was asked to stop
   * @param nanos a clock
   */
  Interruption(BooleanSupplier stop, LongSupplier nanos) {
    this.stop = stop;
    this.nanos = nanos;
  }

  /**
   * A step begins.
   *
   * @param patienceNanos how long it may go on after the run is first seen to be asked
   */
  void begin(long patienceNanos) {
    patience = patienceNanos;
    isAsked = false;
  }

  /**
   * Called before every answer of the oracle.
   *
   * @throws GivenUp when there is no patience left
   */
  void check() {
    if (!stop.getAsBoolean()) {
      return;
    }
    long now = nanos.getAsLong();
    if (!isAsked) {
      isAsked = true;
      since = now;
    }
    if (now - since >= patience) {
      throw new GivenUp();
    }
  }

  /** Unwinds a step; the runner catches it. */
  static final class GivenUp extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private GivenUp() {
      super("the run was asked to stop", null, false, false);
    }
  }
}
