package org.stackel.bilevel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Tensors;

/**
 * A variable made of named tensors, in order: {@code Named.of("w", w).and("b", b)}. What a loss
 * receives are views of one flat vector.
 */
public final class Named {
  private final Map<String, Tensor> tensors;

  private Named(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /** One tensor. */
  public static Named of(String name, Tensor tensor) {
    return new Named(Map.of(name, tensor));
  }

  /**
   * These tensors and one more at the end.
   *
   * @throws InvalidInputException if there is one of this name
   */
  public Named and(String name, Tensor tensor) {
    if (tensors.containsKey(name)) {
      throw new InvalidInputException(
          "There are two tensors '%s'.".formatted(name), "with() was meant, which replaces one.");
    }
    return put(name, tensor);
  }

  /**
   * These tensors with another one in place of that of this name.
   *
   * @throws InvalidInputException if there is none
   */
  public Named with(String name, Tensor tensor) {
    get(name);
    return put(name, tensor);
  }

  private Named put(String name, Tensor tensor) {
    var all = new LinkedHashMap<>(tensors);
    all.put(name, tensor);
    return new Named(all);
  }

  /**
   * The tensor of this name, in its own shape.
   *
   * @throws InvalidInputException if there is none
   */
  public Tensor get(String name) {
    Tensor found = tensors.get(name);
    if (found == null) {
      throw new InvalidInputException(
          "There is no tensor '%s'.".formatted(name), Options.meant(name, tensors.keySet()));
    }
    return found;
  }

  /** The names, in order. */
  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  /** All numbers as one vector, for norms and penalties. */
  public Tensor flat() {
    return torch.cat(
        new TensorVector(
            tensors.values().stream().map(tensor -> tensor.reshape(-1)).toArray(Tensor[]::new)));
  }

  Layout layout() {
    var layout = Layout.EMPTY;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      layout =
          layout.with(
              entry.getKey(),
              Tensors.shape(entry.getValue()).stream().mapToLong(Long::longValue).toArray());
    }
    return layout;
  }

  /** The parts of a flat vector. */
  static Named views(Layout layout, Tensor flat) {
    var views = new LinkedHashMap<String, Tensor>();
    List<Tensor> parts = layout.split(flat);
    for (int i = 0; i < parts.size(); i++) {
      views.put(layout.parts().get(i).name(), parts.get(i));
    }
    return new Named(views);
  }

  /** The tensors themselves, for checks. */
  List<Tensor> tensors() {
    return new ArrayList<>(tensors.values());
  }
}
