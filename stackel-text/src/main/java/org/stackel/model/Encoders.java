package org.stackel.model;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.plugin.Plugins;

/** The catalogue of encoders: Stackel's own and those of plug-ins. */
public final class Encoders {
  /** The mean of the word vectors. */
  public static final TextEncoder MEAN = new Mean();

  /** An Elman network. */
  public static final TextEncoder RNN = new Elman();

  /** The mean of the word vectors, and what an Elman network adds to it. */
  public static final TextEncoder MEAN_RNN = new MeanAndElman();

  /** An LSTM. */
  public static final TextEncoder LSTM = new Lstm();

  /** A GRU. */
  public static final TextEncoder GRU = new Gru();

  /** A transformer. */
  public static final TextEncoder TRANSFORMER = new OfTokens();

  /** One Elman network for both texts of a pair. */
  public static final TextEncoder PAIR = new OfPairs();

  /** The pretrained MiniLM. */
  public static final TextEncoder MINILM = new Pretrained();

  private Encoders() {}

  /**
   * All encoders by name: those of the class path and of plug-ins.
   *
   * @throws InvalidInputException if a plug-in is broken
   */
  public static Map<String, TextEncoder> all() {
    return Plugins.entries(TextEncoder.class, "encoder", List::of, Encoders::name);
  }

  /** What experiment files call an encoder. */
  public static String name(TextEncoder encoder) {
    EncoderInfo info = info(encoder);
    return info == null || info.name().isEmpty()
        ? Options.kebab(encoder.getClass().getSimpleName())
        : info.name();
  }

  /** One sentence about an encoder; empty if it has none. */
  public static String summary(TextEncoder encoder) {
    EncoderInfo info = info(encoder);
    return info == null ? "" : info.summary();
  }

  private static @Nullable EncoderInfo info(TextEncoder encoder) {
    return encoder.getClass().getAnnotation(EncoderInfo.class);
  }

  /** An encoder that reads one word after the other. */
  private interface Recurrent extends TextEncoder {
    /** What it computes at a word. */
    Cell cell();

    @Override
    default Set<Pooling> poolings() {
      return Set.of(Pooling.MAX, Pooling.PADDED_MAX, Pooling.MEAN, Pooling.LAST);
    }

    @Override
    default Encoder over(EncoderOptions options, InputSizes inputs) {
      return new Rnn(
          cell(),
          inputs.width(),
          options.hidden(),
          options.layers(),
          Direction.FORWARD,
          options.pooling());
    }
  }

  /** {@code mean}. */
  @EncoderInfo(name = "mean", summary = "The mean of the word vectors, without parameters.")
  public record Mean() implements TextEncoder {
    @Override
    public Encoder over(EncoderOptions options, InputSizes inputs) {
      return new MeanOfVectors(inputs.width());
    }

    @Override
    public Map<String, Object> facts(EncoderOptions options) {
      return Map.of("pooling", "mean");
    }
  }

  /** {@code rnn}. */
  @EncoderInfo(name = "rnn", summary = "Elman network over word vectors.")
  public record Elman() implements Recurrent {
    @Override
    public Cell cell() {
      return Cell.ELMAN;
    }
  }

  /** {@code mean-rnn}. */
  @EncoderInfo(
      name = "mean-rnn",
      summary =
          "The mean of the word vectors, plus a linear map of an Elman network over them that starts at 0.")
  public record MeanAndElman() implements Recurrent {
    @Override
    public Cell cell() {
      return Cell.ELMAN;
    }

    @Override
    public Encoder over(EncoderOptions options, InputSizes inputs) {
      return new MeanPlus(Recurrent.super.over(options, inputs), inputs.width());
    }
  }

  /** {@code lstm}. */
  @EncoderInfo(name = "lstm", summary = "LSTM over word vectors.")
  public record Lstm() implements Recurrent {
    @Override
    public Cell cell() {
      return Cell.LSTM;
    }
  }

  /** {@code gru}. */
  @EncoderInfo(name = "gru", summary = "GRU over word vectors.")
  public record Gru() implements Recurrent {
    @Override
    public Cell cell() {
      return Cell.GRU;
    }
  }

  /** {@code pair}. */
  @EncoderInfo(
      name = "pair",
      summary = "One Elman network for both texts of a pair, and products of its outputs.")
  public record OfPairs() implements Recurrent {
    @Override
    public Cell cell() {
      return Cell.ELMAN;
    }

    @Override
    public Reads reads() {
      return Reads.PAIRS;
    }
  }

  /**
   * {@code transformer}. With pooling {@code first} it is BERT: a first token in front of the text,
   * tanh at the end, normalisation after sums; its warm-up or small steps are needed then.
   */
  @EncoderInfo(
      name = "transformer",
      summary = "Transformer with trained word vectors of its own; with pooling first as BERT.")
  public record OfTokens() implements TextEncoder {
    @Override
    public Reads reads() {
      return Reads.WORDS;
    }

    @Override
    public Set<Pooling> poolings() {
      return Set.of(Pooling.MAX, Pooling.MEAN, Pooling.LAST, Pooling.FIRST);
    }

    @Override
    public Transformer over(EncoderOptions options, InputSizes inputs) {
      boolean isBert = options.pooling() == Pooling.FIRST;
      return new Transformer(
          inputs.vocabulary(),
          inputs.positions(),
          isBert ? 2 : 1,
          options.hidden(),
          options.layers(),
          options.attentionHeads(),
          options.inner(),
          isBert ? Transformer.Norm.POST : Transformer.Norm.PRE,
          options.pooling(),
          isBert ? Transformer.Pooler.TANH : Transformer.Pooler.NONE);
    }

    @Override
    public Map<String, Object> facts(EncoderOptions options) {
      return over(options, new InputSizes(1, 1, 1)).facts();
    }
  }

  /** {@code minilm}. */
  @EncoderInfo(
      name = "minilm",
      summary = "The sentence encoder all-MiniLM-L6-v2, from its trained weights.")
  public record Pretrained() implements TextEncoder {
    @Override
    public Reads reads() {
      return Reads.MINILM_TOKENS;
    }

    @Override
    public Set<Pooling> poolings() {
      return TRANSFORMER.poolings();
    }

    @Override
    public boolean isPretrained() {
      return true;
    }

    @Override
    public Encoder over(EncoderOptions options, InputSizes inputs) {
      return MiniLm.ENCODER;
    }

    @Override
    public Map<String, Object> facts(EncoderOptions options) {
      return MiniLm.NETWORK.facts();
    }
  }
}
