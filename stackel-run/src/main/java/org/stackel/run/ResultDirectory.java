package org.stackel.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.problem.Artifacts;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.Marker;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.SheetFile;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.TensorFile;

/**
 * A directory for what a command found: its sheet.json, a model, tables. It appears with the first
 * file; until then what was there before stays as it is, and then it is set aside.
 */
public final class ResultDirectory implements Artifacts, AutoCloseable {
  private final Path directory;
  private final RunDirectory.IfExists ifExists;
  private @Nullable Claim claim;

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
    Path place = Claim.plain(directory);
    Claim.check(place, Marker.Kind.RESULT, ifExists);
    return new ResultDirectory(place, ifExists);
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
      if (claim == null) {
        claim = Claim.take(directory, Marker.Kind.RESULT, ifExists);
      }
      claim.add(name);
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
    close();
  }

  /** Gives the directory free for other processes. */
  @Override
  public void close() {
    try {
      if (claim != null) {
        claim.close();
      }
    } catch (IOException e) {
      throw FileErrors.writing(directory, e);
    }
  }
}
