package org.stackel.problem;

/** Which methods without a bilevel formulation are run. */
public enum Baselines {
  /** None. */
  NONE,
  /** The simplest one: plain training. */
  PLAIN,
  /** All. */
  ALL
}
