package org.stackel.problem;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.stackel.model.Inputs;

/**
 * Texts as a model reads them, and what must be known to encode another text as these were.
 *
 * @param inputs what the model reads
 * @param words the words that have a number, in order, the first one 2 (0 is padding, 1 a word that
 *     is not known); none for mean vectors, and for the tokens of a tokenizer
 * @param tensors scaling of mean vectors, weights of words, or word vectors
 * @param vocabulary how many tokens there may be; 0 if none are read
 * @param positions how many of them in a text
 */
public record EncodedTexts(
    Inputs inputs, List<String> words, Map<String, Tensor> tensors, int vocabulary, int positions) {
  /** Vectors. */
  static EncodedTexts vectors(Inputs inputs, List<String> words, Map<String, Tensor> tensors) {
    return new EncodedTexts(inputs, words, tensors, 0, 0);
  }

  /** Tokens. */
  static EncodedTexts tokens(Inputs inputs, List<String> words, int vocabulary, int positions) {
    return new EncodedTexts(inputs, words, Map.of(), vocabulary, positions);
  }
}
