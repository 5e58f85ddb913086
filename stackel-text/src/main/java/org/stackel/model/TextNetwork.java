package org.stackel.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stackel.config.Options;
import org.stackel.config.Rules;

/**
 * A network that reads texts, with a head, as an experiment file describes it.
 *
 * @param encoder which
 * @param hidden its width
 * @param layers its layers
 * @param attentionHeads heads of a transformer's attention
 * @param inner width inside a transformer's blocks
 * @param pooling how its outputs become one vector
 * @param headHidden widths between features and outputs; none for a linear head
 * @param maxTokens words of a text that it reads
 */
public record TextNetwork(
    TextEncoder encoder,
    int hidden,
    int layers,
    int attentionHeads,
    int inner,
    Pooling pooling,
    List<Integer> headHidden,
    int maxTokens) {
  private static final int HEADS = 4;

  /** Attention in four heads where they divide the width, and four times the width inside. */
  public static TextNetwork of(
      TextEncoder encoder,
      int hidden,
      int layers,
      Pooling pooling,
      List<Integer> headHidden,
      int maxTokens) {
    int heads = hidden % HEADS == 0 ? HEADS : 1;
    return new TextNetwork(
        encoder, hidden, layers, heads, 4 * hidden, pooling, headHidden, maxTokens);
  }

  /** Sizes are positive, and the pooling is one that this encoder has. */
  public void check(Rules rules) {
    rules.atLeast("hidden", hidden, 1);
    rules.atLeast("layers", layers, 1);
    rules.atLeast("attentionHeads", attentionHeads, 1);
    rules.atLeast("inner", inner, 1);
    headHidden.forEach(width -> rules.atLeast("headHidden", width, 1));
    rules.atLeast("maxTokens", maxTokens, 1);
    if (encoder == TextEncoder.TRANSFORMER && hidden % attentionHeads != 0) {
      throw rules.broken(
          "attentionHeads",
          attentionHeads,
          "must divide the width (hidden: %d)".formatted(hidden),
          "1 was meant.");
    }
    if (pooling == Pooling.FIRST && !encoder.readsTokens()) {
      throw rules.broken(
          "pooling", "first", "must be max, mean or last for this encoder", "'last' was meant.");
    }
    if (pooling == Pooling.PADDED_MAX && !encoder.isRecurrent()) {
      throw rules.broken(
          "pooling",
          "padded-max",
          "must be max, mean or last for what is no recurrent network",
          "'max' was meant.");
    }
  }

  /**
   * The same for a network that is trained with its head from the start: there is no token in front
   * of the texts whose output could be taken, and no weights that were trained before.
   */
  public void checkWithoutFirst(Rules rules) {
    if (encoder == TextEncoder.MINILM) {
      throw rules.broken(
          "encoder",
          "minilm",
          "must be one of mean, rnn, lstm, gru, transformer, pair",
          "few-shot learning was meant, which starts from trained encoders.");
    }
    if (pooling == Pooling.FIRST) {
      throw rules.broken(
          "pooling", "first", "must be one of max, padded-max, mean, last", "'last' was meant.");
    }
    check(rules);
  }

  /** What must be known to build it again, and how words become tokens. */
  public Map<String, Object> facts(String vectors) {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("encoder", Options.kebab(encoder));
    if (!encoder.readsTokens()) {
      facts.put("vectors", vectors);
    }
    facts.put("tokenizer", "words");
    if (encoder.readsTokens()) {
      facts(encoder == TextEncoder.MINILM ? MiniLm.NETWORK : transformer(1, 1), facts);
    } else if (encoder == TextEncoder.MEAN) {
      facts.put("pooling", "mean");
    } else {
      facts.put("hidden", hidden);
      facts.put("layers", layers);
      facts.put("pooling", Options.kebab(pooling));
    }
    facts.put("headHidden", headHidden);
    facts.put("maxTokens", maxTokens);
    return facts;
  }

  private static void facts(Transformer network, Map<String, Object> facts) {
    facts.put("hidden", network.hidden());
    facts.put("layers", network.layers());
    facts.put("attentionHeads", network.heads());
    facts.put("inner", network.inner());
    facts.put("norm", Options.kebab(network.norm()));
    facts.put("pooling", Options.kebab(network.pooling()));
    facts.put("pooler", Options.kebab(network.pooler()));
  }

  /** An encoder of these texts; pairs go through it one after the other. */
  public Encoder over(EncodedTexts texts) {
    return over(texts.inputs(), texts.vocabulary(), texts.positions());
  }

  /**
   * An encoder.
   *
   * @param inputs what it will read
   * @param vocabulary how many tokens there may be
   * @param positions how many of them in a text
   */
  public Encoder over(Inputs inputs, int vocabulary, int positions) {
    Encoder one =
        switch (encoder) {
          case MEAN -> new MeanOfVectors(inputs.width());
          case RNN, PAIR -> recurrent(Cell.ELMAN, inputs);
          case LSTM -> recurrent(Cell.LSTM, inputs);
          case GRU -> recurrent(Cell.GRU, inputs);
          case TRANSFORMER -> transformer(vocabulary, positions);
          case MINILM -> MiniLm.ENCODER;
        };
    return inputs instanceof Inputs.Pair ? new PairEncoder(one) : one;
  }

  /** An encoder of these texts with a head. */
  public Classifier classifier(EncodedTexts texts, int outputs) {
    Encoder over = over(texts);
    return new Classifier.Encoded(over, new Head(over.width(), headHidden, outputs));
  }

  private Encoder recurrent(Cell cell, Inputs inputs) {
    return new Rnn(cell, inputs.width(), hidden, layers, Direction.FORWARD, pooling);
  }

  /** As BERT if its first position is what counts, which needs its warm-up or small steps. */
  private Transformer transformer(int vocabulary, int positions) {
    boolean isBert = pooling == Pooling.FIRST;
    return new Transformer(
        vocabulary,
        positions,
        isBert ? 2 : 1,
        hidden,
        layers,
        attentionHeads,
        inner,
        isBert ? Transformer.Norm.POST : Transformer.Norm.PRE,
        pooling,
        isBert ? Transformer.Pooler.TANH : Transformer.Pooler.NONE);
  }
}
