package org.stackel.linear;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.stackel.linear.LogisticHpo.Examples;
import org.stackel.tensor.Device;
import org.stackel.tensor.HostRows;
import org.stackel.tensor.Tensors;

/** A minibatch: which examples of a set. Their numbers are taken when something asks for them. */
final class Drawn {
  /** Products beyond which libtorch is faster. */
  private static final long MAX_PRODUCTS = 20_000;

  private final Pool pool;
  private final int @Nullable [] numbers;
  private @Nullable Examples taken;
  private @Nullable PlainExamples plain;

  /**
   * A set of examples, for as long as its tensors are there.
   *
   * @param examples the examples
   * @param rows their features; null on a device
   * @param labels their labels
   * @param device where they are
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  record Pool(Examples examples, @Nullable HostRows rows, double[] labels, Device device) {
    static Pool of(Examples examples, Device device) {
      HostRows rows = HostRows.of(examples.a());
      double[] labels = rows == null ? new double[0] : Tensors.toArray(examples.b());
      return new Pool(examples, rows, labels, device);
    }
  }

  /**
   * @param numbers which examples; null for all
   */
  Drawn(Pool pool, int @Nullable [] numbers) {
    this.pool = pool;
    this.numbers = numbers;
  }

  int size() {
    return numbers == null ? pool.examples().size() : numbers.length;
  }

  /** As tensors. */
  Examples examples() {
    if (numbers == null) {
      return pool.examples();
    }
    if (taken == null || taken.a().isNull() || taken.b().isNull()) { // freed by their scope
      taken = pool.examples().take(Tensors.indices(pool.device(), numbers));
    }
    return taken;
  }

  /** As plain arrays; null if libtorch is faster, or they are on a device. */
  @Nullable PlainExamples plain(int outputs) {
    HostRows rows = pool.rows();
    if (rows == null
        || size() == 0
        || rows.width() == 0
        || (long) size() * rows.width() * outputs > MAX_PRODUCTS) {
      return null;
    }
    if (plain == null) {
      int[] chosen = numbers == null ? IntStream.range(0, size()).toArray() : numbers;
      double[] b = new double[chosen.length];
      for (int i = 0; i < b.length; i++) {
        b[i] = pool.labels()[chosen[i]];
      }
      plain = new PlainExamples(rows.gather(chosen), b);
    }
    return plain;
  }
}
