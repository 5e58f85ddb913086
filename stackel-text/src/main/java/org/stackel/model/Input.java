package org.stackel.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** What a model reads for a number of examples. */
public sealed interface Input {
  /** How many examples. */
  long size();

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
   */
  record Sequence(Tensor values, Tensor padding) implements Input {
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
  }

  /**
   * A sequence of tokens an example, padded at its end.
   *
   * @param ids number of each token in the vocabulary, int64, shape [examples, time]; any legal
   *     number where there is padding
   * @param mask shape [examples, time], true where there is a token: one at least an example
   */
  record Tokens(Tensor ids, Tensor mask) implements Input {
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
      if (first instanceof Sequence a && second instanceof Sequence b) {
        long time = Math.max(a.values().size(0), b.values().size(0));
        return new Sequence(
            stacked(1, padded(a.values(), 0, time, 0), padded(b.values(), 0, time, 0)),
            stacked(1, padded(a.padding(), 0, time, 1), padded(b.padding(), 0, time, 1)));
      }
      if (first instanceof Tokens a && second instanceof Tokens b) {
        long time = Math.max(a.ids().size(1), b.ids().size(1));
        return new Tokens(
            stacked(0, padded(a.ids(), 1, time, 0), padded(b.ids(), 1, time, 0)),
            stacked(0, padded(a.mask(), 1, time, 0), padded(b.mask(), 1, time, 0)));
      }
      throw new IllegalArgumentException("Pairs are of sequences or of tokens.");
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
}
