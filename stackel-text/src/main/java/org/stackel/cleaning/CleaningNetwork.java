package org.stackel.cleaning;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Alias;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.model.Encoders;
import org.stackel.model.Network;
import org.stackel.model.Pooling;
import org.stackel.model.TextEncoder;
import org.stackel.model.TextNetwork;

/**
 * The classifier of data cleaning. Only networks have width, layers, pooling and widths of a head.
 *
 * @param encoder encoder that turns a text into features; {@code linear} for softmax regression
 * @param vectors {@code glove}, {@code random}, the path of a GloVe text file, or, for {@code
 *     linear}, {@code tfidf}
 * @param hidden width of the encoder, at least 1
 * @param layers number of layers of the encoder, at least 1
 * @param pooling pooling of the encoder's outputs at all words into one vector
 * @param headHidden widths of the hidden layers between encoder and classes, each at least 1; empty
 *     for a linear head
 */
@OptionRecord
public record CleaningNetwork(
    @Alias("model") CleaningModel encoder,
    String vectors,
    int hidden,
    int layers,
    Pooling pooling,
    List<Integer> headHidden)
    implements CleaningNetworkBuilder.With {
  public CleaningNetwork {
    headHidden = List.copyOf(headHidden);
    TextEncoder kind = encoder.encoder();
    if (kind != null && vectors.equals(DataCleaning.TFIDF)) {
      throw new Rules()
          .broken(
              "vectors",
              vectors,
              "must be word vectors for the encoder " + encoder.toOption(),
              "'glove' was meant.");
    }
    Network.check(kind == null ? Encoders.MEAN : kind, hidden, layers, pooling, headHidden);
  }

  boolean isLinear() {
    return encoder.encoder() == null;
  }

  boolean readsPairs() {
    TextEncoder kind = encoder.encoder();
    return kind != null && kind.reads() == TextEncoder.Reads.PAIRS;
  }

  /** The network that reads texts of a length; null for softmax regression. */
  @Nullable TextNetwork reading(int maxTokens) {
    TextEncoder kind = encoder.encoder();
    return kind == null
        ? null
        : TextNetwork.of(kind, hidden, layers, pooling, headHidden, maxTokens);
  }
}
