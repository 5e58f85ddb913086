package org.stackel.runfile;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/** Whether larger or smaller values of a metric are better. */
@EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
public enum MetricDirection {
  /** Larger is better. */
  HIGHER,
  /** Smaller is better. */
  LOWER;

  private static final Pattern HIGH = Pattern.compile(".*(accuracy|auc|auroc|f1|precision|recall)");
  private static final Pattern LOW =
      Pattern.compile(".*(loss|error|norm|distance|gap|objective|valuefunction)");

  /** The direction of a metric, from the end of its name; null if the name does not tell. */
  public static @Nullable MetricDirection of(String metric) {
    String name = metric.toLowerCase(Locale.ROOT);
    if (HIGH.matcher(name).matches()) {
      return HIGHER;
    }
    return LOW.matcher(name).matches() ? LOWER : null;
  }

  /** Whether a is better than b; false if either is NaN. */
  public boolean prefers(double a, double b) {
    return this == HIGHER ? a > b : a < b;
  }
}
