package org.stackel.model;

/**
 * Sizes of what an encoder reads.
 *
 * @param width numbers of a word vector; 1 for tokens
 * @param vocabulary how many tokens there are; 0 for word vectors
 * @param positions the most tokens of a text; 0 for word vectors
 */
public record InputSizes(int width, int vocabulary, int positions) {
  /** Of these texts. */
  static InputSizes of(EncodedTexts texts) {
    return new InputSizes(texts.inputs().width(), texts.vocabulary(), texts.positions());
  }
}
