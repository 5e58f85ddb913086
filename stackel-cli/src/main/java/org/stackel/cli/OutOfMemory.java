package org.stackel.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is said when memory does not suffice, which is no defect. */
final class OutOfMemory {
  private OutOfMemory() {}

  /**
   * A sentence, and a line beginning with "Maybe".
   *
   * @return null if memory was not the reason
   */
  static @Nullable String message(Throwable error) {
    return message(error, Runtime.getRuntime().maxMemory());
  }

  static @Nullable String message(Throwable error, long room) {
    for (Throwable at = error; at != null; at = at.getCause()) {
      if (at instanceof OutOfMemoryError) {
        return String.format(
            Locale.ROOT,
            "The memory of the Java virtual machine (%,d MB) is too small for this: %s.%n"
                + "Maybe STACKEL_JAVA_OPTIONS=-Xmx%3$dg helps, which gives it %3$d GB, or less data.",
            room >> 20,
            at.getMessage(),
            Math.max(8, room >> 29));
      }
      if (String.valueOf(at.getMessage()).contains("can't allocate memory")) { // of libtorch
        return "There is not enough memory: %s.%nMaybe a smaller batch, or --pieces, helps."
            .formatted(String.valueOf(at.getMessage()).lines().findFirst().orElse(""));
      }
    }
    return null;
  }
}
