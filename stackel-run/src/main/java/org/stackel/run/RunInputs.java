package org.stackel.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Sha256;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.ProvenanceFile;
import org.stackel.runfile.RunFiles;

/** The input files of a run: it goes on only with what it began with. */
final class RunInputs {
  private RunInputs() {}

  /**
   * Compares the files that a run has read with their present content, before anything is read from
   * them. One that has been moved is found, or missed, when the data are read.
   *
   * @throws InvalidInputException if one was changed
   */
  static void checkFiles(Path directory) {
    before(directory)
        .forEach(
            (name, sha256) -> {
              Path file = Path.of(name);
              if (Files.isRegularFile(file) && !Sha256.of(file).equals(sha256)) {
                throw changed(directory, name);
              }
            });
  }

  /**
   * Compares what was read now with what the run had read. Names may differ, content may not.
   *
   * @param now SHA-256 of every file, by its name
   * @throws InvalidInputException if the content of a file is none that the run had read
   */
  static void checkRead(Path directory, Map<String, String> now) {
    Map<String, String> before = before(directory);
    if (before.isEmpty()) { // a run of objects in memory
      return;
    }
    now.forEach(
        (name, sha256) -> {
          if (!before.containsValue(sha256)) {
            throw changed(directory, name);
          }
        });
  }

  private static InvalidInputException changed(Path directory, String name) {
    return new InvalidInputException(
            "The input file '%s' is not the one that the run began with: %s has another SHA-256."
                .formatted(name, directory.resolve(ProvenanceFile.NAME)),
            "it was edited since: restore it, or start a new run with `stackel run %s --out …`."
                .formatted(directory.resolve(RunDirectory.EXPERIMENT)))
        .at(name);
  }

  private static Map<String, String> before(Path directory) {
    Path file = directory.resolve(ProvenanceFile.NAME);
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      Map<String, String> inputs = RunFiles.read(file, ProvenanceFile.class).inputs();
      return inputs == null ? Map.of() : inputs;
    } catch (IOException e) {
      throw FileErrors.reading(file, e);
    }
  }
}
