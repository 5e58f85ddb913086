package org.stackel.compare;

import java.util.Objects;
import org.stackel.runfile.ComparisonFile;

/** The means of a comparison's one table. */
public record Means(ComparisonFile file) {
  public double get(String method, String key) {
    return file.sections().get(0).rows().stream()
        .filter(row -> row.method().equals(method))
        .map(row -> Objects.requireNonNull(row.values().get(key)).mean())
        .findFirst()
        .orElseThrow(() -> new AssertionError("no method " + method));
  }

  /** All methods of a seed share it, so the difference of means is the mean paired gain. */
  public double gain(String method, String other) {
    return get(method, "testAccuracy") - get(other, "testAccuracy");
  }
}
