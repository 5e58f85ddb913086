package org.stackel.compare;

import org.stackel.config.InvalidInputException;

/**
 * A level of a metric that runs are to reach.
 *
 * @param metric of the evaluations
 * @param value the level
 */
public record Target(String metric, double value) {
  /**
   * Reads {@code testAccuracy=0.45}.
   *
   * @throws InvalidInputException for anything else
   */
  public static Target parse(String text) {
    int equals = text.lastIndexOf('=');
    try {
      double value = Double.parseDouble(text.substring(equals + 1));
      if (equals > 0 && Double.isFinite(value)) {
        return new Target(text.substring(0, equals), value);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new InvalidInputException(
            "--target takes METRIC=NUMBER, found '%s'.".formatted(text),
            "--target upperLoss=0.1 was meant.")
        .at("--target");
  }
}
