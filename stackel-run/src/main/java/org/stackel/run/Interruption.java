package org.stackel.run;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.stackel.distributed.Ranks;

/** Ends a step from within, once the run was asked to stop and the step does not end by itself. */
final class Interruption {
  private final BooleanSupplier stop;
  private final LongSupplier nanos;
  private final Ranks ranks;
  private long patience;
  private long since;
  private boolean isAsked;
  private boolean isAlone;

  /**
   * For one run.
   *
   * @param stop whether the run was asked to stop
   * @param nanos a clock
   * @param ranks the processes of the run: they give a step up together
   */
  Interruption(BooleanSupplier stop, LongSupplier nanos, Ranks ranks) {
    this.stop = stop;
    this.nanos = nanos;
    this.ranks = ranks;
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
    boolean isOver = isOver();
    if (ranks.count() > 1) {
      ranks.say(isOver ? Ranks.Wish.NOW : isAsked ? Ranks.Wish.STOP : Ranks.Wish.NONE);
      isOver = isAlone ? isOver : ranks.heard() == Ranks.Wish.NOW;
    }
    if (isOver) {
      throw new GivenUp();
    }
  }

  /** Does what only this rank does, and gives it up by itself: it must tell the others. */
  <T extends @Nullable Object> T alone(Supplier<T> work) {
    isAlone = true;
    try {
      return work.get();
    } finally {
      isAlone = false;
    }
  }

  /** Whether the run is to stop, as the ranks know it together. */
  boolean isAsked() {
    return ranks.count() == 1 ? stop.getAsBoolean() : ranks.heard() != Ranks.Wish.NONE;
  }

  private boolean isOver() {
    if (!stop.getAsBoolean()) {
      return false;
    }
    long now = nanos.getAsLong();
    if (!isAsked) {
      isAsked = true;
      since = now;
    }
    return now - since >= patience;
  }

  /** Unwinds a step; the runner catches it. */
  static final class GivenUp extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GivenUp() {
      super("the run was asked to stop", null, false, false);
    }
  }
}
