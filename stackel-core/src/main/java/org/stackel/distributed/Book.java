package org.stackel.distributed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.StringVector;
import org.jspecify.annotations.Nullable;

/**
 * What c10d wants to know of other processes: a store of this process alone, into which this
 * package puts what they said. c10d's own store in the network would talk to anybody.
 */
final class Book implements AutoCloseable {
  private static final int MANY = 1 << 20; // users of the file, which then deletes nothing

  private final Path file;
  private final FileStore entries;
  private volatile boolean isClosed;

  Book() {
    try {
      file = Files.createTempDirectory("stackel-rank").resolve("addresses");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    entries = open();
  }

  /**
   * The same entries, for c10d: a process group refers to them without owning them, so they must
   * not be collected before it.
   */
  FileStore open() {
    return new FileStore(file.toString(), MANY);
  }

  synchronized void put(String key, byte[] value) {
    if (!isClosed) {
      entries.set(key, new ByteVector(value));
    }
  }

  private synchronized byte @Nullable [] find(String key) {
    if (isClosed || !entries.check(new StringVector(key))) {
      return null;
    }
    ByteVector found = entries.get(key);
    byte[] bytes = new byte[(int) found.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = found.get(i);
    }
    return bytes;
  }

  /**
   * What c10d notes under the key, as soon as it is there.
   *
   * @param ends whether it will never be
   */
  byte @Nullable [] await(String key, BooleanSupplier ends) {
    while (!isClosed) {
      byte[] found = find(key);
      if (found != null) {
        return found;
      }
      if (ends.getAsBoolean()) {
        return null;
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return null;
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    entries.deallocate();
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(file.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
