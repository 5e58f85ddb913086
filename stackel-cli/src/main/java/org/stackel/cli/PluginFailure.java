package org.stackel.cli;

import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.plugin.Origin;
import org.stackel.plugin.Plugins;
import org.stackel.run.StepException;

/** What is said when a plug-in fails: its class, its jar, and what could help. */
final class PluginFailure {
  private PluginFailure() {}

  /**
   * A sentence, and a line beginning with "Maybe".
   *
   * @return null if no plug-in took part in the error
   */
  static @Nullable String message(Throwable error) {
    if (error instanceof InvalidInputException) {
      return wrapped(error);
    }
    Origin culprit = Plugins.culprit(error);
    if (culprit == null && error instanceof StepException step) {
      culprit = step.plugin(); // what it returned was refused
    }
    if (culprit == null) {
      return null;
    }
    Throwable told = error;
    while (told.getCause() != null && !isOfAnotherVersion(told)) {
      told = told.getCause();
    }
    return "The plug-in %s failed%s: %s.%nMaybe %s"
        .formatted(
            culprit,
            error instanceof StepException step ? " " + step.place() : "",
            Main.firstLine(told),
            isOfAnotherVersion(told)
                ? "it was built for another version of Stackel or Java, and must be built again."
                : "it has a defect; --stacktrace shows where it failed.");
  }

  /** A static initialiser that throws is a LinkageError too, though nothing is missing. */
  private static boolean isOfAnotherVersion(Throwable error) {
    return error instanceof LinkageError && !(error instanceof ExceptionInInitializerError);
  }

  /** A complaint about the user's code, with the class in which it failed. */
  private static @Nullable String wrapped(Throwable error) {
    Throwable cause = error.getCause();
    Origin culprit = cause instanceof RuntimeException ? Plugins.culprit(cause) : null;
    return culprit == null
        ? error.getMessage()
        : String.valueOf(error.getMessage())
            .replaceFirst("\nMaybe ", " It was thrown in %s.\nMaybe ".formatted(culprit));
  }
}
