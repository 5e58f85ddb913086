package org.stackel.preset;

/** How much of the data and how many steps. */
public enum Scale {
  /** Seconds: to see that it works. */
  TINY,
  /** Minutes on a laptop: to see what it does. */
  SMALL,
  /** The published sizes. */
  PAPER
}
