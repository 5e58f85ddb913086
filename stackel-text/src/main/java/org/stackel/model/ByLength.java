package org.stackel.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/**
 * Texts of about the same length are computed together, each group at the length of its longest
 * text, so that little is computed of padding. Features of a text are those that it has among any
 * others, but for rounding.
 *
 * <p>Which groups: those that cost least by {@code Σ T (n + perStep) + perGroup} over groups of n
 * texts of length T, in units of one token of one text. O(L²) for L different lengths.
 *
 * @param perStep what a time step costs beside its texts
 * @param perGroup what a group costs beside its tokens
 */
record ByLength(double perStep, double perGroup) {
  /** Of a recurrent network: the products of a time step are small, their start is not. */
  static ByLength ofRecurrent(int hidden, Device device) {
    double start = device.kind() == Device.Kind.CUDA ? 5e8 : 2e5;
    return new ByLength(Math.max(1, start / ((double) hidden * hidden)), hidden);
  }

  /** Of a transformer: all time steps at once, a few dozen operations a layer. */
  static ByLength ofTransformer(int hidden, Device device) {
    double start = device.kind() == Device.Kind.CUDA ? 2.4e9 : 8e5;
    return new ByLength(0, Math.max(1, start / ((double) hidden * hidden)));
  }

  Tensor features(Input.Sequence input, Function<Input.Sequence, Tensor> encoder) {
    Groups groups =
        groups(input.lengths(), (int) input.values().size(0), Device.of(input.values()));
    return groups.each((texts, time) -> encoder.apply(input.take(texts, time)));
  }

  Tensor features(Input.Tokens input, Device device, Function<Input.Tokens, Tensor> encoder) {
    Groups groups = groups(input.lengths(), (int) input.ids().size(1), device);
    return groups.each((texts, time) -> encoder.apply(input.take(texts, time)));
  }

  /** Some texts at the length of their longest one. */
  interface Some<T> {
    /**
     * @param texts their numbers, int64; null for all
     */
    T of(@Nullable Tensor texts, int time);
  }

  /**
   * Which texts are computed together.
   *
   * @param order numbers of the texts, group after group; null for one group of all
   * @param back where each text is in that order; null for one group
   * @param ends where groups end in it
   * @param times the length of each
   */
  record Groups(
      @Nullable Tensor order, @Nullable Tensor back, List<Integer> ends, List<Integer> times) {
    static Groups one(int time) {
      return new Groups(null, null, List.of(), List.of(time));
    }

    /** What each group gives, in the order of the texts. */
    Tensor each(Some<Tensor> encoder) {
      return together(map(encoder));
    }

    <T> List<T> map(Some<T> encoder) {
      if (order == null) {
        return List.of(encoder.of(null, times.get(0)));
      }
      List<Tensor> texts = slices(order);
      var parts = new ArrayList<T>();
      for (int k = 0; k < texts.size(); k++) {
        parts.add(encoder.of(texts.get(k), times.get(k)));
      }
      return parts;
    }

    /** Rows of the groups as one, in the order of the texts. */
    Tensor together(List<Tensor> parts) {
      return back == null
          ? parts.get(0)
          : torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0).index_select(0, back);
    }

    /** Rows in the order of the texts as those of the groups. */
    List<Tensor> apart(Tensor rows) {
      return order == null ? List.of(rows) : slices(rows.index_select(0, order));
    }

    private List<Tensor> slices(Tensor ordered) {
      var parts = new ArrayList<Tensor>();
      int from = 0;
      for (int end : ends) {
        parts.add(ordered.narrow(0, from, end - from));
        from = end;
      }
      return parts;
    }
  }

  /** Positions of numbers, that of the least first; of equal ones in their order. */
  static int[] order(int... numbers) {
    return IntStream.range(0, numbers.length)
        .boxed()
        .sorted(Comparator.comparingInt(i -> numbers[i]))
        .mapToInt(i -> i)
        .toArray();
  }

  /**
   * @param lengths none if unknown: one group
   * @param longest the length that texts are padded to
   */
  Groups groups(int[] lengths, int longest, Device device) {
    if (lengths.length == 0) {
      return Groups.one(longest);
    }
    int[] order = order(lengths);
    int[] sorted = Arrays.stream(order).map(i -> lengths[i]).toArray();
    List<Integer> ends = ends(sorted);
    if (ends.size() == 1) {
      return Groups.one(sorted[sorted.length - 1]);
    }
    int[] both = Arrays.copyOf(order, 2 * order.length);
    for (int i = 0; i < order.length; i++) {
      both[order.length + order[i]] = i;
    }
    Tensor there = Tensors.indices(device, both, 2, order.length);
    List<Integer> times = ends.stream().map(end -> sorted[end - 1]).toList();
    return new Groups(there.select(0, 0), there.select(0, 1), ends, times);
  }

  /**
   * Where groups end.
   *
   * @param sorted lengths, the shortest first
   */
  List<Integer> ends(int[] sorted) {
    int[] after = // behind the last text of each length
        IntStream.rangeClosed(1, sorted.length)
            .filter(i -> i == sorted.length || sorted[i] > sorted[i - 1])
            .toArray();
    double[] least = new double[after.length + 1];
    int[] begin = new int[after.length + 1];
    for (int j = 1; j < least.length; j++) {
      least[j] = Double.POSITIVE_INFINITY;
      int time = sorted[after[j - 1] - 1];
      for (int i = 0; i < j; i++) {
        int texts = after[j - 1] - (i == 0 ? 0 : after[i - 1]);
        double cost = least[i] + time * (texts + perStep) + perGroup;
        if (cost < least[j]) {
          least[j] = cost;
          begin[j] = i;
        }
      }
    }
    var ends = new ArrayList<Integer>();
    for (int j = after.length; j > 0; j = begin[j]) {
      ends.add(0, after[j - 1]);
    }
    return ends;
  }
}
