package org.stackel.model;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.stackel.config.OptionRecord;
import org.stackel.config.Options;
import org.stackel.config.Rules;

/**
 * An encoder with its sizes.
 *
 * @param encoder encoder that turns a text into features; {@code minilm} has sizes and a pooling of
 *     its own
 * @param hidden width of the encoder, at least 1
 * @param layers number of layers of the encoder, at least 1
 * @param attentionHeads number of heads of a transformer's attention, at least 1; must divide the
 *     width
 * @param inner width inside a transformer's blocks, at least 1
 * @param pooling pooling of the encoder's outputs at all words into one vector
 */
@OptionRecord
public record EncoderOptions(
    TextEncoder encoder, int hidden, int layers, int attentionHeads, int inner, Pooling pooling)
    implements EncoderOptionsBuilder.With {
  private static final int HEADS = 4;

  public EncoderOptions {
    var rules = new Rules();
    rules.atLeast("hidden", hidden, 1);
    rules.atLeast("layers", layers, 1);
    rules.atLeast("attentionHeads", attentionHeads, 1);
    rules.atLeast("inner", inner, 1);
    if (encoder.equals(Encoders.TRANSFORMER) && hidden % attentionHeads != 0) {
      throw rules.broken(
          "attentionHeads",
          attentionHeads,
          "must divide the width (hidden: %d)".formatted(hidden),
          "1 was meant.");
    }
    if (!encoder.poolings().contains(pooling)) {
      String words =
          Arrays.stream(Pooling.values())
              .filter(encoder.poolings()::contains)
              .map(Options::kebab)
              .collect(Collectors.joining(", "));
      throw rules.broken(
          "pooling",
          Options.kebab(pooling),
          "must be one of %s for the encoder %s".formatted(words, Encoders.name(encoder)),
          "'%s' was meant.".formatted(meant(encoder, pooling)));
    }
  }

  /** Four attention heads where they divide the width, and four times the width inside. */
  public static EncoderOptions of(TextEncoder encoder, int hidden, int layers, Pooling pooling) {
    int heads = hidden % HEADS == 0 ? HEADS : 1;
    return new EncoderOptions(encoder, hidden, layers, heads, 4 * hidden, pooling);
  }

  private static String meant(TextEncoder encoder, Pooling pooling) {
    Pooling near = pooling == Pooling.FIRST ? Pooling.LAST : Pooling.MAX;
    return Options.kebab(
        encoder.poolings().contains(near) ? near : encoder.poolings().iterator().next());
  }
}
