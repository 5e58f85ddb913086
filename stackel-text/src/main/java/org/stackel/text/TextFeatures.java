package org.stackel.text;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.Rules;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/** Texts as tensors. Every tensor belongs to the scope that is open on the calling thread. */
public final class TextFeatures {
  private TextFeatures() {}

  /**
   * How columns are brought to one scale: {@code (v - mean) / (10 · deviation)}, so that a row of
   * 100 such numbers has a norm of about 1.
   *
   * @param mean of each column
   * @param deviation of each column, its division by n; 1 where a column is constant
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  public record Scaling(double[] mean, double[] deviation) {
    private static final double SHRINK = 10;

    /** The scaling that the training texts ask for. */
    public static Scaling of(MeanVectors train) {
      return of(train, train.texts());
    }

    /**
     * The scaling that the first texts ask for.
     *
     * @param n how many of them are training texts
     */
    public static Scaling of(MeanVectors texts, int n) {
      new Rules("text-features").atLeast("texts", n, 1);
      int width = texts.dimension();
      double[] mean = new double[width];
      double[] deviation = new double[width];
      float[] numbers = texts.numbers();
      for (int row = 0; row < n * width; row += width) {
        for (int d = 0; d < width; d++) {
          mean[d] += numbers[row + d] / n;
        }
      }
      for (int row = 0; row < n * width; row += width) {
        for (int d = 0; d < width; d++) {
          double difference = numbers[row + d] - mean[d];
          deviation[d] += difference * difference / n;
        }
      }
      for (int d = 0; d < width; d++) {
        double root = Math.sqrt(deviation[d]);
        deviation[d] = root > 1e-6 ? root : 1;
      }
      return new Scaling(mean, deviation);
    }

    /** Scaled means and a last column of ones: {@code [texts, dimension + 1]}. */
    public Tensor apply(MeanVectors texts, Device device) {
      int width = texts.dimension();
      double[] rows = new double[texts.texts() * (width + 1)];
      for (int i = 0; i < texts.texts(); i++) {
        for (int d = 0; d < width; d++) {
          double value = texts.numbers()[i * width + d];
          rows[i * (width + 1) + d] = (value - mean[d]) / (SHRINK * deviation[d]);
        }
        rows[i * (width + 1) + width] = 1;
      }
      return Tensors.of(device, rows, texts.texts(), width + 1L);
    }
  }

  /**
   * Texts as word numbers.
   *
   * @param ids {@code [texts, maxTokens]}, int64: numbers of a {@link Vocabulary}, cut or padded
   * @param lengths of the texts, 1 to maxTokens. A text without words is one unknown word, so that
   *     a mean or maximum over its words exists.
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Tokens(Tensor ids, int[] lengths) {}

  /** Texts as word numbers: see {@link Tokens}. */
  public static Tokens tokens(
      List<List<String>> texts, Vocabulary vocabulary, int maxTokens, Device device) {
    var rules = new Rules("text-features");
    rules.atLeast("maxTokens", maxTokens, 1);
    if ((long) texts.size() * maxTokens > Integer.MAX_VALUE) {
      throw rules.broken(
          "maxTokens",
          maxTokens,
          "must be at most %d with %d texts"
              .formatted(Integer.MAX_VALUE / texts.size(), texts.size()),
          "the longest text has far fewer words.");
    }
    int[] ids = new int[texts.size() * maxTokens];
    int[] lengths = new int[texts.size()];
    for (int i = 0; i < lengths.length; i++) {
      List<String> text = texts.get(i);
      lengths[i] = Math.max(1, Math.min(maxTokens, text.size()));
      for (int t = 0; t < lengths[i]; t++) {
        ids[i * maxTokens + t] = text.isEmpty() ? Vocabulary.UNKNOWN : vocabulary.id(text.get(t));
      }
    }
    return new Tokens(Tensors.indices(device, ids, texts.size(), maxTokens), lengths);
  }

  /**
   * Texts as word numbers of their own lengths, 1 to maxTokens each. A text without words is one
   * unknown word.
   */
  public static List<int[]> ids(List<List<String>> texts, Vocabulary vocabulary, int maxTokens) {
    new Rules("text-features").atLeast("maxTokens", maxTokens, 1);
    return texts.stream()
        .map(
            text ->
                text.isEmpty()
                    ? new int[] {Vocabulary.UNKNOWN}
                    : text.stream().limit(maxTokens).mapToInt(vocabulary::id).toArray())
        .toList();
  }

  /**
   * The vectors of a vocabulary: {@code [vocabulary.size(), dimension]}. Padding, unknown words and
   * words without a vector are rows of zeros.
   */
  public static Tensor table(Vocabulary vocabulary, WordVectors vectors, Device device) {
    int width = vectors.dimension();
    float[] table = new float[Math.multiplyExact(vocabulary.size(), width)];
    for (String word : vocabulary.words()) {
      float[] vector = vectors.vector(word);
      if (vector != null) {
        System.arraycopy(vector, 0, table, vocabulary.id(word) * width, width);
      }
    }
    return Tensors.of(device, table, vocabulary.size(), width);
  }

  /** Some rows of sparse features and a last column of ones: {@code [rows, width + 1]}. */
  public static Tensor dense(SparseRows features, int[] rows, Device device) {
    int width = features.width() + 1;
    float[] dense = new float[Math.multiplyExact(rows.length, width)];
    for (int i = 0; i < rows.length; i++) {
      for (int k = features.offsets()[rows[i]]; k < features.offsets()[rows[i] + 1]; k++) {
        dense[i * width + features.columns()[k]] = features.values()[k];
      }
      dense[i * width + width - 1] = 1;
    }
    return Tensors.of(device, dense, rows.length, width);
  }
}
