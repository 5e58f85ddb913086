package org.stackel.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The mean of the word vectors of a text, plus a linear map of what an encoder makes of them:
 * {@code mean(v) + A encoder(v) + a}. A and a start at 0, so that training starts from mean
 * vectors.
 *
 * @param encoder of the same word vectors
 * @param width of the word vectors and of the features
 */
public record MeanPlus(Encoder encoder, int width) implements Encoder {
  private Head map() {
    return new Head(encoder.width(), List.of(), width);
  }

  @Override
  public Layout layout() {
    return encoder.layout().with("map", map().layout());
  }

  @Override
  public Tensor initial(Seed seed, Device device) {
    return Tensors.concat(
        encoder.initial(seed, device), Tensors.zeros(device, map().layout().size()));
  }

  @Override
  public Tensor features(List<Tensor> parameters, Input input) {
    int inEncoder = encoder.layout().parts().size();
    Tensor more =
        map()
            .logits(
                parameters.subList(inEncoder, parameters.size()),
                encoder.features(parameters.subList(0, inEncoder), input));
    return new MeanOfVectors(width).features(List.of(), input).add(more);
  }
}
