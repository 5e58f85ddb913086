package org.stackel.model;

import org.stackel.config.OptionRecord;

/** How the outputs of all positions become one vector a text. */
@OptionRecord
public enum Pooling {
  /** The largest of each coordinate. */
  MAX,
  /**
   * As published scripts of recurrent networks have it: the maximum over the outputs of a text and,
   * where it is shorter than the longest one of its batch, zeros of the padding behind it. So no
   * feature of a shorter text is negative, and features depend on the batch.
   */
  PADDED_MAX,
  /** The mean. */
  MEAN,
  /** Where reading ends: the last position, and the first one of a network that reads backwards. */
  LAST,
  /** The first position, where tokenizers of BERT put {@code [CLS]}. */
  FIRST
}
