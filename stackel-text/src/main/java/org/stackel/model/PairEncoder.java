package org.stackel.model;

import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.problem.HandWritten;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;

/**
 * Features of two texts: one encoder for both, which gives u and v, then {@code (u, v, |u - v|, u ∘
 * v)}.
 *
 * @param encoder of either text
 */
public record PairEncoder(Encoder encoder) implements Encoder {
  @Override
  public Layout layout() {
    return encoder.layout();
  }

  @Override
  public Tensor initial(Seed seed, Device device) {
    return encoder.initial(seed, device);
  }

  @Override
  public int width() {
    return 4 * encoder.width();
  }

  @Override
  public Tensor features(List<Tensor> parameters, Input input) {
    return features(side -> encoder.features(parameters, side), input);
  }

  @Override
  public Tensor featuresForGradients(List<Tensor> parameters, Input input, HandWritten parts) {
    return features(side -> encoder.featuresForGradients(parameters, side, parts), input);
  }

  private Tensor features(Function<Input, Tensor> encoded, Input input) {
    if (!(input instanceof Input.Pair pair)) {
      throw new IllegalArgumentException("An encoder of pairs reads pairs of texts.");
    }
    if (encoder instanceof Rnn rnn && rnn.pooling() == Pooling.PADDED_MAX) {
      // Each side has its own longest text.
      return features(encoded.apply(pair.first()), encoded.apply(pair.second()));
    }
    // All texts in one batch: half as many operations.
    Tensor both = encoded.apply(pair.stacked());
    return features(both.narrow(0, 0, pair.size()), both.narrow(0, pair.size(), pair.size()));
  }

  private static Tensor features(Tensor u, Tensor v) {
    return torch.cat(new TensorVector(u, v, u.sub(v).abs(), u.mul(v)), 1);
  }
}
