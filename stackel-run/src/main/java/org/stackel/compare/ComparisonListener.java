package org.stackel.compare;

import java.util.function.Consumer;

/**
 * Told how far a comparison is, from the threads of its runs. A piece of it is a run, the baselines
 * of a seed, or a point of a search for step sizes.
 */
public interface ComparisonListener {
  /** Nobody listens. */
  ComparisonListener NOBODY = new ComparisonListener() {};

  /** A listener that hears sentences only. */
  static ComparisonListener of(Consumer<String> talk) {
    return new ComparisonListener() {
      @Override
      public void said(String sentence) {
        talk.accept(sentence);
      }
    };
  }

  /** How many pieces there are in all; told once, at the start. */
  default void planned(int pieces) {}

  /** A remark on the data of a run, in a sentence; each is told once. */
  default void remarked(String sentence) {}

  /** What is about to happen, in a sentence. */
  default void said(String sentence) {}

  /**
   * A piece goes on.
   *
   * @param share of it that is done, from 0 to 1
   */
  default void advanced(String piece, double share) {}

  /** A piece is done. */
  default void finished(String piece) {}

  /** A piece was done before the comparison was stopped. */
  default void reused(String piece) {}
}
