package org.stackel.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.InvalidInputException;
import org.stackel.problem.Artifacts;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.SheetFile;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.TensorFile;

/**
 * A directory for what a command found: its sheet.json, a model, tables. It appears with the first
 * file.
 */
public final class ResultDirectory implements Artifacts {
  private final Path directory;
  private final RunDirectory.IfExists ifExists;
  private boolean isOpen;

  private ResultDirectory(Path directory, RunDirectory.IfExists ifExists) {
    this.directory = directory;
    this.ifExists = ifExists;
  }

  /**
   * A place for new results.
   *
   * @throws InvalidInputException if something is there that may not be replaced
   */
  public static ResultDirectory create(Path directory, RunDirectory.IfExists ifExists) {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new InvalidInputException(
              "Cannot write to %s: it is a file.".formatted(directory),
              "--out with another directory helps.")
          .at("--out");
    }
    if (!isEmpty(directory)) {
      if (!Files.exists(directory.resolve(SheetFile.NAME))) {
        throw new InvalidInputException(
                "The directory %s exists and holds something else.".formatted(directory),
                "--out with another directory helps; --force replaces results only.")
            .at("--out");
      }
      if (ifExists == RunDirectory.IfExists.REFUSE) {
        throw new InvalidInputException(
                "The directory %s exists.".formatted(directory),
                "--force, which replaces it, or another --out was meant.")
            .at("--out");
      }
    }
    return new ResultDirectory(directory, ifExists);
  }

  private static boolean isEmpty(Path directory) {
    if (!Files.isDirectory(directory)) {
      return true;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw FileErrors.reading(directory, e);
    }
  }

  /** The directory. */
  public Path path() {
    return directory;
  }

  private interface Body {
    void write(Path file) throws IOException;
  }

  private void writing(String name, Body body) {
    Path file = directory.resolve(name);
    try {
      if (!isOpen && ifExists == RunDirectory.IfExists.REPLACE && Files.isDirectory(directory)) {
        RunDirectory.delete(directory);
      }
      isOpen = true;
      Files.createDirectories(file.toAbsolutePath().getParent());
      body.write(file);
    } catch (IOException e) {
      throw FileErrors.writing(file, e);
    }
  }

  @Override
  public void text(String name, String content) {
    writing(name, file -> AtomicFile.write(file, content));
  }

  @Override
  public void json(String name, Map<String, ?> content) {
    text(name, RunFiles.pretty(content));
  }

  @Override
  public void tensors(String name, Map<String, Tensor> tensors) {
    writing(name, file -> TensorFile.write(file, tensors, Map.of()));
  }

  /** Writes the sheet, the last file. */
  public void finish(SheetFile sheet) {
    text(SheetFile.NAME, RunFiles.text(sheet));
  }
}
