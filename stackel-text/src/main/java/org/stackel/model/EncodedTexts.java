package org.stackel.model;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.text.Example;
import org.stackel.text.SubwordTokenizer;

/**
 * Texts as a model reads them, and what must be known to encode another text as these were.
 *
 * @param inputs what the model reads
 * @param words the words that have a number, in order, the first one 2 (0 is padding, 1 a word that
 *     is not known); none for mean vectors, and for the tokens of a tokenizer
 * @param tensors scaling of mean vectors, weights of words, and word vectors
 * @param vocabulary how many tokens there may be; 0 if none are read
 * @param positions how many of them in a text
 * @param tokenizer the {@code tokenizer.json} that made the tokens; null if none did
 * @param reading how another text becomes what these became
 */
public record EncodedTexts(
    Inputs inputs,
    List<String> words,
    Map<String, Tensor> tensors,
    int vocabulary,
    int positions,
    @Nullable String tokenizer,
    TextReading reading) {
  /** Vectors. */
  public static EncodedTexts vectors(
      Inputs inputs, List<String> words, Map<String, Tensor> tensors, TextReading reading) {
    return new EncodedTexts(inputs, words, tensors, 0, 0, null, reading);
  }

  /** The same, known to be made of these examples. */
  public EncodedTexts of(List<Example> examples) {
    return new EncodedTexts(
        inputs, words, tensors, vocabulary, positions, tokenizer, reading.of(examples));
  }

  /** Words as tokens. */
  public static EncodedTexts tokens(
      Inputs inputs, List<String> words, int vocabulary, int positions, TextReading reading) {
    return new EncodedTexts(inputs, words, Map.of(), vocabulary, positions, null, reading);
  }

  /** Tokens of a tokenizer. */
  public static EncodedTexts tokens(
      Inputs inputs, SubwordTokenizer tokenizer, int positions, TextReading reading) {
    return new EncodedTexts(
        inputs, List.of(), Map.of(), tokenizer.size(), positions, tokenizer.json(), reading);
  }
}
