package org.stackel.problem;

/** What decides whether an algorithm and a problem go together. */
public enum Trait {
  /** Keeps x in the problem's set after every move; without it x must be free. */
  PROJECTS_X,
  /** Remembers something of every minibatch: the problem must be a finite sum of them. */
  NEEDS_FINITE_SUM,
  /** Asks for dense second derivatives: the problem must be small. */
  NEEDS_DENSE,
  /**
   * Takes every number of the hypergradient at face value: upper minibatches should be all data.
   */
  WANTS_WHOLE_UPPER_BATCH,
  /** Adapts to one task a step, from parameters that all tasks share. */
  ADAPTS_TO_A_TASK,
  /** Minimises the upper loss over y too: y must not be where that loss is largest. */
  MINIMIZES_F_OVER_Y
}
