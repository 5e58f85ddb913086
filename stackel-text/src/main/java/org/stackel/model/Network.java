package org.stackel.model;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;

/**
 * A network that classifies texts and is trained from the start: an encoder and a head.
 *
 * @param encoder encoder that turns a text into features
 * @param vectors {@code glove}, {@code random}, or the path of a GloVe text file
 * @param hidden width of the encoder, at least 1
 * @param layers number of layers of the encoder, at least 1
 * @param pooling pooling of the encoder's outputs at all words into one vector
 * @param headHidden widths of the hidden layers between encoder and outputs, each at least 1; empty
 *     for a linear head
 */
@OptionRecord
public record Network(
    TextEncoder encoder,
    String vectors,
    int hidden,
    int layers,
    Pooling pooling,
    List<Integer> headHidden)
    implements NetworkBuilder.With {
  public Network {
    headHidden = List.copyOf(headHidden);
    check(encoder, hidden, layers, pooling, headHidden);
  }

  /**
   * Checks a network that is trained with its head from the start: there is no token in front of
   * the texts whose output could be taken, and no weights that were trained before.
   */
  public static void check(
      TextEncoder encoder, int hidden, int layers, Pooling pooling, List<Integer> headHidden) {
    var rules = new Rules();
    if (encoder.isPretrained()) {
      String words =
          Encoders.all().entrySet().stream()
              .filter(entry -> !entry.getValue().isPretrained())
              .map(Map.Entry::getKey)
              .collect(Collectors.joining(", "));
      throw rules.broken(
          "encoder",
          Encoders.name(encoder),
          "must be one of " + words,
          "few-shot learning was meant, which starts from trained encoders.");
    }
    if (pooling == Pooling.FIRST) {
      throw rules.broken(
          "pooling", "first", "must be one of max, padded-max, mean, last", "'last' was meant.");
    }
    EncoderOptions.of(encoder, hidden, layers, pooling);
    checkHead(headHidden);
  }

  /** Checks widths of a head. */
  public static void checkHead(List<Integer> headHidden) {
    headHidden.forEach(width -> new Rules().atLeast("headHidden", width, 1));
  }

  /**
   * The network that reads texts of a length.
   *
   * @param maxTokens words of a text that it reads
   */
  public TextNetwork reading(int maxTokens) {
    return TextNetwork.of(encoder, hidden, layers, pooling, headHidden, maxTokens);
  }
}
