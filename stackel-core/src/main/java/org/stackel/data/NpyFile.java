package org.stackel.data;

import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.stackel.config.InvalidInputException;

/**
 * A matrix in a file of NumPy: float32 or float64, row by row.
 *
 * @param rows number of rows
 * @param width number of columns
 * @param numbers row by row
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record NpyFile(int rows, int width, float[] numbers) {
  private static final String ENDING = ".npy";

  /** Numbers in an array of Java. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  /** Numbers that are read at once. */
  private static final int BLOCK = 1 << 16;

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\((\\d+),\\s*(\\d+)\\s*\\)");
  private static final Pattern TYPE = Pattern.compile("'descr':\\s*'([<=|>]?)(f[48])'");

  /** Whether the name of a file says that it is one. */
  public static boolean isNamed(String file) {
    return file.endsWith(ENDING);
  }

  /** Names of the columns, as a table with the same numbers would have them: e1, e2 and so on. */
  public static List<String> columns(int width) {
    return IntStream.rangeClosed(1, width).mapToObj(k -> "e" + k).toList();
  }

  /**
   * Reads a file.
   *
   * @throws InvalidInputException if it is no such file
   */
  public static NpyFile read(Path file) {
    InputFile.requireFile(file);
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer start = bytes(channel, Math.min(12, channel.size()), file);
      for (byte expected : MAGIC) {
        if (!start.hasRemaining() || start.get() != expected) {
          throw broken(file, "it does not begin as such a file does");
        }
      }
      if (start.remaining() < 6) {
        throw broken(file, "it ends too early");
      }
      int version = start.get();
      start.get();
      long length = version == 1 ? start.getShort() & 0xFFFF : start.getInt() & 0xFFFFFFFFL;
      channel.position(version == 1 ? 10 : 12);
      String header = StandardCharsets.ISO_8859_1.decode(bytes(channel, length, file)).toString();
      Matcher shape = SHAPE.matcher(header);
      Matcher type = TYPE.matcher(header);
      if (!shape.find() || !type.find() || header.contains("'fortran_order': True")) {
        throw broken(
            file,
            "a matrix of float32 or float64, row by row, is needed; it has " + header.strip());
      }
      requireFits(file, shape);
      int rows = Integer.parseInt(shape.group(1));
      int width = Integer.parseInt(shape.group(2));
      ByteOrder order = type.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      boolean isWide = type.group(2).equals("f8");
      int size = isWide ? 8 : 4;
      long left = channel.size() - channel.position();
      if (left != (long) size * rows * width) {
        throw broken(
            file,
            "a matrix of %,d × %,d has %,d bytes, and %,d are there"
                .formatted(rows, width, (long) size * rows * width, left));
      }
      float[] numbers = new float[rows * width];
      for (int from = 0; from < numbers.length; from += BLOCK) {
        int count = Math.min(BLOCK, numbers.length - from);
        ByteBuffer some = bytes(channel, (long) size * count, file).order(order);
        for (int k = from; k < from + count; k++) {
          numbers[k] = isWide ? (float) some.getDouble() : some.getFloat();
          if (!Float.isFinite(numbers[k])) {
            throw broken(
                file, "number %d of row %d is not finite".formatted(k % width + 1, k / width + 1));
          }
        }
      }
      return new NpyFile(rows, width, numbers);
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
  }

  /** Writes the matrix as a CSV file with these names of columns. */
  public void writeCsv(Path file) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write(String.join(",", columns(width)));
      for (int i = 0; i < numbers.length; i++) {
        out.write(i % width == 0 ? "\n" : ",");
        out.write(Float.toString(numbers[i]));
      }
      out.write("\n");
    }
  }

  private static void requireFits(Path file, Matcher shape) {
    var numbers = new BigInteger(shape.group(1)).multiply(new BigInteger(shape.group(2)));
    if (numbers.compareTo(BigInteger.valueOf(LARGEST)) > 0) {
      throw new InvalidInputException(
              "The matrix has %,d numbers; at most %,d can be read.".formatted(numbers, LARGEST),
              "its rows can be divided among several files.")
          .at(file.toString());
    }
    if (numbers.signum() == 0) {
      throw broken(file, "it has no numbers");
    }
  }

  private static ByteBuffer bytes(FileChannel channel, long count, Path file) throws IOException {
    if (count > Math.min(LARGEST, channel.size() - channel.position())) {
      throw broken(file, "it ends too early");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) count).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw broken(file, "it ends too early");
      }
    }
    return bytes.flip();
  }

  private static InvalidInputException broken(Path file, String why) {
    return new InvalidInputException(
            "The file is no matrix of NumPy: %s.".formatted(why),
            "numpy.save('features.npy', matrix.astype('float32')) writes one.")
        .at(file.toString());
  }
}
