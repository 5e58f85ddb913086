package org.stackel.model;

import java.util.List;
import org.stackel.text.Example;

/**
 * How a text becomes what a model reads, as {@code model/config.json} has it under {@code reading}.
 *
 * @param kind what is made of a text
 * @param vectors the word vectors that were asked for; empty without any
 * @param maxTokens words or tokens of a text that are read; 0 for all
 * @param pairs whether an example is two texts that are read one by one
 * @param joined whether an example is two texts that are read as one
 * @param first the token in front of every text; empty without one
 * @param mean of each column of mean vectors, which is taken away; empty without a scaling
 * @param deviation of each column of mean vectors, by which it is divided; likewise
 */
public record TextReading(
    Kind kind,
    String vectors,
    int maxTokens,
    boolean pairs,
    boolean joined,
    String first,
    List<Double> mean,
    List<Double> deviation) {
  /** What is made of a text. */
  public enum Kind {
    /** The mean of its word vectors. */
    MEAN_VECTORS,
    /** Counts of its words, weighted. */
    WEIGHTED_COUNTS,
    /** The vectors of its words, one after the other. */
    WORD_VECTORS,
    /** The numbers of its words. */
    WORDS,
    /** The numbers of a tokenizer's tokens. */
    TOKENIZER
  }

  public TextReading {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
  }

  /** Without a scaling. */
  public static TextReading of(Kind kind, String vectors, int maxTokens, boolean pairs) {
    return new TextReading(kind, vectors, maxTokens, pairs, false, "", List.of(), List.of());
  }

  /** The same with a token in front of every text. */
  public TextReading withFirst(String token) {
    return new TextReading(kind, vectors, maxTokens, pairs, joined, token, mean, deviation);
  }

  /** The same for these examples, of which some may be two texts. */
  TextReading of(List<Example> examples) {
    boolean areJoined = !pairs && examples.stream().anyMatch(each -> each.text2() != null);
    return new TextReading(kind, vectors, maxTokens, pairs, areJoined, first, mean, deviation);
  }

  /** The same with a scaling of mean vectors. */
  TextReading withScaling(List<Double> means, List<Double> deviations) {
    return new TextReading(kind, vectors, maxTokens, pairs, joined, first, means, deviations);
  }
}
