package org.stackel.spark;

import org.stackel.config.InvalidInputException;

/** What Spark says of what failed, in short. */
final class SparkErrors {
  private SparkErrors() {}

  /**
   * The error of a job.
   *
   * @param work what it was to do, such as "run"
   */
  static RuntimeException refused(Exception e, String work) {
    String reason = reason(e);
    boolean lacksClasses =
        (reason.contains("ClassNotFoundException") && reason.contains("org.stackel"))
            || reason.contains(
                "SerializedLambda"); // what Java says of a function without its class
    if (lacksClasses) {
      return new InvalidInputException(
          "An executor of the cluster has no Stackel, or one of another version: %s."
              .formatted(reason),
          "Stackel is to be unpacked at the same path on every machine, or --conf spark.executor.extraClassPath='/path/to/lib/*' was meant.");
    }
    return new IllegalStateException("Spark gave the %s up: %s".formatted(work, reason), e);
  }

  /** The first line. */
  static String reason(Throwable e) {
    String text = String.valueOf(e.getMessage()).strip();
    String first = text.lines().findFirst().orElse("");
    return first.endsWith(".") ? first.substring(0, first.length() - 1) : first;
  }
}
