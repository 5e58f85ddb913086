package org.stackel.model;

/** In which order a recurrent network reads. */
public enum Direction {
  /** From the first word to the last. */
  FORWARD,
  /** Once forward and once backward, with parameters for each; outputs side by side. */
  BOTH
}
