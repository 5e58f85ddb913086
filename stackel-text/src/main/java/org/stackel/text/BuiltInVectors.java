package org.stackel.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The vectors in the resource {@code glove-100d.gz}, kept as codes: whole numbers in units of
 * 1/steps. The resource has the first component of all words, then the second, and so on.
 */
final class BuiltInVectors implements WordVectors, Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BLOCK = 256;

  private final transient Map<String, Integer> rows;
  private final transient byte[] codes;
  private final int dimension;
  private final float unit;

  private BuiltInVectors(Map<String, Integer> rows, byte[] codes, int dimension, float unit) {
    this.rows = rows;
    this.codes = codes;
    this.dimension = dimension;
    this.unit = unit;
  }

  static WordVectors load() {
    return Once.VECTORS;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public float @Nullable [] vector(String word) {
    Integer row = rows.get(word);
    if (row == null) {
      return null;
    }
    float[] vector = new float[dimension];
    for (int d = 0; d < dimension; d++) {
      vector[d] = codes[row * dimension + d] * unit;
    }
    return vector;
  }

  @Override
  public List<String> known(List<String> words) {
    return words.stream().filter(rows::containsKey).toList();
  }

  /** Every process has them. */
  private Object writeReplace() {
    return new Sent();
  }

  /** What is sent in their place. */
  private record Sent() implements Serializable {
    private Object readResolve() {
      return load();
    }
  }

  /** Read when first asked for. */
  private static final class Once {
    static final WordVectors VECTORS = read();
  }

  private static WordVectors read() {
    try (InputStream resource = BuiltInVectors.class.getResourceAsStream("glove-100d.gz")) {
      byte[] all =
          new GZIPInputStream(Objects.requireNonNull(resource, "glove-100d.gz"), 1 << 16)
              .readAllBytes();
      int from = 0;
      int to = lineEnd(all, from);
      String[] header = new String(all, from, to - from, StandardCharsets.UTF_8).split(" ", -1);
      int words = Integer.parseInt(header[0]);
      int dimension = Integer.parseInt(header[1]);
      float unit = 1f / Integer.parseInt(header[2]);
      var rows = new HashMap<String, Integer>(2 * words);
      for (int row = 0; row < words; row++) {
        from = to + 1;
        to = lineEnd(all, from);
        rows.put(new String(all, from, to - from, StandardCharsets.UTF_8), row);
      }
      return new BuiltInVectors(rows, byWord(all, to + 1, words, dimension), dimension, unit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The codes word after word, so that a vector is read in one place. */
  private static byte[] byWord(byte[] all, int begin, int words, int dimension) {
    byte[] codes = new byte[words * dimension];
    for (int from = 0; from < words; from += BLOCK) { // whose rows stay in the cache
      int to = Math.min(words, from + BLOCK);
      for (int d = 0; d < dimension; d++) {
        for (int word = from; word < to; word++) {
          codes[word * dimension + d] = all[begin + d * words + word];
        }
      }
    }
    return codes;
  }

  private static int lineEnd(byte[] bytes, int from) {
    int end = from;
    while (bytes[end] != '\n') {
      end++;
    }
    return end;
  }
}
