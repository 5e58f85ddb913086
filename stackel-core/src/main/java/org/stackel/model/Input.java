package org.stackel.model;

import org.bytedeco.pytorch.Tensor;

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
  }
}
