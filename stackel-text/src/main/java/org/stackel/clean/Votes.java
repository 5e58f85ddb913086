package org.stackel.clean;

/**
 * The labels of the neighbours of rows.
 *
 * @param nearest the neighbours of each row; -1 where there are no more
 * @param labels class of each row
 * @param classes number of classes
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Votes(int[][] nearest, int[] labels, int classes) {
  /** The share of a class among the neighbours of a row, and one more that is of all classes. */
  float share(int row, int label) {
    int all = nearest[row].length + 1;
    float share = 1f / classes / all;
    for (int n : nearest[row]) {
      share += n >= 0 && labels[n] == label ? 1f / all : 0;
    }
    return share;
  }
}
