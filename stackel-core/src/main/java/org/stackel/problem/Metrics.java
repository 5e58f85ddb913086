package org.stackel.problem;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Named numbers in the order in which they are to be shown. NaN is a legal value and is reported as
 * such.
 *
 * @param values the numbers by name
 */
public record Metrics(Map<String, Double> values) {
  /** No metrics. */
  public static final Metrics NONE = new Metrics(Map.of());

  public Metrics {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** These metrics and one more at the end. */
  public Metrics with(String name, double value) {
    var more = new LinkedHashMap<>(values);
    more.put(name, value);
    return new Metrics(more);
  }

  /** These metrics and others at the end. */
  public Metrics with(Metrics others) {
    var more = new LinkedHashMap<>(values);
    more.putAll(others.values);
    return new Metrics(more);
  }

  /**
   * The number of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public double get(String name) {
    Double value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "No metric '%s' among %s.".formatted(name, values.keySet()));
    }
    return value;
  }

  /**
   * The first loss that is infinite or NaN; null if all are finite. Other metrics may be: an AUC
   * where a class is absent, a hypergradient norm where the lower solution is not unique.
   */
  public @Nullable String notFiniteLoss() {
    for (Map.Entry<String, Double> entry : values.entrySet()) {
      boolean isLoss = entry.getKey().toLowerCase(Locale.ROOT).endsWith("loss");
      if (isLoss && !Double.isFinite(entry.getValue())) {
        return entry.getKey();
      }
    }
    return null;
  }
}
