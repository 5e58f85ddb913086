package org.stackel.model;

/** How many texts a network reads at once where no gradient is asked for. */
public final class EvaluationChunk {
  /** Numbers of one layer's outputs: a quarter of a gigabyte in float32. */
  private static final long NUMBERS = 1L << 26;

  private EvaluationChunk() {}

  /**
   * As many as fit, at least one.
   *
   * @param most where the network is small
   * @param tokens of a text
   * @param width of the widest layer
   */
  public static int texts(int most, int tokens, int width) {
    return (int) Math.max(1, Math.min(most, NUMBERS / ((long) tokens * width)));
  }
}
