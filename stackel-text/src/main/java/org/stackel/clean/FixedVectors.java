package org.stackel.clean;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.stackel.text.WordVectors;

/**
 * The word vectors that a model carries, and those of other words where Stackel has them.
 *
 * @param dimension numbers of a vector
 * @param rows where the vector of each word is
 * @param table the vectors, one after the other
 * @param others vectors of words that the model has not met; null if there are none
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record FixedVectors(
    int dimension, Map<String, Integer> rows, float[] table, @Nullable WordVectors others)
    implements WordVectors {
  static FixedVectors of(
      List<String> words, int dimension, float[] table, @Nullable WordVectors others) {
    var rows = new HashMap<String, Integer>(2 * words.size());
    for (String word : words) {
      rows.put(word, rows.size());
    }
    return new FixedVectors(dimension, rows, table, others);
  }

  /** The vectors of the words of rows. */
  static FixedVectors of(Iterable<RowView> rows, int[] texts, WordVectors source) {
    var words = new TreeSet<String>();
    for (RowView row : rows) {
      for (int text : texts) {
        words.addAll(row.words(text));
      }
    }
    List<String> known = source.known(List.copyOf(words));
    int d = source.dimension();
    float[] table = new float[Math.multiplyExact(known.size(), d)];
    for (int i = 0; i < known.size(); i++) {
      float[] vector = source.vector(known.get(i));
      if (vector != null) {
        System.arraycopy(vector, 0, table, i * d, d);
      }
    }
    return of(known, d, table, source);
  }

  @Override
  public float @Nullable [] vector(String word) {
    Integer row = rows.get(word);
    if (row == null) {
      return others == null ? null : others.vector(word);
    }
    return Arrays.copyOfRange(table, row * dimension, (row + 1) * dimension);
  }
}
