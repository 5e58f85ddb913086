package org.stackel.clean;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.text.WordVectors;

/**
 * Word vectors that a model carries.
 *
 * @param dimension numbers of a vector
 * @param rows where the vector of each word is
 * @param table the vectors, one after the other
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record FixedVectors(int dimension, Map<String, Integer> rows, float[] table)
    implements WordVectors {
  static FixedVectors of(List<String> words, int dimension, float[] table) {
    var rows = new HashMap<String, Integer>(2 * words.size());
    for (String word : words) {
      rows.put(word, rows.size());
    }
    return new FixedVectors(dimension, rows, table);
  }

  @Override
  public float @Nullable [] vector(String word) {
    Integer row = rows.get(word);
    return row == null
        ? null
        : java.util.Arrays.copyOfRange(table, row * dimension, (row + 1) * dimension);
  }
}
