package org.stackel.distributed;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waiting for other ranks: how long, and what to say when they do not come. */
final class Watch {
  private final long limitMillis;
  private final Supplier<@Nullable String> lost;

  /** How long the others may take. */
  enum Patience {
    /** The time limit. */
    LIMITED,
    /** As long as they give signs of life. */
    ALIVE
  }

  /**
   * @param lost why the run cannot go on; null if it can
   */
  Watch(Duration limit, Supplier<@Nullable String> lost) {
    limitMillis = limit.toMillis();
    this.lost = lost;
  }

  long limitMillis() {
    return limitMillis;
  }

  /**
   * Why somebody who has waited since then need not wait longer; null if there is no reason.
   *
   * @param begin from {@link System#nanoTime}
   */
  @Nullable String reason(long begin, Patience patience) {
    String why = lost.get();
    boolean isLate = (System.nanoTime() - begin) / 1_000_000 > limitMillis;
    return why == null && patience == Patience.LIMITED && isLate
        ? "Another rank did not answer within %s: it hangs, or its part of a step takes longer, for which --rank-timeout must be larger."
            .formatted(Ranks.words(limitMillis))
        : why;
  }

  /** What a broken connection means: who is gone is known a moment later. */
  RankLostException broken(String error) {
    for (int i = 0; i < 40 && lost.get() == null; i++) {
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    String why = lost.get();
    return new RankLostException(
        why == null ? "The connection to another rank broke: " + error : why);
  }

  static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
