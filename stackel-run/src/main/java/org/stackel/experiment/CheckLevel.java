package org.stackel.experiment;

/** How closely a run is watched. */
public enum CheckLevel {
  /** Only what is about to be written is looked at: states before evaluations and checkpoints. */
  NONE,
  /** Every state: finite, of the right shapes, without a graph. */
  STEP,
  /** Besides, once: derivatives against finite differences, Hessian symmetry, native memory. */
  FULL
}
