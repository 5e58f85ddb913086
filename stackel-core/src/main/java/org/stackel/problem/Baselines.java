package org.stackel.problem;

/** Which methods without a bilevel formulation are run. */
public enum Baselines {
  /** None. */
  NONE,
  /** The simplest: training as if nothing were known. */
  PLAIN,
  /** Every one. */
  ALL
}
