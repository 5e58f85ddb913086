package org.stackel.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Tensors;
import org.stackel.text.WordVectors;

/** The word vectors that a model brings, and those of other words where Stackel has them. */
final class StoredVectors implements WordVectors {
  /** Rows of a table of vectors before the first word: padding, unknown words. */
  private static final int FIRST = 2;

  private final Map<String, float[]> stored = new HashMap<>();
  private final int dimension;
  private final @Nullable WordVectors others;

  /**
   * @param table row of each word, behind those of padding and unknown words
   * @param others vectors of words that the model has not met; null if there are none
   */
  StoredVectors(List<String> words, Tensor table, @Nullable WordVectors others) {
    this.others = others;
    dimension = Math.toIntExact(table.size(1));
    double[] numbers = Tensors.toArray(table);
    for (int i = 0; i < words.size(); i++) {
      float[] vector = new float[dimension];
      for (int d = 0; d < dimension; d++) {
        vector[d] = (float) numbers[(i + FIRST) * dimension + d];
      }
      stored.put(words.get(i), vector);
    }
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public float @Nullable [] vector(String word) {
    float[] own = stored.get(word);
    if (own != null) {
      return own.clone();
    }
    return others == null ? null : others.vector(word);
  }
}
