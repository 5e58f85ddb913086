package org.stackel.oracle;

/** libtorch refused an operation. The message names it and its shapes in one line. */
public final class OracleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OracleException(String operation, String shapes, RuntimeException cause) {
    super(
        "%s failed at %s: %s"
            .formatted(operation, shapes, firstLine(String.valueOf(cause.getMessage()))),
        cause);
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
