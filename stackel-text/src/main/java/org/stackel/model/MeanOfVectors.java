package org.stackel.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The mean of the word vectors of a text. It has no parameters.
 *
 * @param width of the word vectors and of the features
 */
public record MeanOfVectors(int width) implements Encoder {
  @Override
  public Layout layout() {
    return Layout.EMPTY;
  }

  @Override
  public Tensor initial(Seed seed, Device device) {
    return Tensors.zeros(device, 0);
  }

  @Override
  public Tensor features(List<Tensor> parameters, Input input) {
    if (!(input instanceof Input.Sequence sequence)) {
      throw new IllegalArgumentException("A mean of word vectors reads sequences of vectors.");
    }
    return TimeFirst.of(sequence).mean(sequence.values());
  }
}
