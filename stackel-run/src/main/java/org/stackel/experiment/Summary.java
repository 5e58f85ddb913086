package org.stackel.experiment;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of several seeds.
 *
 * @param mean their mean
 * @param deviation {@code sd = √(Σ(aᵢ - mean)² / (n-1))}; 0 for one number
 * @param n how many
 */
record Summary(double mean, double deviation, int n) {
  static Summary of(double... numbers) {
    double mean = Arrays.stream(numbers).average().orElse(Double.NaN);
    double squares = Arrays.stream(numbers).map(v -> (v - mean) * (v - mean)).sum();
    int n = numbers.length;
    return new Summary(mean, n < 2 ? 0 : Math.sqrt(squares / (n - 1)), n);
  }

  static Summary of(Collection<Double> numbers) {
    return of(numbers.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** The standard error of the mean, {@code sd / √n}; 0 for one number. */
  double error() {
    return n == 0 ? 0 : deviation / Math.sqrt(n);
  }

  /** As comparison.json has it; one number has no standard error. */
  Map<String, @Nullable Object> toMap() {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("mean", mean);
    map.put("sd", deviation);
    map.put("se", n < 2 ? null : error());
    map.put("n", n);
    return map;
  }
}
