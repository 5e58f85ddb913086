package org.stackel.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;
import org.stackel.text.SparseRows;

/** All examples of a set, from which batches are taken by number. Tensors belong to the caller. */
public sealed interface Inputs {
  /** How many examples. */
  int size();

  /** Numbers in one vector. */
  int width();

  /** The examples of these numbers, in this order. */
  Input batch(int[] examples);

  /**
   * The same, for a caller that has the numbers as a tensor too.
   *
   * @param numbers the numbers of the examples, int64
   */
  default Input batch(int[] examples, Tensor numbers) {
    return batch(examples);
  }

  /** All examples. */
  default Input all() {
    return batch(IntStream.range(0, size()).toArray());
  }

  /**
   * Dense vectors.
   *
   * @param features shape [examples, width]
   * @param device where they are
   */
  record Dense(Tensor features, Device device) implements Inputs {
    @Override
    public int size() {
      return Math.toIntExact(features.size(0));
    }

    @Override
    public int width() {
      return Math.toIntExact(features.size(1));
    }

    @Override
    public Input batch(int[] examples) {
      return batch(examples, Tensors.indices(device, examples));
    }

    @Override
    public Input batch(int[] examples, Tensor numbers) {
      return new Input.Dense(features.index_select(0, numbers));
    }
  }

  /**
   * Sparse vectors; every batch gets a last column of ones.
   *
   * @param rows the vectors
   * @param device where batches go
   */
  record Sparse(SparseRows rows, Device device) implements Inputs {
    @Override
    public int size() {
      return rows.rows();
    }

    @Override
    public int width() {
      return rows.width() + 1;
    }

    @Override
    public Input batch(int[] examples) {
      int[] offsets = rows.offsets();
      int entries = examples.length;
      for (int example : examples) {
        entries += offsets[example + 1] - offsets[example];
      }
      int[] row = new int[entries];
      int[] column = new int[entries];
      float[] value = new float[entries];
      int next = 0;
      for (int i = 0; i < examples.length; i++) {
        int from = offsets[examples[i]];
        int count = offsets[examples[i] + 1] - from;
        Arrays.fill(row, next, next + count + 1, i);
        System.arraycopy(rows.columns(), from, column, next, count);
        System.arraycopy(rows.values(), from, value, next, count);
        next += count;
        column[next] = rows.width();
        value[next++] = 1;
      }
      return new Input.Sparse(
          Tensors.indices(device, row),
          Tensors.indices(device, column),
          Tensors.of(device, value, entries),
          examples.length);
    }
  }

  /**
   * Sequences of words with frozen vectors.
   *
   * @param words rows of the table, int64, shape [examples, time]
   * @param lengths how many of an example's words are no padding; a text without words is one of
   *     padding
   * @param table word vectors, shape [words, width]
   * @param device where they are
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares inputs
  record Sequence(Tensor words, int[] lengths, Tensor table, Device device) implements Inputs {
    @Override
    public int size() {
      return Math.toIntExact(words.size(0));
    }

    @Override
    public int width() {
      return Math.toIntExact(table.size(1));
    }

    @Override
    public Input batch(int[] examples) {
      int[] own = Arrays.stream(examples).map(example -> Math.max(1, lengths[example])).toArray();
      int time = Arrays.stream(own).max().orElse(1);
      Tensor chosen = Tensors.indices(device, examples);
      Tensor ids = words.narrow(1, 0, time).index_select(0, chosen).t().contiguous();
      Tensor values =
          table.index_select(0, ids.reshape(-1)).view(time, examples.length, table.size(1));
      Tensor clock = Tensors.indices(device, IntStream.range(0, time).toArray(), time, 1, 1);
      Tensor padding = torch.ge(clock, Tensors.indices(device, own, 1, own.length, 1));
      return new Input.Sequence(values, padding, own);
    }
  }

  /**
   * Sequences of tokens, for models that have a table of vectors themselves. A batch is as long as
   * its longest text.
   *
   * @param ids number of each token, {@code [example][time]}, one at least an example
   * @param device where batches go
   */
  record Tokens(List<int[]> ids, Device device) implements Inputs {
    public Tokens {
      ids = List.copyOf(ids);
      if (ids.stream().anyMatch(tokens -> tokens.length == 0)) {
        throw new IllegalArgumentException("A text without a token.");
      }
    }

    @Override
    public int size() {
      return ids.size();
    }

    /** One: a token is one number. */
    @Override
    public int width() {
      return 1;
    }

    @Override
    public Input batch(int[] examples) {
      int time = Arrays.stream(examples).map(example -> ids.get(example).length).max().orElse(0);
      int[] flat = new int[examples.length * time];
      int[] lengths = new int[examples.length];
      for (int i = 0; i < examples.length; i++) {
        int[] tokens = ids.get(examples[i]);
        System.arraycopy(tokens, 0, flat, i * time, tokens.length);
        lengths[i] = tokens.length;
      }
      Tensor clock = Tensors.indices(device, IntStream.range(0, time).toArray(), 1, time);
      return new Input.Tokens(
          Tensors.indices(device, flat, examples.length, time),
          torch.lt(clock, Tensors.indices(device, lengths, examples.length, 1)),
          lengths);
    }
  }

  /**
   * Two texts an example.
   *
   * @param first the first texts
   * @param second the second texts, as many
   */
  record Pair(Inputs first, Inputs second) implements Inputs {
    public Pair {
      if (first.size() != second.size()) {
        throw new IllegalArgumentException(
            "Pairs of %d first and %d second texts.".formatted(first.size(), second.size()));
      }
    }

    @Override
    public int size() {
      return first.size();
    }

    @Override
    public int width() {
      return first.width();
    }

    @Override
    public Input batch(int[] examples) {
      return new Input.Pair(first.batch(examples), second.batch(examples));
    }
  }
}
