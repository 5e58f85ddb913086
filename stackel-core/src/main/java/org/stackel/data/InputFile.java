package org.stackel.data;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;

/** Files that users name, with the complaints common to all of them. */
public final class InputFile {
  private static final int LARGEST = 1 << 30;

  /** Bytes of memory for each of a text file: its bytes, and its characters twice. */
  private static final int COPIES = 4;

  private InputFile() {}

  /**
   * Complains unless there is a file or a directory.
   *
   * @param builtIn names that may stand for a file, of which one may have been meant
   */
  public static void requireThere(Path path, Collection<String> builtIn) {
    if (!Files.exists(path)) {
      throw missing(path, builtIn);
    }
  }

  /** Complains unless there is a file. */
  public static void requireFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new InvalidInputException(
          "'%s' is a directory; it must be a file.".formatted(file), insteadOf(file));
    }
    if (!Files.exists(file)) {
      throw missing(file, List.of());
    }
  }

  /** Opens a file as it is. */
  public static InputStream open(Path file) {
    requireFile(file);
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Opens a file and, if its name says so, unpacks it. */
  public static InputStream openUnpacked(Path file) {
    InputStream in = open(file);
    if (!isGzip(file)) {
      return in;
    }
    try {
      return new GZIPInputStream(in, 1 << 16);
    } catch (IOException e) {
      InvalidInputException complaint = unreadable(file, e);
      try {
        in.close();
      } catch (IOException closing) {
        complaint.addSuppressed(closing);
      }
      throw complaint;
    }
  }

  /** All bytes of a file as it lies on disk. */
  public static byte[] bytes(Path file) {
    try (InputStream in = open(file)) {
      return limited(file, in);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The text in the bytes of a file: unpacked if its name says so, without a byte order mark. */
  public static String text(Path file, byte[] bytes) {
    return utf8(file, plain(file, bytes));
  }

  /** The bytes of a file, unpacked if its name says so. */
  public static byte[] plain(Path file, byte[] bytes) {
    byte[] plain = isGzip(file) ? unpack(file, bytes) : bytes;
    requireNamedGzip(file, plain);
    return plain;
  }

  /** Complains about bytes that are packed although the name of their file does not say so. */
  static void requireNamedGzip(Path file, byte[] plain) {
    if (!isGzip(file) && plain.length > 1 && plain[0] == 0x1F && (plain[1] & 0xFF) == 0x8B) {
      throw new InvalidInputException(
              "The file is packed with gzip, but its name does not end in .gz.",
              "renaming it to '%s.gz' helps.".formatted(file.getFileName()))
          .at(file.toString());
    }
  }

  /** UTF-8, without a byte order mark. */
  public static String utf8(Path file, byte[] plain) {
    String text = decode(file, plain);
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** Whether the name of a file ends with {@code .gz}. */
  public static boolean isGzip(Path file) {
    return name(file).toLowerCase(Locale.ROOT).endsWith(".gz");
  }

  /** The last part of a path; empty for the root. */
  public static String name(Path file) {
    Path name = file.getFileName();
    return name == null ? "" : name.toString();
  }

  /** What to tell a user whose file cannot be read, with the reason and a remedy. */
  public static InvalidInputException unreadable(Path file, IOException e) {
    if (e instanceof ZipException && "Not in GZIP format".equals(e.getMessage())) {
      return new InvalidInputException(
              "The file is not packed; its name ends in .gz.", "its name must end without .gz.")
          .at(file.toString())
          .causedBy(e);
    }
    if (e instanceof ZipException || e instanceof EOFException) {
      return new InvalidInputException(
              "The gzip file is broken: %s.".formatted(e.getMessage()),
              "it was not copied to its end; `gzip -t %s` tests it.".formatted(file))
          .at(file.toString())
          .causedBy(e);
    }
    String why = e instanceof AccessDeniedException ? "permission is denied" : e.getMessage();
    return new InvalidInputException(
            "'%s' cannot be read: %s.".formatted(file, why), "another user owns it.")
        .causedBy(e);
  }

  private static byte[] unpack(Path file, byte[] bytes) {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes), 1 << 16)) {
      return limited(file, in);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static byte[] limited(Path file, InputStream in) throws IOException {
    return limited(file, in, Runtime.getRuntime().maxMemory());
  }

  /** All bytes, unless they cannot be read with so much memory: a small packed file may be huge. */
  static byte[] limited(Path file, InputStream in, long room) throws IOException {
    int most = (int) Math.min(LARGEST, room / COPIES);
    byte[] bytes = in.readNBytes(most);
    if (bytes.length == most && in.read() >= 0) {
      if (most < LARGEST) {
        throw Heap.tooSmall("The file", COPIES * (most + 1L), room).at(file.toString());
      }
      throw new InvalidInputException(
              "The file holds more than 1 GiB; a file of examples must fit in memory.",
              "a random part of it is enough.")
          .at(file.toString());
    }
    return bytes;
  }

  private static String decode(Path file, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    CoderResult result =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(in, out, true);
    if (!result.isError()) {
      return out.flip().toString();
    }
    int offset = in.position();
    int line = 1;
    for (int i = 0; i < offset; i++) {
      if (bytes[i] == '\n') {
        line++;
      }
    }
    int mark = bytes.length < 2 ? 0 : ((bytes[0] & 0xFF) << 8) | (bytes[1] & 0xFF);
    boolean wide = mark == 0xFFFE || mark == 0xFEFF;
    String encoding = wide ? "UTF-16" : "ISO-8859-1";
    throw new InvalidInputException(
            "The byte 0x%02X at offset %d is no UTF-8; files must be UTF-8."
                .formatted(bytes[offset], offset),
            "the file is %s: `iconv -f %s -t UTF-8` converts it.".formatted(encoding, encoding))
        .at(file + ":" + line);
  }

  private static InvalidInputException missing(Path file, Collection<String> builtIn) {
    Path directory = directory(file);
    if (!Files.isDirectory(directory)) {
      return new InvalidInputException(
          "There is no file '%s': its directory does not exist.".formatted(file),
          "the path starts from another directory than %s."
              .formatted(Path.of("").toAbsolutePath()));
    }
    var names = new ArrayList<>(names(directory));
    if (file.getParent() == null) {
      names.addAll(builtIn);
    }
    String nearest = Options.nearest(name(file), names);
    return new InvalidInputException(
        "There is no file '%s'.".formatted(file),
        nearest.isEmpty()
            ? "it lies elsewhere: the directory is empty."
            : Options.isNear(name(file), nearest) || Options.isNear(stem(name(file)), stem(nearest))
                ? "'%s' was meant.".formatted(sibling(file, nearest))
                : "it lies elsewhere: no name in its directory is like it.");
  }

  /** A name up to its first dot, or the whole of one that begins with it. */
  private static String stem(String name) {
    int dot = name.indexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  private static String insteadOf(Path directory) {
    return names(directory).stream()
        .filter(name -> Files.isRegularFile(directory.resolve(name)))
        .findFirst()
        .map(name -> "a file in it was meant, such as '%s'.".formatted(directory.resolve(name)))
        .orElse("a file elsewhere was meant: this directory holds none.");
  }

  private static Path directory(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file : parent;
  }

  private static Path sibling(Path file, String name) {
    @Nullable Path parent = file.getParent();
    return parent == null ? Path.of(name) : parent.resolve(name);
  }

  private static List<String> names(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(InputFile::name).sorted().toList();
    } catch (IOException e) {
      return List.of(); // only a hint is lost
    }
  }
}
