package org.stackel.model;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/**
 * Tokens of texts as the rows of a matrix, without padding: the first token of every text, the
 * longest text first, then their second tokens, and so on. So the tokens of a time step are rows
 * that follow each other, and the texts that go on are the first rows of the step before.
 */
final class Packed {
  private final int examples;
  private final int tokens;

  /** How many texts have a token at each time step. */
  private final long[] counts;

  private final Tensor padding;

  /** Where each token is in the padded texts, time first. */
  private final Tensor places;

  /** The row of each place; where a text is padded, that of its last token. */
  private final Tensor rows;

  /** The row before each token but the first ones. */
  private final Tensor previous;

  /**
   * The row behind each token, counted from the end of the first ones; where the text ends, one
   * behind the last row.
   */
  private final Tensor next;

  private Packed(Input.Sequence input, int[] lengths) {
    examples = lengths.length;
    int[] order = ByLength.order(Arrays.stream(lengths).map(length -> -length).toArray());
    int time = lengths[order[0]];
    tokens = Arrays.stream(lengths).sum();
    counts = new long[time];
    padding = input.padding().narrow(0, 0, time);
    int places = 0;
    int rows = tokens;
    int previous = rows + time * examples;
    int next = previous + tokens - examples;
    int[] all = new int[next + tokens];
    for (int t = 0, row = 0; t < time; t++) {
      for (int k = 0; k < examples; k++) {
        int text = order[k];
        int place = t * examples + text;
        if (t >= lengths[text]) {
          all[rows + place] = all[rows + place - examples];
          continue;
        }
        counts[t]++;
        all[places + row] = place;
        all[rows + place] = row;
        all[next + row] = tokens - examples;
        if (t > 0) {
          int before = all[rows + place - examples];
          all[previous + row - examples] = before;
          all[next + before] = row - examples;
        }
        row++;
      }
    }
    TensorVector parts = // copied: its tensors end with it
        torch.split_with_sizes(
            Tensors.indices(Device.of(input.values()), all),
            tokens,
            (long) time * examples,
            tokens - examples,
            tokens);
    this.places = new Tensor(parts.get(0));
    this.rows = new Tensor(parts.get(1));
    this.previous = new Tensor(parts.get(2));
    this.next = new Tensor(parts.get(3));
  }

  static Packed of(Input.Sequence input) {
    int[] known = input.lengths();
    return new Packed(
        input,
        known.length > 0
            ? known
            : Arrays.stream(Tensors.toLongs(input.padding().logical_not().sum(0).reshape(-1)))
                .mapToInt(Math::toIntExact)
                .toArray());
  }

  List<Tensor> tensors() {
    return List.of(padding, places, rows, previous, next);
  }

  /** How many rows there are. */
  int tokens() {
    return tokens;
  }

  /** From shape [time, examples, width]. */
  Tensor pack(Tensor values) {
    return values.reshape(-1, values.size(2)).index_select(0, places);
  }

  /** Shape [time, examples, width]; padding repeats what is at the last token. */
  private Tensor padded(Tensor values) {
    return values.index_select(0, rows).view(counts.length, examples, values.size(1));
  }

  /** The rows of each time step, as views. */
  Tensor[] steps(Tensor values) {
    return views(values, counts, 1);
  }

  /** Of the rows of each time step but the last those whose texts go on, as views. */
  Tensor[] goingOn(Tensor values) {
    int steps = counts.length - 1;
    long[] sizes = new long[2 * steps + 1];
    for (int t = 0; t < steps; t++) {
      sizes[2 * t] = counts[t + 1];
      sizes[2 * t + 1] = counts[t] - counts[t + 1];
    }
    sizes[2 * steps] = counts[steps];
    return views(values, sizes, 2);
  }

  /** Of so many rows each, every {@code stride}-th part. */
  private static Tensor[] views(Tensor values, long[] sizes, int stride) {
    TensorVector parts = torch.split_with_sizes(values, sizes);
    var views = new Tensor[sizes.length / stride];
    for (int i = 0; i < views.length; i++) {
      views[i] = parts.get((long) stride * i);
    }
    return views;
  }

  /** The rows that have one before them, as a view. */
  Tensor later(Tensor values) {
    return values.narrow(0, examples, tokens - examples);
  }

  /** The row before each of {@link #later}. */
  Tensor before(Tensor values) {
    return values.index_select(0, previous);
  }

  /**
   * Adds something of each later token to the row before it.
   *
   * @param later one row more than there are later tokens, the last one 0
   */
  void addToBefore(Tensor values, Tensor later) {
    values.add_(later.index_select(0, next));
  }

  /** In which row each text has its largest value of a column, shape [examples, width]. */
  Tensor largest(Tensor values) {
    Tensor when = padded(values).max(0).get1();
    return rows.view(counts.length, examples).t().gather(1, when);
  }

  /** In which row each text ends, shape [examples, width]. */
  Tensor last(long width) {
    return rows.narrow(0, (counts.length - 1L) * examples, examples)
        .unsqueeze(1)
        .expand(examples, width);
  }

  /** The mean over the tokens of each text, shape [examples, width]. */
  Tensor mean(Tensor values) {
    return new TimeFirst(padding).mean(padded(values));
  }

  /** What {@link #mean} does to a gradient: shape [tokens, width] from [examples, width]. */
  Tensor spread(Tensor inMean) {
    Tensor share = inMean.div(padding.logical_not().sum(0));
    return share.index_select(0, places.remainder(new Scalar((long) examples)));
  }
}
