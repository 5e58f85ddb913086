package org.stackel.experiment;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.TuningRange;
import org.stackel.config.Options;

/** Step sizes changed: those of an algorithm, or one as its option is written. */
public final class StepSizes {
  private StepSizes() {}

  /**
   * A complete experiment with all step sizes of its algorithm multiplied.
   *
   * @param factor greater than 0
   */
  public static Experiment times(Experiment experiment, double factor) {
    Map<String, @Nullable Object> values = Options.toMap((Record) experiment.algorithm());
    var changed = new LinkedHashMap<String, Object>();
    for (TuningRange range : TuningRange.ofStepSizes((Record) experiment.algorithm())) {
      Object value = values.get(range.key());
      if (value != null) { // a step size that is left out follows another
        changed.put(range.key(), changed(value, size -> size * factor));
      }
    }
    return experiment.withHyperparameters(changed);
  }

  /**
   * A number changed, or the first step size of a schedule.
   *
   * @param value as an experiment file has it
   */
  public static Object changed(Object value, DoubleUnaryOperator change) {
    if (value instanceof Map<?, ?> schedule) {
      var other = new LinkedHashMap<String, @Nullable Object>();
      schedule.forEach(
          (key, v) ->
              other.put(
                  String.valueOf(key),
                  "initial".equals(key) && v != null ? changed(v, change) : v));
      return other;
    }
    return change.applyAsDouble(((Number) value).doubleValue());
  }
}
