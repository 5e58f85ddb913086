package org.stackel.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * From features to one number a class: a linear map, or linear maps with tanh between them.
 *
 * @param inputs width of the features
 * @param hidden widths between; none for a linear head
 * @param classes width of the output
 */
public record Head(int inputs, List<Integer> hidden, int classes) {
  public Head {
    hidden = List.copyOf(hidden);
  }

  private List<Integer> widths() {
    var widths = new ArrayList<Integer>();
    widths.add(inputs);
    widths.addAll(hidden);
    widths.add(classes);
    return widths;
  }

  /** A weight {@code [out, in]} and a bias a layer. */
  public Layout layout() {
    Layout layout = Layout.EMPTY;
    List<Integer> widths = widths();
    for (int i = 1; i < widths.size(); i++) {
      layout =
          layout
              .with("weight" + (i - 1), widths.get(i), widths.get(i - 1))
              .with("bias" + (i - 1), widths.get(i));
    }
    return layout;
  }

  /** Uniform in ±1/√in, weights and biases, as PyTorch's linear layers start. */
  public Tensor initial(Seed seed, Device device) {
    var parts = new ArrayList<Tensor>();
    List<Integer> widths = widths();
    for (int i = 1; i < widths.size(); i++) {
      int in = widths.get(i - 1);
      int out = widths.get(i);
      parts.add(Tensors.uniform(seed.child(i), 1 / Math.sqrt(in), device, (long) out * in + out));
    }
    return Tensors.concat(parts.toArray(new Tensor[0]));
  }

  /**
   * Logits, shape [examples, classes].
   *
   * @param parameters the parts of {@link #layout}
   * @param features shape [examples, inputs]
   */
  public Tensor logits(List<Tensor> parameters, Tensor features) {
    Tensor values = features;
    for (int i = 0; i < parameters.size(); i += 2) {
      if (i > 0) {
        values = values.tanh();
      }
      values = torch.addmm(parameters.get(i + 1), values, parameters.get(i).t());
    }
    return values;
  }

  /**
   * Logits of many heads at once, shape [tasks, examples, classes]: each task's examples through
   * the task's own head.
   *
   * @param parameters shape [tasks, layout().size()]
   * @param features shape [tasks, examples, inputs]
   */
  public Tensor taskLogits(Tensor parameters, Tensor features) {
    long tasks = parameters.size(0);
    Tensor values = features;
    long from = 0;
    List<Integer> widths = widths();
    for (int i = 1; i < widths.size(); i++) {
      long in = widths.get(i - 1);
      long out = widths.get(i);
      Tensor weight = parameters.narrow(1, from, out * in).view(tasks, out, in);
      from += out * in;
      Tensor bias = parameters.narrow(1, from, out).unsqueeze(1);
      from += out;
      if (i > 1) {
        values = values.tanh();
      }
      values = torch.baddbmm(bias, values, weight.transpose(1, 2));
    }
    return values;
  }
}
