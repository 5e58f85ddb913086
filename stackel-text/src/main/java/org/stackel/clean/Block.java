package org.stackel.clean;

/** Some columns of features, and how they are computed of a row. */
sealed interface Block permits DenseBlock, SparseBlock {
  /** How many columns. */
  int width();
}
