package org.stackel.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Edits of a file as disks, copies, editors and other programs make them. */
final class Damage {
  private static final int LARGEST = 1 << 20;
  private static final int FEW = 40;

  private static final List<String> CELLS =
      List.of(
          "",
          "-1",
          "0",
          "0.5",
          "1e308",
          "-1e308",
          "1e-320",
          "NaN",
          "Infinity",
          "null",
          "true",
          "1,5",
          "[]",
          "{}",
          "\"\"",
          "99999999999999999999",
          "-99999999999999999999",
          "0x1p3",
          "1D",
          "٣",
          "%s%n%d",
          "'",
          "\\",
          "\\u0000",
          "\"",
          "=cmd|' /C calc'!A0",
          "../../x",
          "qid:1",
          "1:1 1:1",
          "0:1",
          "-1:1",
          "1:",
          ":1",
          "#",
          "\r",
          "\n\n",
          ";",
          "\t",
          "\u0000",
          "\u202e",
          "\uFEFF",
          "\uD83D\uDE00",
          "\u001b[31m",
          "2026-99-99T99:99:99Z");

  /** Sizes: only where none of them is a wish to work for hours. */
  private static final List<String> SIZES =
      List.of(
          "2147483647",
          "2147483648",
          "-2147483648",
          "100000000",
          "4294967295",
          "9223372036854775807",
          "4611686018427387904",
          "100000000:1");

  private static final List<byte[]> FOREIGN =
      List.of(
          bytes(""),
          bytes(" \n \n"),
          bytes("null"),
          bytes("[]"),
          bytes("{}"),
          bytes("\"a\""),
          bytes("0"),
          bytes("\uFEFF"),
          bytes("<!DOCTYPE html><html></html>"),
          bytes("PK\u0003\u0004"),
          bytes("PAR1"),
          bytes("\n".repeat(300)),
          bytes("a".repeat(100_000)),
          bytes("[".repeat(20_000)),
          bytes("{\"a\":".repeat(20_000)),
          bytes("1,".repeat(20_000)),
          bytes("\"".repeat(9_999)),
          bytes("\u0000".repeat(64)),
          new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'},
          new byte[] {0x1F, (byte) 0x8B, 8, 0},
          new byte[] {(byte) 0xFF, (byte) 0xFE, 'a'});

  private final Random random;
  private final List<String> words = new ArrayList<>(CELLS);

  Damage(Random random, boolean withSizes) {
    this.random = random;
    if (withSizes) {
      words.addAll(SIZES);
    }
  }

  /** A damaged copy, most often with one edit. */
  byte[] of(byte[] whole) {
    byte[] damaged = whole;
    do {
      damaged = edit(damaged);
    } while (random.nextInt(3) == 0);
    return damaged;
  }

  private byte[] edit(byte[] from) {
    int at = random.nextInt(from.length + 1);
    int to = Math.min(from.length, at + 1 + random.nextInt(FEW));
    return switch (random.nextInt(14)) {
      case 0 -> Arrays.copyOf(from, at);
      case 1 -> flip(from);
      case 2 -> joined(from, at, at, word());
      case 3 -> joined(from, at, to, new byte[0]);
      case 4 -> joined(from, at, to, special());
      case 5 -> joined(from, at, at, repeated(Arrays.copyOfRange(from, at, to)));
      case 6, 7, 8, 9 -> token(from, at);
      case 10, 11, 12 -> lines(from);
      default -> FOREIGN.get(random.nextInt(FOREIGN.size()));
    };
  }

  private byte[] word() {
    return bytes(words.get(random.nextInt(words.size())));
  }

  private byte[] special() {
    byte[] special = {0, -1, '"', ',', '\n', '\r', '{', ']', ' ', '\t', (byte) 0xC3, (byte) 0xE9};
    return new byte[] {special[random.nextInt(special.length)]};
  }

  private byte[] flip(byte[] from) {
    byte[] copy = from.clone();
    if (copy.length > 0) {
      copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return copy;
  }

  /** Now and then thousands of times, which recursions do not bear. */
  private byte[] repeated(byte[] part) {
    int times = random.nextInt(4) == 0 ? 5_000 : 1 + random.nextInt(3);
    var out = new ByteArrayOutputStream();
    for (int i = 0; i < times && out.size() < LARGEST / 2; i++) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** Puts something in place of a number, a word or a quoted text. */
  private byte[] token(byte[] from, int at) {
    int start = at;
    while (start < from.length && !isOfWord(from[start])) {
      start++;
    }
    int begin = start;
    while (begin > 0 && isOfWord(from[begin - 1])) {
      begin--;
    }
    int end = start;
    while (end < from.length && isOfWord(from[end])) {
      end++;
    }
    boolean isQuoted = begin > 0 && end < from.length && from[begin - 1] == '"' && from[end] == '"';
    int more = isQuoted && random.nextBoolean() ? 1 : 0;
    return joined(from, begin - more, end + more, word());
  }

  private static boolean isOfWord(byte b) {
    return Character.isLetterOrDigit(b) || b == '.' || b == '-' || b == '_' || b == '+';
  }

  private byte[] lines(byte[] from) {
    String text = new String(from, StandardCharsets.ISO_8859_1); // every byte a character
    var lines = new ArrayList<>(Arrays.asList(text.split("(?<=\n)", -1)));
    int one = random.nextInt(lines.size());
    int other = random.nextInt(lines.size());
    switch (random.nextInt(3)) {
      case 0 -> Collections.swap(lines, one, other);
      case 1 -> lines.remove(one);
      default -> lines.add(other, lines.get(one));
    }
    return String.join("", lines).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] joined(byte[] from, int at, int to, byte[] with) {
    var out = new ByteArrayOutputStream();
    out.write(from, 0, at);
    out.writeBytes(with);
    out.write(from, to, from.length - to);
    byte[] all = out.toByteArray();
    return all.length > LARGEST ? Arrays.copyOf(all, LARGEST) : all;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
