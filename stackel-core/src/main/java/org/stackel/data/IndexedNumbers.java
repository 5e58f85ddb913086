package org.stackel.data;

import org.stackel.config.InvalidInputException;

/**
 * The {@code index:value} pairs of a row of a LIBSVM file.
 *
 * @param indices rising
 * @param values finite numbers, one for each index
 * @param hasQuery whether a query number ({@code qid}) stands before them, which is not read
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record IndexedNumbers(int[] indices, double[] values, boolean hasQuery) {
  private static final String ZERO = "0:";

  /**
   * Reads them.
   *
   * @param features what stands behind the label; empty if nothing does
   * @param least smallest index: 1 as a rule, or 0
   * @param zeroBased what to do about a file that counts from 0
   * @param place of the row; empty if the caller says it
   * @throws InvalidInputException if something else stands there
   */
  public static IndexedNumbers of(String features, int least, String zeroBased, String place) {
    String[] words = features.isBlank() ? new String[0] : features.strip().split("\\s+");
    int skipped = words.length > 0 && words[0].matches("qid:\\S+") ? 1 : 0;
    int[] indices = new int[words.length - skipped];
    double[] values = new double[indices.length];
    for (int i = 0; i < indices.length; i++) {
      String word = words[i + skipped];
      int colon = word.indexOf(':');
      int index = colon < 0 ? -1 : index(word.substring(0, colon));
      if (index < least) {
        throw noIndex(word, least, zeroBased, place);
      }
      if (i > 0 && index <= indices[i - 1]) {
        throw new InvalidInputException(
                "The index %d follows %d; indices must rise.".formatted(index, indices[i - 1]),
                "two rows share a line, or the row is not sorted.")
            .at(place);
      }
      indices[i] = index;
      values[i] = NumericTables.number(word.substring(colon + 1), "value of index " + index, place);
    }
    return new IndexedNumbers(indices, values, skipped > 0);
  }

  /** The last index; 0 if there is none. */
  public int width() {
    return indices.length == 0 ? 0 : indices[indices.length - 1];
  }

  private static InvalidInputException noIndex(
      String word, int least, String zeroBased, String place) {
    boolean isHuge = word.matches("[0-9]{10,}:.*");
    return new InvalidInputException(
            "'%s' is no index:value with an index of at least %d%s."
                .formatted(word, least, isHuge ? " and at most " + Integer.MAX_VALUE : ""),
            word.startsWith(ZERO)
                ? zeroBased
                : isHuge
                    ? "the features are hashed: take the hash modulo a smaller number."
                    : "a blank is missing, or there is one too many.")
        .at(place);
  }

  private static int index(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
