package org.stackel.problem;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which end of a metric is the better one. */
public enum Direction {
  /** Large is good. */
  HIGHER,
  /** Small is good. */
  LOWER;

  private static final Pattern HIGH = Pattern.compile(".*(accuracy|auc|auroc|f1|precision|recall)");
  private static final Pattern LOW =
      Pattern.compile(".*(loss|error|norm|distance|gap|objective|valuefunction)");

  /** What the end of a metric's name says; null if it says nothing. */
  public static @Nullable Direction of(String metric) {
    String name = metric.toLowerCase(Locale.ROOT);
    if (HIGH.matcher(name).matches()) {
      return HIGHER;
    }
    return LOW.matcher(name).matches() ? LOWER : null;
  }

  /** Whether a is better than b; false if either is not a number. */
  public boolean prefers(double a, double b) {
    return this == HIGHER ? a > b : a < b;
  }
}
