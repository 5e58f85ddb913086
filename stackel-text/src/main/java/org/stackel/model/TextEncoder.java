package org.stackel.model;

/** Networks that read texts, as experiment files name them. */
public enum TextEncoder {
  /** The mean of the word vectors: nothing is learned. */
  MEAN,
  /** Elman network over word vectors. */
  RNN,
  /** LSTM over word vectors. */
  LSTM,
  /** GRU over word vectors. */
  GRU,
  /**
   * Transformer with vectors of its own for the words, trained with the rest. With pooling {@code
   * first} it is BERT: a first token in front of the text, tanh at the end, normalisation after
   * sums.
   */
  TRANSFORMER,
  /** One Elman network for both texts of a pair, and their features. */
  PAIR,
  /** The sentence encoder all-MiniLM-L6-v2, which starts where its training ended. */
  MINILM;

  /** Whether it reads one word after the other. */
  public boolean isRecurrent() {
    return switch (this) {
      case RNN, LSTM, GRU, PAIR -> true;
      case MEAN, TRANSFORMER, MINILM -> false;
    };
  }

  /** Whether it reads numbers of tokens, not word vectors. */
  public boolean readsTokens() {
    return this == TRANSFORMER || this == MINILM;
  }
}
