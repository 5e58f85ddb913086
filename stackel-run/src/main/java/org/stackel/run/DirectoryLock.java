package org.stackel.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.runfile.Marker;

/**
 * A directory that this process alone works in, by a lock of the operating system on the file
 * {@code .lock}. The lock of a process that was killed is free.
 *
 * <p>The file's size is the number of the process that holds it. It is never opened twice in one
 * process: closing the second channel would give the first one's lock away. Its holder deletes it,
 * and nobody else.
 */
final class DirectoryLock implements AutoCloseable {
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private DirectoryLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock of a directory that exists.
   *
   * @throws InvalidInputException if somebody else has it
   */
  static DirectoryLock hold(Path directory) throws IOException {
    Path file = directory.toRealPath().resolve(Marker.LOCK);
    if (!HELD.add(file)) {
      throw held(directory, ProcessHandle.current().pid());
    }
    try {
      DirectoryLock lock = null;
      while (lock == null) { // the file may have been deleted between its opening and its locking
        lock = attempt(directory, file);
      }
      return lock;
    } catch (IOException | RuntimeException e) {
      HELD.remove(file);
      throw e;
    }
  }

  /**
   * Looks whether somebody works in a directory, now.
   *
   * @throws InvalidInputException if so
   */
  static void checkFree(Path directory) throws IOException {
    if (Files.exists(directory.resolve(Marker.LOCK))) {
      hold(directory).close();
    }
  }

  private static @Nullable DirectoryLock attempt(Path directory, Path file) throws IOException {
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean isHeld = false;
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw held(directory, Files.size(file));
      }
      long process = ProcessHandle.current().pid();
      channel.truncate(0);
      channel.write(ByteBuffer.allocate(1), process - 1);
      isHeld = sizeOf(file) == process;
      return isHeld ? new DirectoryLock(file, channel) : null;
    } finally {
      if (!isHeld) {
        channel.close();
      }
    }
  }

  private static long sizeOf(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return -1;
    }
  }

  private static InvalidInputException held(Path directory, long process) {
    return new InvalidInputException(
            "Another process is running in %s (process %s)."
                .formatted(directory, Long.toString(process)),
            "it is nearly done, or --out with another directory was meant.")
        .at(directory.toString());
  }

  /** Gives the directory free. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      try (channel) {
        if (sizeOf(file) == ProcessHandle.current().pid()) {
          Files.deleteIfExists(file);
        }
      } finally {
        HELD.remove(file);
      }
    }
  }

  /** The same after the directory was renamed. */
  void closeAt(Path renamed) throws IOException {
    try (this) {
      Files.deleteIfExists(renamed.resolve(Marker.LOCK));
    }
  }
}
