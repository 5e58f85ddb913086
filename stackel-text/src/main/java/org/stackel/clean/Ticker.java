package org.stackel.clean;

/** Counts the work that is done; for several threads. */
final class Ticker {
  private final CleanListener listener;
  private final double total;
  private double done;

  /**
   * @param total expected work
   */
  Ticker(CleanListener listener, double total) {
    this.listener = listener;
    this.total = total;
  }

  /** A part begins. */
  void begin(String part) {
    done(part, 0);
  }

  /** Some work of a part is done. */
  synchronized void done(String part, double work) {
    done += work;
    listener.progressed(part, Math.min(1, done / total));
  }
}
