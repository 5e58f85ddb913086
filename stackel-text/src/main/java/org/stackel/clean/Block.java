package org.stackel.clean;

import java.io.Serializable;

/** Some columns of features, and how they are computed of a row. */
sealed interface Block extends Serializable permits DenseBlock, SparseBlock {
  /** How many columns. */
  int width();
}
