package org.stackel.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What is padding among positions that come time first.
 *
 * @param padding shape [time, examples, 1], true where there is no token
 */
record TimeFirst(Tensor padding) {
  static TimeFirst of(Input.Sequence sequence) {
    return new TimeFirst(sequence.padding());
  }

  /** Tokens of each example, shape [examples, 1]. */
  private Tensor lengths() {
    return padding.logical_not().sum(0);
  }

  /**
   * One vector an example, shape [examples, width].
   *
   * @param values shape [time, examples, width]
   */
  Tensor pool(Pooling pooling, Tensor values) {
    return switch (pooling) {
      case MAX -> max(values);
      case PADDED_MAX -> withZeros(max(values));
      case MEAN -> mean(values);
      case LAST -> last(values);
      case FIRST -> values.select(0, 0);
    };
  }

  private Tensor max(Tensor values) {
    Tensor masked = values.masked_fill(padding, new Scalar(Double.NEGATIVE_INFINITY));
    return new Tensor(masked.max(0).get0());
  }

  private Tensor withZeros(Tensor largest) {
    Tensor isShorter = lengths().lt(lengths().max());
    return torch.where(isShorter, largest.clamp_min(new Scalar(0.0)), largest);
  }

  Tensor mean(Tensor values) {
    return values.masked_fill(padding, new Scalar(0.0)).sum(0).div(lengths());
  }

  private Tensor last(Tensor values) {
    Tensor index =
        lengths().sub(new Scalar(1L)).unsqueeze(0).expand(1, values.size(1), values.size(2));
    return values.gather(0, index).squeeze(0);
  }

  /**
   * Each example's tokens in reverse order; padding stays where it is. Twice is once: what comes
   * back is the order before.
   */
  Tensor reverse(Tensor values) {
    long time = values.size(0);
    Tensor clock = torch.arange(new Scalar(time), lengths().options()).view(time, 1, 1);
    Tensor mirrored = lengths().unsqueeze(0).sub(clock).sub(new Scalar(1L));
    Tensor index = torch.where(padding, clock, mirrored);
    return values.gather(0, index.expand(values.sizes()));
  }
}
