package org.stackel.oracle;

import org.stackel.config.OptionRecord;

/** Which samples the products of one step see. */
@OptionRecord
public enum Sampling {
  /** A new minibatch for every product, as the papers' analyses want it. */
  INDEPENDENT,
  /** One lower and one upper minibatch a step. Loops of lower steps still draw anew. */
  SHARED
}
