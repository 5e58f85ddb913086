package org.stackel.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Tensors that live as long as their owner, such as the data of a problem. */
public final class Owned implements AutoCloseable {
  private final List<Tensor> tensors = new ArrayList<>();

  /** Nothing yet. */
  public Owned() {}

  /** Lets a tensor outlive the scope that it was made in, until this is closed. */
  public Tensor keep(Tensor tensor) {
    tensor.retainReference();
    tensors.add(tensor);
    return tensor;
  }

  /** Frees the tensors. A second time it does nothing. */
  @Override
  public void close() {
    tensors.forEach(Tensor::releaseReference);
    tensors.clear();
  }
}
