package org.stackel.text;

import java.util.List;

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

  /** The means of texts. */
  public static MeanVectors of(List<List<String>> texts, WordVectors vectors) {
    int dimension = vectors.dimension();
    float[] numbers = new float[Math.multiplyExact(texts.size(), dimension)];
    int unknown = 0;
    long words = 0;
    long known = 0;
    for (int i = 0; i < texts.size(); i++) {
      double[] sum = new double[dimension];
      int count = 0;
      for (String word : texts.get(i)) {
        float[] vector = vectors.vector(word);
        if (vector != null) {
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
