package org.stackel.algorithm;

import org.stackel.config.Rules;

/** Whose recursion: the paper's, or that of the authors' published scripts where it differs. */
public enum Mode {
  /** The recursion as published. */
  PAPER,
  /** The scripts' deviations, each in the algorithm's Javadoc. */
  AUTHORS;

  /** Refuses {@link #AUTHORS} where no script can be followed, and says why. */
  void mustBePaper(Rules rules, String why) {
    if (this == AUTHORS) {
      throw rules.broken("mode", "authors", "must be paper: " + why, "the mode can be left out.");
    }
  }
}
