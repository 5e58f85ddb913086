package org.stackel.cli;

import java.io.PrintWriter;
import org.stackel.config.Shown;

/** Writes texts of users without the characters in them that command a terminal. */
final class PlainWriter extends PrintWriter {
  private final PrintWriter raw;

  PlainWriter(PrintWriter raw) {
    super(raw, true);
    this.raw = raw;
  }

  /** What a table is written to, whose every character counts. */
  static PrintWriter ofTables(PrintWriter out) {
    return out instanceof PlainWriter plain ? plain.raw : out;
  }

  @Override
  public void write(int c) {
    write(String.valueOf((char) c));
  }

  @Override
  public void write(char[] text, int from, int length) {
    write(new String(text, from, length));
  }

  @Override
  public void write(String text, int from, int length) {
    String plain = Shown.plain(text.substring(from, from + length));
    super.write(plain, 0, plain.length());
  }
}
