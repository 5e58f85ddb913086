package org.stackel.tensor;

/** Counts of native objects that tests compare. */
public final class NativeObjects {
  /** Counts in a row that agree once the garbage collector's thread has nothing more to free. */
  private static final int STILL = 5;

  private NativeObjects() {}

  /**
   * Number of live native objects, after those are freed that earlier tests left to the garbage
   * collector. Those would otherwise be freed while a test counts, so that it fails, or misses what
   * it leaks. What is counted afterwards is {@link StateScope#livePointers}: a leak must not be
   * collected before it is seen.
   */
  public static long settled() {
    long before = Long.MAX_VALUE;
    long found = still();
    while (found != before) { // what one collection frees may hold what the next one finds
      before = found;
      System.gc();
      found = still();
    }
    return found;
  }

  private static long still() {
    long found = StateScope.livePointers();
    for (int still = 0; still < STILL; ) {
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      long now = StateScope.livePointers();
      still = now == found ? still + 1 : 0;
      found = now;
    }
    return found;
  }
}
