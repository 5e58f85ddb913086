package org.stackel.runfile;

/** A line of a file that grows while a run goes on. */
public sealed interface StepLine extends FileLine permits MetricsLine, TraceLine, RollbackLine {
  /** Steps done; 0 is the state after the initialisation. */
  long step();
}
