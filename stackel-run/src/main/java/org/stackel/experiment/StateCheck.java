package org.stackel.experiment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.Metrics;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** What every state must be: of the shapes of the first one, finite, and of finite losses. */
final class StateCheck {
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  StateCheck(Record first) {
    StateScope.tensors(first).forEach((name, tensor) -> shapes.put(name, Tensors.shape(tensor)));
  }

  /**
   * @throws IllegalStateException if a shape changed: a defect of the algorithm
   */
  void shapes(Record state) {
    StateScope.tensors(state)
        .forEach(
            (name, tensor) -> {
              List<Long> expected = shapes.get(name);
              if (!Tensors.shape(tensor).equals(expected)) {
                throw new IllegalStateException(
                    "the state's %s has shape %s, before the step %s"
                        .formatted(name, Tensors.shape(tensor), expected));
              }
            });
  }

  /** The first component that is not finite, or null. */
  static @Nullable String notFinite(Record state) {
    for (Map.Entry<String, Tensor> entry : StateScope.tensors(state).entrySet()) {
      if (!Tensors.isFinite(entry.getValue())) {
        return entry.getKey();
      }
    }
    return null;
  }

  /**
   * The first loss of an evaluation that is not finite, or null. Other metrics may be: an AUC where
   * a class is absent, a hypergradient norm where the lower solution is not unique.
   */
  static @Nullable String notFinite(Metrics metrics) {
    for (Map.Entry<String, Double> entry : metrics.values().entrySet()) {
      boolean isLoss = entry.getKey().toLowerCase(Locale.ROOT).endsWith("loss");
      if (isLoss && !Double.isFinite(entry.getValue())) {
        return entry.getKey();
      }
    }
    return null;
  }
}
