package org.stackel.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stackel.config.Options;

/**
 * An encoder of texts, with a head.
 *
 * @param options the encoder with its sizes
 * @param headHidden widths between features and outputs; none for a linear head
 * @param maxTokens words of a text that it reads
 */
public record TextNetwork(EncoderOptions options, List<Integer> headHidden, int maxTokens) {
  public TextNetwork {
    headHidden = List.copyOf(headHidden);
  }

  /** Attention in four heads where they divide the width, and four times the width inside. */
  public static TextNetwork of(
      TextEncoder encoder,
      int hidden,
      int layers,
      Pooling pooling,
      List<Integer> headHidden,
      int maxTokens) {
    return new TextNetwork(
        EncoderOptions.of(encoder, hidden, layers, pooling), headHidden, maxTokens);
  }

  /** The kind of encoder. */
  public TextEncoder encoder() {
    return options.encoder();
  }

  /** What must be known to build it again, and how words become tokens. */
  public Map<String, Object> facts(String vectors) {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("encoder", Encoders.name(encoder()));
    if (!encoder().reads().isTokens()) {
      facts.put("vectors", vectors);
    }
    facts.put("tokenizer", "words");
    facts.putAll(encoder().facts(options));
    facts.put("headHidden", headHidden);
    facts.put("maxTokens", maxTokens);
    return facts;
  }

  /**
   * What must be known to build the same classifier again, for {@link TextClassifier}.
   *
   * @param outputs of its head
   */
  public Map<String, Object> blueprint(int outputs) {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("encoder", Options.toMap(options));
    facts.put("headHidden", headHidden);
    facts.put("outputs", outputs);
    return facts;
  }

  /** An encoder of these texts; pairs go through it one text at a time. */
  public Encoder over(EncodedTexts texts) {
    return over(texts.inputs(), InputSizes.of(texts));
  }

  /**
   * An encoder.
   *
   * @param inputs what it will read
   * @param sizes its sizes
   */
  public Encoder over(Inputs inputs, InputSizes sizes) {
    Encoder one = encoder().over(options, sizes);
    return inputs instanceof Inputs.Pair ? new PairEncoder(one) : one;
  }

  /** An encoder of these texts with a head. */
  public Classifier classifier(EncodedTexts texts, int outputs) {
    Encoder over = over(texts);
    return new Classifier.Encoded(over, new Head(over.width(), headHidden, outputs));
  }
}
