package org.stackel.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/** The bytes of a file in blocks that end with a line. */
final class LineBytes {
  private static final int LARGEST = 1 << 28;
  private static final int LOOKED_AT = 1 << 12;

  private final Path file;
  private final InputStream in;
  private final int size;
  private final @Nullable String encoding;
  private byte[] rest = new byte[0];

  /** Bytes of a character that ends a line; 0 until it is known. */
  private int unit;

  private boolean isAtEnd;

  /**
   * @param size of a block; longer where a line is
   * @param encoding of the file; null to find out
   */
  LineBytes(Path file, InputStream in, int size, @Nullable String encoding) {
    this.file = file;
    this.in = in;
    this.size = size;
    this.encoding = encoding;
  }

  /** Whether all of them were handed over. */
  boolean isAtEnd() {
    return isAtEnd;
  }

  /** The next block: of the last one, all that is left. */
  byte[] next() throws IOException {
    byte[] block = rest;
    while (true) {
      int before = block.length;
      byte[] more = in.readNBytes(size);
      block = Arrays.copyOf(block, before + more.length);
      System.arraycopy(more, 0, block, before, more.length);
      if (unit == 0) {
        InputFile.requireNamedGzip(file, block);
        unit = unit(block);
      }
      if (more.length < size) {
        isAtEnd = true;
        return block;
      }
      int end = lineEnd(block);
      if (end > 0) {
        rest = Arrays.copyOfRange(block, end, block.length);
        return Arrays.copyOf(block, end);
      }
      if (block.length > LARGEST - size) {
        throw new InvalidInputException(
                "There is no line end within 256 MiB.", "the file is not a text file.")
            .at(file.toString());
      }
    }
  }

  private int unit(byte[] block) {
    TextEncoding marked = TextEncoding.marked(block);
    String found = marked == null ? "" : marked.name();
    String name = encoding == null ? found : FileText.charset(encoding).name();
    if (name.startsWith("UTF-32")) {
      return 4;
    }
    int zeros = 0;
    for (int i = 0; i < Math.min(LOOKED_AT, block.length); i++) {
      zeros += block[i] == 0 ? 1 : 0;
    }
    boolean isWide = name.isEmpty() && zeros > Math.min(LOOKED_AT, block.length) / 8;
    return isWide || name.startsWith("UTF-16") ? 2 : 1;
  }

  /** Where the last line ends; 0 if none does. */
  private int lineEnd(byte[] block) {
    for (byte end : new byte[] {'\n', '\r'}) {
      // A carriage return at the very end may have its line feed in the next block.
      int last = block.length / unit * unit - unit;
      for (int at = end == '\n' ? last : last - unit; at >= 0; at -= unit) {
        if (isCharacter(block, at, end)) {
          return at + unit;
        }
      }
    }
    return 0;
  }

  private boolean isCharacter(byte[] block, int at, byte character) {
    if (block[at] != character && block[at + unit - 1] != character) {
      return false;
    }
    int sum = 0;
    for (int i = at; i < at + unit; i++) {
      sum += block[i] & 0xFF;
    }
    return sum == character;
  }
}
