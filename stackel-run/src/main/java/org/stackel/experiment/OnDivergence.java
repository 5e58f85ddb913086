package org.stackel.experiment;

import org.stackel.config.OptionRecord;

/** What a run does that has diverged. */
@OptionRecord
public enum OnDivergence {
  /** It ends, and the last finite state is saved. */
  STOP,
  /**
   * It goes back to its last checkpoint, or to its start if there is none, and goes on with half
   * the step sizes: those of x and y, of linear systems and of Neumann series. It ends as diverged
   * once they would be less than a thousandth of those given, or where shorter steps cannot help:
   * the lower loss has no minimum, or is not convex at the point that it would go back to. The
   * draws of a repeated step are those it had before; oracle calls and seconds count as spent.
   */
  ROLLBACK
}
