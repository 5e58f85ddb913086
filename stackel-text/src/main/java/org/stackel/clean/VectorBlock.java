package org.stackel.clean;

import org.stackel.text.WordVectors;

/**
 * Mean word vectors of each text, and for two texts the absolute differences and the products of
 * theirs; each column is scaled so that a row has a norm of about one.
 *
 * @param texts columns of the texts
 * @param vectors the vectors
 * @param mean of each column before it is scaled
 * @param scale factor of each column
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record VectorBlock(int[] texts, WordVectors vectors, double[] mean, double[] scale)
    implements DenseBlock {

  /** Number of columns: of two texts, also those of how they differ. */
  static int width(int texts, int dimension) {
    return dimension * (texts + (texts == 2 ? 2 : 0));
  }

  /** Columns without scaling. */
  static VectorBlock unscaled(int[] texts, WordVectors vectors) {
    int width = width(texts.length, vectors.dimension());
    return new VectorBlock(texts, vectors, new double[width], Scaling.ones(width));
  }

  @Override
  public int width() {
    return mean.length;
  }

  @Override
  public void write(RowView row, float[] to, int at) {
    int d = vectors.dimension();
    for (int t = 0; t < texts.length; t++) {
      int count = 0;
      for (String word : row.words(texts[t])) {
        float[] vector = vectors.vector(word);
        if (vector != null) {
          count++;
          for (int k = 0; k < d; k++) {
            to[at + t * d + k] += vector[k];
          }
        }
      }
      for (int k = 0; k < d && count > 0; k++) {
        to[at + t * d + k] /= count;
      }
    }
    if (texts.length == 2) {
      for (int k = 0; k < d; k++) {
        float a = to[at + k];
        float b = to[at + d + k];
        to[at + 2 * d + k] = Math.abs(a - b);
        to[at + 3 * d + k] = a * b;
      }
    }
    for (int k = 0; k < mean.length; k++) {
      to[at + k] = (float) ((to[at + k] - mean[k]) * scale[k]);
    }
  }
}
