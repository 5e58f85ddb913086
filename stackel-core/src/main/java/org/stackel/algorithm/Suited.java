package org.stackel.algorithm;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.problem.Scales;
import org.stackel.problem.UpperStep;

/**
 * Hyperparameters that follow by their names: from a problem's scales, or from another algorithm.
 */
public final class Suited {
  private Suited() {}

  /**
   * An algorithm with the usual hyperparameters of a problem, as far as it has them under their
   * usual names.
   *
   * @param step how the algorithm moves x
   */
  public static <A extends Record> A to(Scales scales, UpperStep step, A algorithm) {
    Scales.Usual usual = scales.usual(step);
    var options = new LinkedHashMap<String, @Nullable Object>(Options.toMap(usual));
    options.put("adaptLr", usual.valueLr());
    Object shares = options.remove("sharesSamples");
    options.put("sampling", shares == null ? null : shares.equals(true) ? "shared" : "independent");
    return withAll(algorithm, options);
  }

  /** An algorithm with the hyperparameters of another, as far as it has them under their names. */
  public static <A extends Record> A like(BilevelAlgorithm<?> other, A algorithm) {
    return withAll(algorithm, new LinkedHashMap<>(Options.toMap((Record) other)));
  }

  private static <A extends Record> A withAll(A algorithm, Map<String, @Nullable Object> options) {
    options.values().removeIf(Objects::isNull);
    options.keySet().retainAll(Options.toMap(algorithm).keySet());
    return Options.bind(algorithm, options, "an algorithm");
  }
}
