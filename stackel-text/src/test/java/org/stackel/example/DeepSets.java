package org.stackel.example;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.model.Encoder;
import org.stackel.model.EncoderInfo;
import org.stackel.model.EncoderOptions;
import org.stackel.model.Input;
import org.stackel.model.InputSizes;
import org.stackel.model.Pooling;
import org.stackel.model.TextEncoder;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

// ---- begin: encoder
/** A layer for each word, {@code tanh(W v + b)}, then pooling (Zaheer et al., NeurIPS 2017). */
@EncoderInfo(summary = "A tanh layer for each word, then pooling.")
public record DeepSets() implements TextEncoder {
  @Override
  public Encoder over(EncoderOptions options, InputSizes inputs) {
    return new Layer(inputs.width(), options.hidden(), options.pooling());
  }

  private record Layer(int inputs, int width, Pooling pooling) implements Encoder {
    @Override
    public Layout layout() {
      return Layout.EMPTY.with("weight", width, inputs).with("bias", width);
    }

    @Override
    public Tensor initial(Seed seed, Device device) {
      return Tensors.uniform(seed, 1 / Math.sqrt(inputs), device, layout().size());
    }

    @Override
    public Tensor features(List<Tensor> parameters, Input input) {
      var words = (Input.Sequence) input;
      Tensor outputs = words.values().matmul(parameters.get(0).t()).add(parameters.get(1)).tanh();
      return words.pool(pooling, outputs);
    }
  }
}
// ---- end: encoder
