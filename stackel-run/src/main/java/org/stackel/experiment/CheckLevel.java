package org.stackel.experiment;

import org.stackel.config.OptionRecord;

/** How closely a run is watched. */
@OptionRecord
public enum CheckLevel {
  /** Only what is about to be written is looked at: states before evaluations and checkpoints. */
  NONE,
  /** Every state: finite, of the right shapes, without a graph. */
  STEP,
  /**
   * Besides, once: derivatives against finite differences, Hessian symmetry, native memory, and
   * whether a further step would descend.
   */
  FULL
}
