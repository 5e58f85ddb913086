package org.stackel.clean;

/** Is told how far cleaning is. */
public interface CleanListener {
  /** Listens to nothing. */
  CleanListener NONE = (part, share) -> {};

  /**
   * A part of the work goes on.
   *
   * @param part what is being done, in a few words
   * @param share of all work that is done, from 0 to 1
   */
  void progressed(String part, double share);
}
