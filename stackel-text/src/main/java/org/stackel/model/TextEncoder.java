package org.stackel.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Option;
import org.stackel.config.OptionDoc;
import org.stackel.config.Options;
import org.stackel.config.Rules;

/**
 * A kind of {@link Encoder}, as an option of problems with texts. Experiment files give its name.
 *
 * <p>The catalogue {@link Encoders} finds a public class with a public constructor without
 * parameters if {@code META-INF/services/org.stackel.model.TextEncoder} names it. {@link
 * EncoderInfo} gives its name and a summary. Instances of one class must be equal: a record without
 * components is the simplest way.
 */
public interface TextEncoder extends Option {
  /**
   * An encoder for texts of these sizes. Pairs of texts go through it one text at a time.
   *
   * @param options width, layers and pooling
   * @param inputs sizes of what it will read
   */
  Encoder over(EncoderOptions options, InputSizes inputs);

  /** What the encoder reads. */
  default Reads reads() {
    return Reads.WORD_VECTORS;
  }

  /** The values of the option {@code pooling} that it allows. */
  default Set<Pooling> poolings() {
    return Set.of(Pooling.MAX, Pooling.MEAN, Pooling.LAST);
  }

  /** Whether training starts from weights that were trained before. */
  default boolean isPretrained() {
    return false;
  }

  /** What {@code model/config.json} says about an encoder with these options. */
  default Map<String, Object> facts(EncoderOptions options) {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("hidden", options.hidden());
    facts.put("layers", options.layers());
    facts.put("pooling", Options.kebab(options.pooling()));
    return facts;
  }

  /** What an encoder reads. */
  enum Reads {
    /** The vectors of a text's words, {@link Input.Sequence}. Two texts are joined to one. */
    WORD_VECTORS,
    /** The same of two texts, which every example must have. */
    PAIRS,
    /** The numbers of a text's words, {@link Input.Tokens}. */
    WORDS,
    /** The numbers of MiniLM's tokens, {@link Input.Tokens}. */
    MINILM_TOKENS;

    /** Whether it is numbers of tokens, not word vectors. */
    public boolean isTokens() {
      return this == WORDS || this == MINILM_TOKENS;
    }
  }

  /** Its name. */
  @Override
  default Object toOption() {
    return Encoders.name(this);
  }

  /**
   * Reads what {@link #toOption} writes.
   *
   * @throws InvalidInputException if no encoder has this name
   */
  static TextEncoder fromOption(Rules rules, String name, Object value) {
    Map<String, TextEncoder> known = Encoders.all();
    rules.oneOf(name, String.valueOf(value), known.keySet());
    return Objects.requireNonNull(known.get(String.valueOf(value)));
  }

  /** The option in words. */
  static String kind() {
    return "one of " + String.join(", ", Encoders.all().keySet());
  }

  /** The names in words. */
  static List<OptionDoc.Value> values() {
    return Encoders.all().entrySet().stream()
        .map(entry -> new OptionDoc.Value(entry.getKey(), Encoders.summary(entry.getValue())))
        .toList();
  }
}
