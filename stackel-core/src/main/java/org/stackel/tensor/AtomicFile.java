package org.stackel.tensor;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are there whole or not at all: written under a temporary name beside their place,
 * flushed to the disk, renamed.
 */
public final class AtomicFile {
  /** Suffix of the names of unfinished files. */
  public static final String UNFINISHED = ".tmp";

  private static final int BUFFER = 1 << 16;

  private AtomicFile() {}

  /** Writes into an open file. */
  @FunctionalInterface
  public interface Body {
    /** Writes everything. */
    void write(FileChannel channel) throws IOException;
  }

  /** Writes to a stream. */
  @FunctionalInterface
  public interface StreamBody {
    /** Writes everything; may close the stream. */
    void write(OutputStream out) throws IOException;
  }

  /** Replaces the file by what the body writes to a stream. */
  public static void writeStream(Path file, StreamBody body) throws IOException {
    write(
        file,
        channel -> {
          var all = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
          body.write(
              new FilterOutputStream(all) {
                @Override
                public void write(byte[] bytes, int from, int count) throws IOException {
                  all.write(bytes, from, count);
                }

                @Override
                public void close() {
                  // The file is flushed to the disk and renamed first.
                }
              });
          all.flush();
        });
  }

  /** Replaces the file by the text, in UTF-8. */
  public static void write(Path file, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    write(file, channel -> writeFully(channel, bytes));
  }

  /** Replaces the file by what the body writes. */
  public static void write(Path file, Body body) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
    try {
      try (var channel =
          FileChannel.open(
              unfinished,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        body.write(channel);
        channel.force(true);
      }
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
