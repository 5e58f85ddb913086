package org.stackel.oracle;

/** Which samples the products of one step see. */
public enum Sampling {
  /** A new minibatch for every product, as the papers' analyses want it. */
  INDEPENDENT,
  /** One lower and one upper minibatch a step. Loops of lower steps still draw anew. */
  SHARED
}
