package org.stackel.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/**
 * How the bytes of a file spell its characters. What {@link #decode} reads, {@link #write} writes
 * with the same bytes.
 *
 * @param charset the encoding
 * @param mark the byte order mark that the file begins with; empty without one
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record TextEncoding(Charset charset, byte[] mark) {
  /** The encoding that other programs call ANSI or Latin-1. */
  static final Charset WINDOWS = Charset.forName("windows-1252");

  private static final Charset UTF_32LE = Charset.forName("UTF-32LE");
  private static final Charset UTF_32BE = Charset.forName("UTF-32BE");
  private static final int CHUNK = 1 << 14;

  /** Characters of the bytes of windows-1252; the five bytes that it leaves free stay controls. */
  private static final char[] OF_WINDOWS = ofWindows();

  private static char[] ofWindows() {
    char[] characters = new char[256];
    for (int b = 0; b < 256; b++) {
      char c = new String(new byte[] {(byte) b}, WINDOWS).charAt(0);
      characters[b] = c == '\uFFFD' ? (char) b : c;
    }
    return characters;
  }

  /** UTF-8 without a mark. */
  public static TextEncoding utf8() {
    return new TextEncoding(StandardCharsets.UTF_8, new byte[0]);
  }

  /** The encoding that the mark at the beginning of a file says; null without one. */
  static @Nullable TextEncoding marked(byte[] bytes) {
    for (Charset charset :
        new Charset[] {
          StandardCharsets.UTF_8,
          UTF_32LE, // before UTF-16, whose mark is its beginning
          UTF_32BE,
          StandardCharsets.UTF_16LE,
          StandardCharsets.UTF_16BE
        }) {
      byte[] mark = "\uFEFF".getBytes(charset);
      if (bytes.length >= mark.length && Arrays.equals(mark, Arrays.copyOf(bytes, mark.length))) {
        return new TextEncoding(charset, mark);
      }
    }
    return null;
  }

  /** Name of the encoding, such as UTF-8. */
  public String name() {
    return charset.name();
  }

  /**
   * The characters of a file without its mark; null if some bytes are none of this encoding.
   *
   * @param bytes all bytes, the mark included
   */
  @Nullable String decode(byte[] bytes) {
    int from = mark.length;
    if (charset.equals(WINDOWS)) {
      char[] text = new char[bytes.length - from];
      for (int i = 0; i < text.length; i++) {
        text[i] = OF_WINDOWS[bytes[from + i] & 0xFF];
      }
      return new String(text);
    }
    if (charset.equals(StandardCharsets.UTF_8)) {
      // Without a second copy of a large file; what is broken shows up as a replacement.
      String text = new String(bytes, from, bytes.length - from, charset);
      return text.indexOf('\uFFFD') < 0 || isValid(bytes) ? text : null;
    }
    try {
      return charset
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, from, bytes.length - from))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static boolean isValid(byte[] utf8) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /**
   * Writes a part of a text.
   *
   * @throws InvalidInputException if the encoding has no bytes for a character
   */
  void write(CharSequence text, int from, int to, OutputStream out) throws IOException {
    int at = from;
    while (at < to) {
      int end = Math.min(to, at + CHUNK);
      if (end < to && Character.isHighSurrogate(text.charAt(end - 1))) {
        end++;
      }
      out.write(encoded(text.subSequence(at, end)));
      at = end;
    }
  }

  private byte[] encoded(CharSequence text) {
    if (charset.equals(WINDOWS)) {
      return windows(text);
    }
    try {
      ByteBuffer bytes =
          charset
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .encode(CharBuffer.wrap(text));
      byte[] array = new byte[bytes.remaining()];
      bytes.get(array);
      return array;
    } catch (CharacterCodingException e) {
      throw notIn(charset, text).causedBy(e);
    }
  }

  private static byte[] windows(CharSequence text) {
    byte[] bytes = new byte[text.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = text.charAt(i);
      int b = c < 0x80 ? c : 0x80;
      while (b < 256 && OF_WINDOWS[b] != c) {
        b++;
      }
      if (b == 256) {
        throw notIn(WINDOWS, text);
      }
      bytes[i] = (byte) b;
    }
    return bytes;
  }

  private static InvalidInputException notIn(Charset charset, CharSequence text) {
    return new InvalidInputException(
        "The encoding %s has no bytes for a character of '%s'."
            .formatted(charset.name(), text.subSequence(0, Math.min(40, text.length()))),
        "the file can be converted to UTF-8 first.");
  }

  /** The bytes of a text, behind the mark. */
  byte[] bytes(String text) {
    var out = new ByteArrayOutputStream(text.length() + mark.length);
    try {
      out.write(mark);
      write(text, 0, text.length(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.toByteArray();
  }
}
