package org.stackel.text;

import java.util.HashMap;
import java.util.List;
import java.util.Objects;

/**
 * The mean word vector of each text; a word counts as often as it stands there, an unknown one not
 * at all.
 *
 * @param dimension numbers of a vector
 * @param numbers the means, text after text
 * @param unknown how many texts hold no known word; their mean is zero
 * @param coverage share of all words that were known; 1 if there are none
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record MeanVectors(int dimension, float[] numbers, int unknown, double coverage) {
  private static final float[] UNKNOWN = {};

  /** The means of texts. */
  public static MeanVectors of(List<List<String>> texts, WordVectors vectors) {
    int dimension = vectors.dimension();
    var found = new HashMap<String, float[]>(); // a word stands in many texts
    float[] numbers = new float[Math.multiplyExact(texts.size(), dimension)];
    int unknown = 0;
    long words = 0;
    long known = 0;
    for (int i = 0; i < texts.size(); i++) {
      double[] sum = new double[dimension];
      int count = 0;
      for (String word : texts.get(i)) {
        float[] vector =
            found.computeIfAbsent(
                word, each -> Objects.requireNonNullElse(vectors.vector(each), UNKNOWN));
        if (vector != UNKNOWN) {
          count++;
          for (int d = 0; d < dimension; d++) {
            sum[d] += vector[d];
          }
        }
      }
      for (int d = 0; d < dimension && count > 0; d++) {
        numbers[i * dimension + d] = (float) (sum[d] / count);
      }
      unknown += count == 0 ? 1 : 0;
      words += texts.get(i).size();
      known += count;
    }
    return new MeanVectors(dimension, numbers, unknown, words == 0 ? 1 : (double) known / words);
  }

  /** Number of texts. */
  public int texts() {
    return numbers.length / dimension;
  }
}
