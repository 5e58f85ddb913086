package org.stackel.text;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Seed;

/** A vector for each word that is known. */
public interface WordVectors {
  /** Numbers of a vector. */
  int dimension();

  /** The vector of a lower-case word, the caller's own copy; null if the word is unknown. */
  float @Nullable [] vector(String word);

  /** The words among the given ones that have a vector, in order. */
  default List<String> known(List<String> words) {
    return words.stream().filter(word -> vector(word) != null).toList();
  }

  /** What a reader should know about where they are from, in sentences. */
  default List<String> remarks() {
    return List.of();
  }

  /**
   * The vectors that Stackel carries: 60,000 lower-case English words of GloVe 6B 100d (Pennington,
   * Socher and Manning, 2014; Public Domain Dedication and License 1.0), each number rounded to a
   * multiple of 1/8, which leaves a mean cosine of 0.997 to the exact vectors.
   *
   * <p>They are the words of WordNet's noun and verb definitions that the source knows, then its
   * most frequent others. The source has neither single letters, so no "a", nor numbers, nor "'s"
   * and "n't". {@code scripts/MakeWordVectors.java} makes them.
   */
  static WordVectors builtIn() {
    return BuiltInVectors.load();
  }

  /**
   * The vectors of the wanted words in a GloVe text file, {@code word v1 … vd} a line, perhaps
   * packed as {@code .gz}. The file is read as a stream; only wanted vectors take memory. A first
   * line of two numbers, as word2vec writes it, must say how many words of how many numbers follow.
   * A wanted word that is there only in upper case, or with accents apart, is found too.
   *
   * @throws org.stackel.config.InvalidInputException naming file and line, if a line has too few
   *     numbers or something else in their place
   */
  static WordVectors read(Path file, Set<String> wanted) {
    return VectorFile.read(file, wanted::contains);
  }

  /** All vectors of a GloVe text file: see {@link #read(Path, Set)}. */
  static WordVectors read(Path file) {
    return VectorFile.read(file, word -> true);
  }

  /**
   * Random vectors: every word is known, its numbers are independent and normal with standard
   * deviation 0.5, about that of GloVe. A vector depends on the seed and the word alone.
   */
  static WordVectors random(Seed seed, int dimension) {
    return new RandomVectors(seed, dimension);
  }
}
