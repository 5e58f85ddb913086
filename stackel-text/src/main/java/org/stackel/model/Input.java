package org.stackel.model;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** What a model reads for a number of examples. */
public sealed interface Input {
  /** How many examples. */
  long size();

  private static void checkLengths(int[] lengths, long examples, long time) {
    if (lengths.length > 0
        && (lengths.length != examples
            || Arrays.stream(lengths).anyMatch(each -> each < 1 || each > time))) {
      throw new IllegalArgumentException(
          "%d lengths of %d examples must be from 1 to %d, one each: %s"
              .formatted(
                  lengths.length,
                  examples,
                  time,
                  Arrays.toString(Arrays.copyOf(lengths, Math.min(lengths.length, 10)))));
    }
  }

  /**
   * One dense vector an example.
   *
   * @param features shape [examples, width]
   */
  record Dense(Tensor features) implements Input {
    @Override
    public long size() {
      return features.size(0);
    }
  }

  /**
   * One sparse vector an example, as a list of entries.
   *
   * @param rows example of each entry, int64
   * @param columns position of each entry, int64
   * @param values value of each entry
   * @param size examples
   */
  record Sparse(Tensor rows, Tensor columns, Tensor values, long size) implements Input {}

  /**
   * A sequence of vectors an example, padded.
   *
   * @param values shape [time, examples, width]: time first, so that a time step is contiguous
   * @param padding shape [time, examples, 1], true where there is no token
   * @param lengths how many tokens each example has, so that encoders need not compute padding;
   *     empty if unknown
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares inputs
  record Sequence(Tensor values, Tensor padding, int... lengths) implements Input {
    public Sequence {
      checkLengths(lengths, values.size(1), values.size(0));
    }

    @Override
    public long size() {
      return values.size(1);
    }

    /**
     * One vector an example, shape [examples, width], of outputs at all positions. Padding has no
     * influence.
     *
     * @param outputs shape [time, examples, width]
     */
    public Tensor pool(Pooling pooling, Tensor outputs) {
      return TimeFirst.of(this).pool(pooling, outputs);
    }

    /** Some examples, or all, cut to a length, which is then not looked at again. */
    Sequence take(@Nullable Tensor examples, int time) {
      Tensor cut = values.narrow(0, 0, time);
      Tensor nowhere = padding.narrow(0, 0, time);
      return examples == null
          ? new Sequence(cut, nowhere)
          : new Sequence(cut.index_select(1, examples), nowhere.index_select(1, examples));
    }
  }

  /**
   * A sequence of tokens an example, padded at its end.
   *
   * @param ids number of each token in the vocabulary, int64, shape [examples, time]; any legal
   *     number where there is padding
   * @param mask shape [examples, time], true where there is a token: one at least an example
   * @param lengths how many tokens each example has, so that encoders need not compute padding;
   *     empty if unknown
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Tokens(Tensor ids, Tensor mask, int... lengths) implements Input {
    public Tokens {
      checkLengths(lengths, ids.size(0), ids.size(1));
    }

    /** Some examples, or all, cut to a length, which is then not looked at again. */
    Tokens take(@Nullable Tensor examples, int time) {
      Tensor cut = ids.narrow(1, 0, time);
      Tensor somewhere = mask.narrow(1, 0, time);
      return examples == null
          ? new Tokens(cut, somewhere)
          : new Tokens(cut.index_select(0, examples), somewhere.index_select(0, examples));
    }

    @Override
    public long size() {
      return ids.size(0);
    }
  }

  /**
   * Two texts an example.
   *
   * @param first input of the first texts
   * @param second input of the second texts, as many
   */
  record Pair(Input first, Input second) implements Input {
    public Pair {
      if (first.size() != second.size()) {
        throw new IllegalArgumentException(
            "Pairs of %d first and %d second texts.".formatted(first.size(), second.size()));
      }
    }

    @Override
    public long size() {
      return first.size();
    }

    /** The first texts and behind them the second ones, padded to the longer of the two. */
    Input stacked() {
      return Input.stacked(first, second);
    }
  }

  /** Some examples and behind them others, padded to the longer of the two. */
  static Input stacked(Input some, Input others) {
    if (some instanceof Sequence a && others instanceof Sequence b) {
      long time = Math.max(a.values().size(0), b.values().size(0));
      return new Sequence(
          stacked(1, padded(a.values(), 0, time, 0), padded(b.values(), 0, time, 0)),
          stacked(1, padded(a.padding(), 0, time, 1), padded(b.padding(), 0, time, 1)),
          both(a.lengths(), b.lengths()));
    }
    if (some instanceof Tokens a && others instanceof Tokens b) {
      long time = Math.max(a.ids().size(1), b.ids().size(1));
      return new Tokens(
          stacked(0, padded(a.ids(), 1, time, 0), padded(b.ids(), 1, time, 0)),
          stacked(0, padded(a.mask(), 1, time, 0), padded(b.mask(), 1, time, 0)),
          both(a.lengths(), b.lengths()));
    }
    if (some instanceof Pair a && others instanceof Pair b) {
      return new Pair(stacked(a.first, b.first), stacked(a.second, b.second));
    }
    throw new IllegalArgumentException("Only sequences, tokens and pairs of them are stacked.");
  }

  /** Unknown if either is. */
  private static int[] both(int[] a, int[] b) {
    if (a.length == 0 || b.length == 0) {
      return new int[0];
    }
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static Tensor stacked(int dimension, Tensor a, Tensor b) {
    return torch.cat(new TensorVector(a, b), dimension);
  }

  private static Tensor padded(Tensor tensor, int dimension, long size, long fill) {
    long missing = size - tensor.size(dimension);
    if (missing == 0) {
      return tensor;
    }
    // libtorch counts from the last dimension, two numbers each: before and behind.
    long[] padding = new long[2 * ((int) tensor.dim() - dimension)];
    padding[padding.length - 1] = missing;
    return torch.constant_pad_nd(tensor, padding, new Scalar(fill));
  }
}
