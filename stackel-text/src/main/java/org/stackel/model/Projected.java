package org.stackel.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.problem.HandWritten;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * An encoder and a linear map behind it, as published encoders of pairs have it, whose four vectors
 * become one.
 *
 * @param encoder of texts
 * @param width how many features the map makes
 */
public record Projected(Encoder encoder, int width) implements Encoder {
  private Head map() {
    return new Head(encoder.width(), List.of(), width);
  }

  @Override
  public Layout layout() {
    return encoder.layout().with("projection", map().layout());
  }

  @Override
  public Tensor initial(Seed seed, Device device) {
    return Tensors.concat(
        encoder.initial(seed.child("encoder"), device),
        map().initial(seed.child("projection"), device));
  }

  @Override
  public Tensor features(List<Tensor> parameters, Input input) {
    return mapped(parameters, encoder.features(inEncoder(parameters), input));
  }

  @Override
  public Tensor featuresForGradients(List<Tensor> parameters, Input input, HandWritten parts) {
    return mapped(parameters, encoder.featuresForGradients(inEncoder(parameters), input, parts));
  }

  private List<Tensor> inEncoder(List<Tensor> parameters) {
    return parameters.subList(0, encoder.layout().parts().size());
  }

  private Tensor mapped(List<Tensor> parameters, Tensor encoded) {
    int from = encoder.layout().parts().size();
    return map().logits(parameters.subList(from, parameters.size()), encoded);
  }
}
