package org.stackel.cli;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import picocli.CommandLine.Option;

/** Where one file goes. */
final class OutputFileOptions {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Output file; packed if its name ends in .gz (default: standard output).")
  @Nullable String out;

  @Option(names = "--force", description = "Replace the output file if it exists.")
  boolean force;

  /**
   * The file; null for standard output. Its folder is made.
   *
   * @throws InvalidInputException if it exists and may not be replaced
   */
  @Nullable Path file() {
    if (out == null) {
      return null;
    }
    try {
      Path file = Path.of(out);
      if (Files.isDirectory(file)) {
        throw new InvalidInputException(
                "The output is a directory; it must be a file.",
                "'%s' was meant.".formatted(file.resolve("predicted.csv")))
            .at(out);
      }
      if (Files.exists(file) && !force) {
        throw new InvalidInputException(
                "The output file exists.", "--force was meant, which replaces it.")
            .at(out);
      }
      Path parent = file.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      return file;
    } catch (InvalidPathException e) {
      throw new InvalidInputException(
              "'%s' is not a valid path: %s.".formatted(out, e.getReason()), "it is misspelled.")
          .at("--out");
    } catch (IOException e) {
      throw new InvalidInputException(
              "The folder of the output cannot be made: %s.".formatted(e.getMessage()),
              "another folder was meant.")
          .at("--out");
    }
  }

  /** Puts a finished file in its place. */
  static void moved(Path finished, Path place) throws IOException {
    try {
      Files.move(finished, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(finished, place, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
