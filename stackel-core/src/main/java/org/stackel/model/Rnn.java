package org.stackel.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * A recurrent network over word vectors, and what is pooled of its outputs.
 *
 * <pre>
 *   h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh),  h_{-1} = 0
 * </pre>
 *
 * <p>{@code layers · (h·i + h·h + 2h)} parameters, named as PyTorch names them. Built from plain
 * operations: cuDNN's recurrent layers have no second derivatives.
 *
 * @param inputs width of the word vectors
 * @param hidden width of the state and of the output
 * @param layers how many on top of each other
 * @param pooling how the outputs become one vector
 */
public record Rnn(int inputs, int hidden, int layers, Pooling pooling) implements Encoder {
  public Rnn {
    if (pooling == Pooling.FIRST) {
      throw new IllegalArgumentException("A recurrent network knows nothing at its first word.");
    }
  }

  /** An Elman network with the maximum over time. */
  public static Rnn elman(int inputs, int hidden, int layers) {
    return new Rnn(inputs, hidden, layers, Pooling.MAX);
  }

  /** Four parts a layer. */
  @Override
  public Layout layout() {
    Layout layout = Layout.EMPTY;
    for (int l = 0; l < layers; l++) {
      layout =
          layout
              .with("weight_ih_l" + l, hidden, l == 0 ? inputs : hidden)
              .with("weight_hh_l" + l, hidden, hidden)
              .with("bias_ih_l" + l, hidden)
              .with("bias_hh_l" + l, hidden);
    }
    return layout;
  }

  /** Uniform in ±1/√hidden, as PyTorch's recurrent layers start. */
  @Override
  public Tensor initial(Seed seed, Device device) {
    return Tensors.uniform(seed, 1 / Math.sqrt(hidden), device, layout().size());
  }

  @Override
  public int width() {
    return hidden;
  }

  @Override
  public Tensor features(List<Tensor> parameters, Input input) {
    if (!(input instanceof Input.Sequence sequence)) {
      throw new IllegalArgumentException("A recurrent network reads sequences of vectors.");
    }
    Tensor values = sequence.values();
    long time = values.size(0);
    long examples = values.size(1);
    for (int l = 0; l < layers; l++) {
      List<Tensor> p = parameters.subList(4 * l, 4 * l + 4);
      // One product for all time steps; what remains in the loop is the recurrence alone.
      Tensor fromInput =
          torch
              .addmm(
                  p.get(2).add(p.get(3)),
                  values.reshape(time * examples, values.size(2)),
                  p.get(0).t())
              .view(time, examples, hidden);
      TensorVector steps = torch.unbind(fromInput, 0);
      Tensor recurrent = p.get(1).t();
      var outputs = new ArrayList<Tensor>();
      for (int t = 0; t < time; t++) {
        Tensor sum = steps.get(t);
        outputs.add((t == 0 ? sum : torch.addmm(sum, outputs.get(t - 1), recurrent)).tanh());
      }
      values = torch.stack(new TensorVector(outputs.toArray(new Tensor[0])), 0);
    }
    return TimeFirst.of(sequence).pool(pooling, values);
  }
}
