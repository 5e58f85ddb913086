package org.stackel.problem;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Tensors;

/**
 * Parts of features whose gradients are computed by hand instead of by autograd, as those of a
 * recurrent network, for which autograd needs more operations. A part adds itself while features
 * are computed; what is computed of its value has a graph as always.
 */
public final class HandWritten {
  /** A function of some parameters at one point. */
  public interface Part {
    /** Its value, without a graph. */
    Tensor value();

    /** What {@link #gradient} reads; lives as long as the features. */
    List<Tensor> saved();

    /**
     * Gradients in the parameters, in their order.
     *
     * @param inValue the gradient in the value
     */
    List<Tensor> gradient(Tensor inValue);
  }

  /**
   * A part in the graph.
   *
   * @param leaf its value, where autograd ends
   * @param parameters of which it is a function, where autograd begins again
   */
  public record Cut(Tensor leaf, List<Tensor> parameters, Part part) {}

  private final List<Cut> cuts = new ArrayList<>();

  /**
   * Adds a part, unless no gradient is asked for.
   *
   * @param parameters with their graphs
   * @return its value, for what follows
   */
  public Tensor add(List<Tensor> parameters, Part part) {
    if (parameters.stream().noneMatch(Tensor::requires_grad)) {
      return part.value();
    }
    Tensor leaf = Tensors.leaf(part.value());
    cuts.add(new Cut(leaf, parameters, part));
    return leaf;
  }

  /** What was added. */
  public List<Cut> cuts() {
    return cuts;
  }
}
