package org.stackel.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** The tensors that a problem owns: kept beyond the scope they were made in, freed together. */
public final class DataTensors implements AutoCloseable {
  private final List<Tensor> owned = new ArrayList<>();

  /** The result of a function of tensors that it owns; they are freed if the function fails. */
  public static <P> P owning(Function<DataTensors, P> making) {
    var home = new DataTensors();
    try {
      return making.apply(home);
    } catch (RuntimeException e) {
      home.close();
      throw e;
    }
  }

  /** Takes over a tensor. */
  public Tensor keep(Tensor tensor) {
    tensor.retainReference();
    owned.add(tensor);
    return tensor;
  }

  /** Takes over every tensor of a record and of the records in it. */
  public <R extends Record> R keep(R tensors) {
    StateScope.list(tensors).forEach(this::keep);
    return tensors;
  }

  @Override
  public void close() {
    owned.forEach(StateScope::release);
    owned.clear();
  }
}
