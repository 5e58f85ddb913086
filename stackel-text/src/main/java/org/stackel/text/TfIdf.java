package org.stackel.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;

/**
 * Weights of words in a text: {@code count(w) · (ln((1 + n) / (1 + n_w)) + 1)} with n texts to
 * learn from, of which n_w hold the word; then the weights of a text are divided by their Euclidean
 * norm.
 */
public final class TfIdf {
  private final Map<String, Integer> columns;
  private final List<String> words;
  private final float[] weights;

  private TfIdf(List<String> words, float[] weights) {
    this.words = words;
    this.weights = weights;
    columns = new HashMap<>();
    words.forEach(word -> columns.put(word, columns.size()));
  }

  /**
   * Learns words and weights.
   *
   * @param minTexts how many texts must hold a word
   * @throws InvalidInputException if no word is left
   */
  public static TfIdf fit(List<List<String>> texts, int minTexts) {
    new Rules("tf-idf").atLeast("minTexts", minTexts, 1);
    var counts = new TreeMap<String, Integer>();
    for (List<String> text : texts) {
      new HashSet<>(text).forEach(word -> counts.merge(word, 1, Integer::sum));
    }
    counts.values().removeIf(count -> count < minTexts);
    if (counts.isEmpty()) {
      throw new InvalidInputException(
          "No word stands in at least %d of the %d texts.".formatted(minTexts, texts.size()),
          "the texts are in another column.");
    }
    float[] weights = new float[counts.size()];
    int column = 0;
    for (int count : counts.values()) {
      weights[column++] = (float) (Math.log((1.0 + texts.size()) / (1.0 + count)) + 1);
    }
    return new TfIdf(List.copyOf(counts.keySet()), weights);
  }

  /**
   * Words and weights that were learned before.
   *
   * @param words one a column
   * @param weights the logarithmic factor of each word
   */
  public static TfIdf of(List<String> words, double[] weights) {
    float[] narrow = new float[weights.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) weights[i];
    }
    return new TfIdf(List.copyOf(words), narrow);
  }

  /** The words in alphabetical order, one a column. */
  public List<String> words() {
    return words;
  }

  /** The logarithmic factor of each word. */
  public float[] weights() {
    return weights.clone();
  }

  /** One row a text; a text without any word that was learned is a row of zeros. */
  public SparseRows transform(List<List<String>> texts) {
    int[] offsets = new int[texts.size() + 1];
    var rows = new ArrayList<TreeMap<Integer, Integer>>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      var counts = new TreeMap<Integer, Integer>();
      for (String word : texts.get(i)) {
        Integer column = columns.get(word);
        if (column != null) {
          counts.merge(column, 1, Integer::sum);
        }
      }
      rows.add(counts);
      offsets[i + 1] = offsets[i] + counts.size();
    }
    int[] indices = new int[offsets[texts.size()]];
    float[] values = new float[indices.length];
    for (int i = 0; i < rows.size(); i++) {
      int k = offsets[i];
      double squares = 0;
      for (Map.Entry<Integer, Integer> entry : rows.get(i).entrySet()) {
        indices[k] = entry.getKey();
        values[k] = entry.getValue() * weights[entry.getKey()];
        squares += (double) values[k] * values[k];
        k++;
      }
      for (k = offsets[i]; k < offsets[i + 1]; k++) {
        values[k] /= (float) Math.sqrt(squares);
      }
    }
    return new SparseRows(words.size(), offsets, indices, values);
  }
}
