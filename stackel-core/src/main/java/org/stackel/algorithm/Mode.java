package org.stackel.algorithm;

/** Whose recursion: the paper's, or that of the authors' published scripts where it differs. */
public enum Mode {
  /** The recursion as published. */
  PAPER,
  /** The scripts' deviations, each in the algorithm's Javadoc. */
  AUTHORS
}
