package org.stackel.data;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/**
 * The text of a file: unpacked if its name ends in {@code .gz}, without a byte order mark.
 *
 * <p>An encoding that nobody names is found from all bytes: a byte order mark says it; zero bytes
 * at every second place are UTF-16; what is valid UTF-8 is UTF-8; anything else is windows-1252,
 * which a remark says.
 *
 * @param file the file
 * @param sha256 SHA-256 of the file as it lies on disk, in lower-case hexadecimal digits
 * @param text its characters
 * @param encoding how bytes spell them
 * @param remarks what a reader should know about the encoding
 */
public record FileText(
    Path file, String sha256, String text, TextEncoding encoding, List<String> remarks) {

  /** What UTF-8 looks like that was taken for windows-1252. */
  private static final Pattern MOJIBAKE =
      Pattern.compile(
          "[\u00C2\u00C3][\u0080-\u00BF\u0152\u0153\u0160\u0161\u0178\u017D\u017E\u0192"
              + "\u02C6\u02DC\u2013\u2014\u2018-\u201A\u201C-\u201E\u2020-\u2022\u2026\u2030\u2039\u203A\u20AC\u2122]"
              + "|\u00E2(?:\u20AC|\u0080).|\u00EF\u00BB\u00BF");

  private static final String FIRST_OF_MOJIBAKE = "\u00C2\u00C3\u00E2\u00EF";
  private static final int LEAST_MOJIBAKE = 2;

  /** Copies the remarks. */
  public FileText {
    remarks = List.copyOf(remarks);
  }

  /** The same with other characters. */
  FileText withText(String other) {
    return new FileText(file, sha256, other, encoding, remarks);
  }

  /**
   * Reads a file whole.
   *
   * @param encoding its encoding, such as {@code windows-1252}; found out if null
   * @throws InvalidInputException if the file cannot be read, or is not in the encoding named
   */
  public static FileText read(Path file, @Nullable String encoding) {
    byte[] bytes = InputFile.bytes(file);
    return of(file, bytes, encoding);
  }

  /**
   * The text in the bytes of a file.
   *
   * @param bytes the bytes as they lie on disk
   * @param encoding its encoding; found out if null
   */
  static FileText of(Path file, byte[] bytes, @Nullable String encoding) {
    return of(file, Sha256.of(bytes), InputFile.plain(file, bytes), encoding);
  }

  /**
   * The text in the unpacked bytes of a file, or in those that it begins with.
   *
   * @param plain up to the end of a line, if they are not all
   */
  static FileText of(Path file, String sha256, byte[] plain, @Nullable String encoding) {
    var remarks = new ArrayList<String>();
    requireText(file, plain);
    TextEncoding known = encoding == null ? detect(file, plain, remarks) : named(encoding, plain);
    String text = known.decode(plain);
    if (text == null) {
      throw notIn(file, plain, known);
    }
    remarkOnMojibake(file, text, remarks);
    remarkOnLoss(file, text, remarks);
    return new FileText(file, sha256, text, known, remarks);
  }

  private static void requireText(Path file, byte[] plain) {
    String start =
        new String(plain, 0, Math.min(64, plain.length), StandardCharsets.ISO_8859_1)
            .stripLeading();
    String lower = start.toLowerCase(Locale.ROOT);
    String what =
        start.startsWith("PK\u0003\u0004")
            ? "a ZIP archive, such as an Excel workbook"
            : start.startsWith("\u00d0\u00cf\u0011\u00e0")
                ? "an old Excel workbook"
                : start.startsWith("PAR1")
                    ? "a Parquet file"
                    : start.startsWith("%PDF-")
                        ? "a PDF document"
                        : lower.startsWith("<!doctype html") || lower.startsWith("<html")
                            ? "a web page"
                            : null;
    if (what != null) {
      throw new InvalidInputException(
              "The file is %s; it must be CSV, TSV, JSONL or LIBSVM.".formatted(what),
              what.equals("a web page")
                  ? "downloading it did not succeed."
                  : "saving it as CSV was forgotten.")
          .at(file.toString());
    }
  }

  // ---- detection -------------------------------------------------------------------------------

  private static TextEncoding detect(Path file, byte[] plain, List<String> remarks) {
    TextEncoding marked = TextEncoding.marked(plain);
    if (marked != null) {
      return marked;
    }
    Utf8 utf8 = Utf8.of(plain);
    Charset wide = wide(plain, utf8.isValid());
    if (wide != null) {
      remarks.add(
          "%s: read as %s, for every second byte is zero; --encoding names another encoding."
              .formatted(file, wide.name()));
      return new TextEncoding(wide, new byte[0]);
    }
    if (utf8.isValid()) {
      return TextEncoding.utf8();
    }
    if (utf8.characters > utf8.invalid) {
      throw utf8.complaint(file, plain);
    }
    remarks.add(
        "%s: read as windows-1252, for the byte 0x%02X in line %d is not UTF-8; --encoding names another encoding."
            .formatted(file, plain[utf8.first], line(plain, utf8.first)));
    return new TextEncoding(TextEncoding.WINDOWS, new byte[0]);
  }

  /** UTF-16 without a mark: zero bytes at even or at odd places only, and many of them. */
  private static @Nullable Charset wide(byte[] bytes, boolean isUtf8) {
    int even = 0;
    int odd = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        if (i % 2 == 0) {
          even++;
        } else {
          odd++;
        }
      }
    }
    int many = Math.max(even, odd);
    int few = Math.min(even, odd);
    boolean areEnough = isUtf8 ? many > bytes.length / 8 : many > 0;
    if (bytes.length % 2 != 0 || !areEnough || 20 * few > many) {
      return null;
    }
    Charset charset = odd > even ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
    return new TextEncoding(charset, new byte[0]).decode(bytes) == null ? null : charset;
  }

  /** How much of some bytes is UTF-8. */
  private static final class Utf8 {
    /** Characters of several bytes. */
    private int characters;

    private int invalid;
    private int first = -1;

    static Utf8 of(byte[] bytes) {
      var utf8 = new Utf8();
      int at = 0;
      while (at < bytes.length) {
        if (bytes[at] >= 0) {
          at++;
          continue;
        }
        int length = length(bytes, at);
        if (length == 0) {
          utf8.invalid++;
          if (utf8.first < 0) {
            utf8.first = at;
          }
          at++;
        } else {
          utf8.characters++;
          at += length;
        }
      }
      return utf8;
    }

    boolean isValid() {
      return invalid == 0;
    }

    /** Bytes of the character that begins here; 0 if none does. */
    private static int length(byte[] bytes, int at) {
      int lead = bytes[at] & 0xFF;
      int length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
      if (length == 0 || at + length > bytes.length) {
        return 0;
      }
      for (int i = 1; i < length; i++) {
        if ((bytes[at + i] & 0xC0) != 0x80) {
          return 0;
        }
      }
      int second = bytes[at + 1] & 0xFF;
      boolean isOverlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
      boolean isNone = (lead == 0xED && second >= 0xA0) || (lead == 0xF4 && second >= 0x90);
      return isOverlong || isNone ? 0 : length;
    }

    InvalidInputException complaint(Path file, byte[] bytes) {
      return new InvalidInputException(
              "The byte 0x%02X is not UTF-8, but the rest of the file is: %d characters of several bytes against %d such %s."
                  .formatted(bytes[first], characters, invalid, invalid == 1 ? "byte" : "bytes"),
              "two files in different encodings were joined; --encoding windows-1252 reads all bytes, but some letters wrongly.")
          .at(file + ":" + line(bytes, first));
    }
  }

  // ---- named -----------------------------------------------------------------------------------

  private static TextEncoding named(String name, byte[] plain) {
    Charset charset = charset(name);
    TextEncoding marked = TextEncoding.marked(plain);
    if (marked != null && charset.name().startsWith(marked.name().replaceFirst("[BL]E$", ""))) {
      return marked; // UTF-16 is said, and the mark says which
    }
    boolean isLatin = charset.equals(StandardCharsets.ISO_8859_1);
    boolean isWide = charset.equals(StandardCharsets.UTF_16);
    return new TextEncoding(
        isLatin ? TextEncoding.WINDOWS : isWide ? StandardCharsets.UTF_16BE : charset, new byte[0]);
  }

  /**
   * The encoding of this name.
   *
   * @throws InvalidInputException if there is none
   */
  public static Charset charset(String name) {
    try {
      return Charset.forName(name);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw new InvalidInputException(
              "There is no encoding '%s'.".formatted(name),
              "UTF-8, UTF-16, windows-1252, Shift_JIS or GB18030 was meant.")
          .atKey("encoding")
          .causedBy(e);
    }
  }

  /**
   * The text in later bytes of a file.
   *
   * @param encoding that of its beginning
   * @param line line of the file with which the bytes begin
   */
  static FileText later(Path file, byte[] plain, TextEncoding encoding, int line) {
    var own = new TextEncoding(encoding.charset(), new byte[0]);
    String text = own.decode(plain);
    if (text == null) {
      int first = Math.max(0, Utf8.of(plain).first);
      throw new InvalidInputException(
              "The bytes from here on are not %s, as those before are.".formatted(own.name()),
              "--encoding windows-1252 was meant, or two files in different encodings were joined.")
          .at(file + ":" + (line + line(plain, first) - 1));
    }
    return new FileText(file, "", text, own, List.of());
  }

  private static InvalidInputException notIn(Path file, byte[] plain, TextEncoding encoding) {
    int first = Math.max(0, Utf8.of(plain).first);
    boolean isUtf8 = encoding.charset().equals(StandardCharsets.UTF_8);
    var complaint =
        new InvalidInputException(
            isUtf8
                ? "The byte 0x%02X is not UTF-8.".formatted(plain[first])
                : "The file is not %s.".formatted(encoding.name()),
            "--encoding can be left out: the encoding is then found from the bytes.");
    return complaint.at(isUtf8 ? file + ":" + line(plain, first) : file.toString());
  }

  private static int line(byte[] bytes, int offset) {
    int line = 1;
    for (int i = 0; i < offset; i++) {
      if (bytes[i] == '\n') {
        line++;
      }
    }
    return line;
  }

  // ---- mojibake --------------------------------------------------------------------------------

  private static void remarkOnMojibake(Path file, String text, List<String> remarks) {
    if (FIRST_OF_MOJIBAKE.chars().noneMatch(c -> text.indexOf(c) >= 0)) {
      return;
    }
    Matcher matcher = MOJIBAKE.matcher(text);
    int count = 0;
    int first = -1;
    while (matcher.find()) {
      if (count++ == 0) {
        first = matcher.start();
      }
    }
    if (count >= LEAST_MOJIBAKE) {
      remarks.add(
          "%s: %,d places look like UTF-8 that was once read as windows-1252, the first in line %d: '%s'. They stay as they are."
              .formatted(
                  file,
                  count,
                  1 + text.substring(0, first).chars().filter(c -> c == '\n').count(),
                  excerpt(text, first)));
    }
  }

  private static void remarkOnLoss(Path file, String text, List<String> remarks) {
    int zero = text.indexOf('\0');
    if (zero >= 0) {
      remarks.add(
          "%s: there are NUL characters, the first in line %d; they stay as they are."
              .formatted(file, 1 + text.substring(0, zero).chars().filter(c -> c == '\n').count()));
    }
    int lost = text.indexOf('\uFFFD');
    if (lost >= 0) {
      remarks.add(
          "%s: characters were lost before the file was written (U+FFFD), the first in line %d."
              .formatted(file, 1 + text.substring(0, lost).chars().filter(c -> c == '\n').count()));
    }
  }

  private static String excerpt(String text, int at) {
    int from = at;
    while (from > 0 && at - from < 12 && Character.isLetterOrDigit(text.charAt(from - 1))) {
      from--;
    }
    int to = at;
    while (to < text.length() && to - at < 12 && !Character.isWhitespace(text.charAt(to))) {
      to++;
    }
    return text.substring(from, to);
  }
}
