package org.stackel.experiment;

import org.stackel.config.OptionRecord;

/** Which x and y a run ends with: those that are judged and saved at its end. */
@OptionRecord
public enum Keep {
  /** Those of the last step. */
  LAST,
  /**
   * Those of the evaluation with the lowest objective of the problem: early stopping. No step
   * depends on it, and all are made.
   */
  BEST
}
