package org.stackel.clean;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.stackel.tensor.Seed;

/**
 * The rows that labels are judged with: first those whose labels may be wrong, then those whose
 * labels are known to be right.
 *
 * @param features of all rows
 * @param labels class of each row, as given
 * @param suspects number of rows whose labels may be wrong
 * @param classes number of classes
 * @param fold fold of each row; equal rows are in the same one
 * @param folds number of folds
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Rows(
    FeatureMatrix features, int[] labels, int suspects, int classes, int[] fold, int folds) {

  int trusted() {
    return labels.length - suspects;
  }

  int[] suspectRows() {
    return IntStream.range(0, suspects).toArray();
  }

  int[] trustedRows() {
    return IntStream.range(suspects, labels.length).toArray();
  }

  /** Rows of a range whose fold is this one, or is not. */
  int[] inFold(int from, int to, int k, boolean in) {
    return IntStream.range(from, to).filter(i -> (fold[i] == k) == in).toArray();
  }

  /** Suspects of a fold, or of all others. */
  int[] suspects(int k, boolean in) {
    return inFold(0, suspects, k, in);
  }

  /** Trusted rows of a fold, or of all others. */
  int[] trusted(int k, boolean in) {
    return inFold(suspects, labels.length, k, in);
  }

  int[] labels(int[] rows) {
    return Arrays.stream(rows).map(i -> labels[i]).toArray();
  }

  /** The same numbers in random order: files may be sorted, or repeat a pattern. */
  static int[] shuffled(int[] rows, Seed seed) {
    return Arrays.stream(seed.permutation(rows.length)).map(i -> rows[i]).toArray();
  }

  static int[] concat(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
