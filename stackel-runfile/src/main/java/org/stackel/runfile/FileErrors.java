package org.stackel.runfile;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Locale;
import org.stackel.config.InvalidInputException;

/** Failures of reading and writing in the user's words: where, why, and what could help. */
public final class FileErrors {
  private static final String INTERRUPTED = "the thread was interrupted";

  private FileErrors() {}

  /** A file could not be read. */
  public static InvalidInputException reading(Path file, IOException e) {
    if (Files.isDirectory(file)) {
      boolean run = Files.exists(file.resolve("experiment.json"));
      return new InvalidInputException(
              "This is a directory, not a file.",
              run
                  ? "its experiment.json was meant, or `stackel resume %s`.".formatted(file)
                  : "a file in it was meant.")
          .at(file.toString())
          .causedBy(e);
    }
    return complaint("read", file, e);
  }

  /** A file or directory could not be written. */
  public static InvalidInputException writing(Path file, IOException e) {
    return complaint("write", file, e);
  }

  private static InvalidInputException complaint(String verb, Path file, IOException e) {
    String reason = reason(e);
    return new InvalidInputException(
            "Cannot %s %s: %s.".formatted(verb, file, reason), help(reason))
        .causedBy(e);
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file or directory";
    }
    if (e instanceof ClosedByInterruptException) {
      return INTERRUPTED;
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
      return "a file is in the way";
    }
    String reason =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : e.getMessage();
    if (reason == null) {
      return e.getClass().getSimpleName();
    }
    return reason.substring(0, 1).toLowerCase(Locale.ROOT) + reason.substring(1);
  }

  private static String help(String reason) {
    if (reason.contains("no space") || reason.contains("quota")) {
      return "--out on another disk, or a larger checkpointEvery, helps.";
    }
    if (reason.equals(INTERRUPTED)) {
      return "the run was cancelled, for instance by ExecutorService.shutdownNow; resuming it goes on.";
    }
    if (reason.contains("no such file")) {
      return "the path is misspelled.";
    }
    return "--out with another directory helps.";
  }
}
