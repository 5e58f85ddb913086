package org.stackel.model;

/** How the outputs of all positions become one vector a text. Padding plays no part. */
public enum Pooling {
  /** The largest of each coordinate. */
  MAX,
  /** The mean. */
  MEAN,
  /** Where reading ends: the last position, and the first one of a network that reads backwards. */
  LAST,
  /** The first position, where tokenizers of BERT put {@code [CLS]}. */
  FIRST
}
