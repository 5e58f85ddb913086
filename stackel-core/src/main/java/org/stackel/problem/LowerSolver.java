package org.stackel.problem;

import org.stackel.config.OptionRecord;

/** How the lower variable follows x. */
@OptionRecord
public enum LowerSolver {
  /** By gradient steps of the given sizes, as published. */
  STEPS,
  /**
   * By Newton steps that minimise the loss of the step's sample, then conjugate gradients on its
   * linear system, both before x moves: for samples that have all data of the components of y that
   * they are about, as a task of its own head has.
   */
  NEWTON
}
