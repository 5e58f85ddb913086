package org.stackel.problem;

import org.stackel.config.Rules;
import org.stackel.model.Cell;
import org.stackel.model.Encoder;
import org.stackel.model.Inputs;
import org.stackel.model.PairEncoder;
import org.stackel.model.Pooling;
import org.stackel.model.Rnn;
import org.stackel.model.Transformer;

/** Networks that read texts, as experiment files name them. */
public enum TextEncoder {
  /** Elman network over word vectors. */
  RNN,
  /** LSTM over word vectors. */
  LSTM,
  /** GRU over word vectors. */
  GRU,
  /** Transformer with vectors of its own for the words, trained with the rest. */
  TRANSFORMER,
  /** One Elman network for both texts of a pair, and their features. */
  PAIR;

  /** Padding and unknown. */
  private static final int RESERVED = 2;

  /** Of the transformer's attention. */
  private static final int HEADS = 4;

  /** Words are read one after the other, so the first one knows nothing of the others. */
  static void check(Rules rules, Pooling pooling) {
    if (pooling == Pooling.FIRST) {
      throw rules.broken("pooling", "first", "must be one of max, mean, last", "'last' was meant.");
    }
  }

  /**
   * The encoder.
   *
   * @param inputs what it will read
   * @param words how many words have a number
   */
  Encoder create(Inputs inputs, int words, int maxTokens, int hidden, int layers, Pooling pooling) {
    return switch (this) {
      case RNN -> recurrent(Cell.ELMAN, inputs, hidden, layers, pooling);
      case LSTM -> recurrent(Cell.LSTM, inputs, hidden, layers, pooling);
      case GRU -> recurrent(Cell.GRU, inputs, hidden, layers, pooling);
      case PAIR -> new PairEncoder(recurrent(Cell.ELMAN, inputs, hidden, layers, pooling));
      case TRANSFORMER ->
          new Transformer(
              words + RESERVED,
              maxTokens,
              1,
              hidden,
              layers,
              hidden % HEADS == 0 ? HEADS : 1,
              4 * hidden,
              Transformer.Norm.PRE,
              pooling,
              Transformer.Pooler.NONE);
    };
  }

  private static Encoder recurrent(
      Cell cell, Inputs inputs, int hidden, int layers, Pooling pooling) {
    return new Rnn(
        cell, inputs.width(), hidden, layers, org.stackel.model.Direction.FORWARD, pooling);
  }
}
