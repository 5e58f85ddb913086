package org.stackel.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.run.RunDirectory.IfExists;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.Marker;

/**
 * A directory that this process writes to, and nobody else meanwhile. It is locked and marked.
 *
 * <p>What was there before is not deleted but renamed, to {@code NAME.old}; what had been renamed
 * before that is deleted then. Where renaming is impossible, as of the working directory, files are
 * deleted one by one. Nothing is touched if a file is there that Stackel did not write.
 */
public final class Claim implements AutoCloseable {
  private static final String SET_ASIDE = ".old";
  private static final int SHOWN = 3;

  private final Path directory;
  private final DirectoryLock lock;
  private final Marker marker;
  private final @Nullable Path replaced;

  private Claim(Path directory, DirectoryLock lock, Marker marker, @Nullable Path replaced) {
    this.directory = directory;
    this.lock = lock;
    this.marker = marker;
    this.replaced = replaced;
  }

  // ---- before ------------------------------------------------------------------------------

  /**
   * Whether a new run, or the like, may go to a directory, now.
   *
   * @throws InvalidInputException if something is there that may not be replaced, or if the
   *     directory cannot be made
   */
  public static void check(Path directory, Marker.Kind kind, IfExists ifExists) {
    checkWritable(directory);
    if (!Files.isDirectory(directory) || isBare(directory)) {
      return;
    }
    try {
      Marker marker = Marker.read(directory);
      if (marker == null || marker.kind() != kind) {
        throw new InvalidInputException(
                "The directory %s exists and is not %s.".formatted(directory, word(kind)),
                "--out with another directory helps; --force replaces only what the same command wrote.")
            .at("--out");
      }
      if (ifExists != IfExists.REPLACE) {
        throw new InvalidInputException(
                "The directory %s exists.".formatted(directory),
                "--force to replace it, %sor another --out was meant."
                    .formatted(continuation(kind, directory)))
            .at("--out");
      }
      checkOwn(directory, marker);
      DirectoryLock.checkFree(directory);
    } catch (IOException e) {
      throw FileErrors.reading(directory, e);
    }
  }

  private static String word(Marker.Kind kind) {
    return switch (kind) {
      case RUN -> "that of a run";
      case COMPARISON -> "that of a comparison";
      case RESULT -> "one of results";
      case CLEANING -> "that of `stackel clean`";
      case SWEEP -> "that of a sweep";
    };
  }

  private static String continuation(Marker.Kind kind, Path directory) {
    return switch (kind) {
      case RUN -> "`stackel resume %s` to go on, ".formatted(directory);
      case COMPARISON -> "--resume to go on with it, ";
      case SWEEP -> "--resume to go on with it, ";
      case RESULT, CLEANING -> "";
    };
  }

  private static void checkWritable(Path directory) {
    for (Path at = absolute(directory); at != null; at = at.getParent()) {
      if (Files.exists(at)) {
        boolean isFile = !Files.isDirectory(at);
        if (isFile || !Files.isWritable(at)) {
          throw new InvalidInputException(
                  (isFile
                          ? "Cannot write to %s: the file %s is in the way."
                          : "Cannot write to %s: %s is read-only.")
                      .formatted(directory, at),
                  "--out with another directory helps.")
              .at("--out");
        }
        return;
      }
    }
  }

  /** Only what Stackel wrote may go. */
  private static void checkOwn(Path directory, Marker marker) throws IOException {
    List<String> foreign = marker.foreign();
    if (!foreign.isEmpty()) {
      int more = foreign.size() - SHOWN;
      throw new InvalidInputException(
              "The directory %s is not replaced: Stackel did not write %s in it%s."
                  .formatted(
                      directory,
                      String.join(", ", foreign.subList(0, Math.min(SHOWN, foreign.size()))),
                      more > 0 ? " nor " + more + " others" : ""),
              "--out with another directory helps, or moving what is yours elsewhere.")
          .at("--out");
    }
  }

  /** Whether a directory has no entries but those that a claim makes. */
  private static boolean isBare(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.allMatch(
          each -> List.of(Marker.NAME, Marker.LOCK).contains(String.valueOf(each.getFileName())));
    } catch (IOException e) {
      throw FileErrors.reading(directory, e);
    }
  }

  /** The same path, without dots where they lead through directories that do not exist. */
  static Path plain(Path directory) {
    Path plain = directory.normalize();
    return Files.exists(directory) || plain.toString().isEmpty() ? directory : plain;
  }

  private static Path absolute(Path directory) {
    return directory.toAbsolutePath().normalize();
  }

  // ---- taking ------------------------------------------------------------------------------

  /**
   * Takes a directory for something new. What is in it is set aside, if it may be replaced.
   *
   * @throws InvalidInputException if it may not, or if another process works there
   */
  public static Claim take(Path directory, Marker.Kind kind, IfExists ifExists) throws IOException {
    check(directory, kind, ifExists);
    Path place = absolute(directory);
    Path replaced = null;
    if (Files.isDirectory(place) && !isBare(place)) {
      replaced = setAside(place);
    }
    Files.createDirectories(place);
    DirectoryLock lock = DirectoryLock.hold(directory);
    try {
      return new Claim(directory, lock, Marker.create(directory, kind), replaced);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Takes a directory to go on with what is in it.
   *
   * @throws InvalidInputException if another process works there
   */
  public static Claim goOn(Path directory, Marker.Kind kind) throws IOException {
    DirectoryLock lock = DirectoryLock.hold(directory);
    try {
      Marker marker = Marker.open(directory, kind);
      return new Claim(
          directory, lock, marker == null ? Marker.create(directory, kind) : marker, null);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Renames a directory, or deletes its files; where it is then, or null. */
  private static @Nullable Path setAside(Path directory) throws IOException {
    Path real = directory.toRealPath();
    try (DirectoryLock lock = DirectoryLock.hold(real)) {
      checkRunsFree(real);
      if (!absolute(Path.of("")).toRealPath().startsWith(real)) {
        Path old = free(real);
        try {
          Files.move(real, old);
        } catch (IOException e) { // such as of a mounted disk
          deleteInside(real);
          return null;
        }
        lock.closeAt(old);
        Marker.note(old);
        return old;
      }
      deleteInside(real);
      return null;
    }
  }

  /** Those of a comparison may have been resumed one by one. */
  private static void checkRunsFree(Path directory) throws IOException {
    for (Path entry : entries(directory)) {
      if (Files.isDirectory(entry)) {
        DirectoryLock.checkFree(entry);
      }
    }
  }

  /** A name for what is set aside; what has it already goes if it is Stackel's alone. */
  private static Path free(Path directory) throws IOException {
    String name = directory.getFileName() + SET_ASIDE;
    Path old = directory.resolveSibling(name);
    if (Files.isDirectory(old) && isOwn(old)) {
      RunDirectory.delete(old);
    }
    for (int number = 2; Files.exists(old); number++) {
      old = directory.resolveSibling(name + "-" + number);
    }
    return old;
  }

  private static boolean isOwn(Path directory) throws IOException {
    Marker marker = Marker.read(directory);
    if (marker == null || !marker.foreign().isEmpty()) {
      return false;
    }
    try {
      DirectoryLock.checkFree(directory);
      checkRunsFree(directory);
      return true;
    } catch (InvalidInputException e) { // somebody resumes it
      return false;
    }
  }

  /** Deletes files, all of which are Stackel's, but not the lock. */
  private static void deleteInside(Path directory) throws IOException {
    for (Path entry : entries(directory)) {
      if (!String.valueOf(entry.getFileName()).equals(Marker.LOCK)) {
        RunDirectory.delete(entry);
      }
    }
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.sorted(Comparator.naturalOrder()).toList();
    }
  }

  // ---- while it is taken -------------------------------------------------------------------

  /** Says that a file, or a directory if it ends in {@code /}, is about to be written. */
  public void add(String name) throws IOException {
    marker.add(name);
  }

  /** Says that all files are there, and that they are the command's. */
  public void addAll() throws IOException {
    marker.addAll();
  }

  /** Where that is what was in the directory before; null if nothing was, or if it was deleted. */
  public @Nullable Path replaced() {
    return replaced == null ? null : directory.resolveSibling(replaced.getFileName());
  }

  /** Gives the directory free. If nothing was written, what was there before is there again. */
  @Override
  public void close() throws IOException {
    boolean isUnused;
    try (lock) {
      isUnused = Files.isDirectory(directory) && isBare(directory);
      if (isUnused) {
        Files.deleteIfExists(directory.resolve(Marker.NAME));
      }
    }
    if (isUnused && deleteEmpty() && replaced != null) {
      Files.move(replaced, absolute(directory));
    }
  }

  private boolean deleteEmpty() {
    try {
      Files.delete(absolute(directory));
      return true;
    } catch (IOException e) { // somebody else was faster, or it is the working directory
      return false;
    }
  }
}
