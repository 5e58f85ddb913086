package org.stackel.model;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/** All examples of a set, from which batches are taken by number. Tensors belong to the caller. */
public sealed interface Inputs {
  /** How many examples. */
  int size();

  /** The examples of these numbers, in this order. */
  Input batch(int[] examples);

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
    public Input batch(int[] examples) {
      return new Input.Dense(features.index_select(0, Tensors.indices(device, examples)));
    }
  }

  /**
   * Sparse vectors, row by row.
   *
   * @param columns positions of the entries of each example
   * @param values values of the entries of each example
   * @param device where batches go
   */
  @SuppressWarnings("ArrayRecordComponent") // millions of entries
  record Sparse(int[][] columns, float[][] values, Device device) implements Inputs {
    @Override
    public int size() {
      return columns.length;
    }

    @Override
    public Input batch(int[] examples) {
      int entries = Arrays.stream(examples).map(i -> columns[i].length).sum();
      int[] rows = new int[entries];
      int[] where = new int[entries];
      float[] what = new float[entries];
      int next = 0;
      for (int row = 0; row < examples.length; row++) {
        int[] from = columns[examples[row]];
        Arrays.fill(rows, next, next + from.length, row);
        System.arraycopy(from, 0, where, next, from.length);
        System.arraycopy(values[examples[row]], 0, what, next, from.length);
        next += from.length;
      }
      return new Input.Sparse(
          Tensors.indices(device, rows),
          Tensors.indices(device, where),
          Tensors.of(device, what, entries),
          examples.length);
    }
  }

  /**
   * Sequences of words with frozen vectors.
   *
   * @param words rows of the table, int64, shape [examples, time]
   * @param lengths how many of an example's words are no padding, shape [examples], int64
   * @param table word vectors, shape [words, width]
   * @param device where they are
   */
  record Sequence(Tensor words, Tensor lengths, Tensor table, Device device) implements Inputs {
    @Override
    public int size() {
      return Math.toIntExact(words.size(0));
    }

    @Override
    public Input batch(int[] examples) {
      Tensor chosen = Tensors.indices(device, examples);
      Tensor ids = words.index_select(0, chosen).t().contiguous();
      long time = ids.size(0);
      Tensor values =
          table.index_select(0, ids.reshape(-1)).view(time, examples.length, table.size(1));
      Tensor length = lengths.index_select(0, chosen).clamp_min(new Scalar(1));
      Tensor clock =
          Tensors.indices(device, IntStream.range(0, (int) time).toArray()).view(time, 1);
      return new Input.Sequence(values, torch.ge(clock, length.view(1, -1)).unsqueeze(2));
    }
  }
}
