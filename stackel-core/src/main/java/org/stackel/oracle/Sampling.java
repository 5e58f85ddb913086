package org.stackel.oracle;

import org.stackel.config.OptionRecord;

/** Which samples the products of one step use. */
@OptionRecord
public enum Sampling {
  /** A new minibatch for every product, as the papers' analyses assume. */
  INDEPENDENT,
  /** One lower and one upper minibatch per step. Loops of lower steps still draw new ones. */
  SHARED
}
