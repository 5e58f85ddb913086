package org.stackel.experiment;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One result of the full check.
 *
 * @param what what was compared
 * @param value the error or amount found
 * @param bound the largest value that is right; null if the value is told and not judged
 */
public record Finding(String what, double value, @Nullable Double bound) {
  /** Whether the value is within its bound. */
  public boolean isRight() {
    return bound == null || value <= bound;
  }

  @Override
  public String toString() {
    String number = String.format(Locale.ROOT, "%.3g", value);
    return bound == null
        ? "%s: %s".formatted(what, number)
        : "%s: %s (%s, bound %s)"
            .formatted(what, number, isRight() ? "right" : "WRONG", Double.toString(bound));
  }
}
