package org.stackel.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The standard output, which remembers that it could not be written. */
final class ResultStream extends FilterOutputStream {
  private @Nullable String lost;

  ResultStream(OutputStream out) {
    super(out);
  }

  /** Why something was lost; null if nothing was, or if its reader had enough, such as head. */
  @Nullable String lost() {
    return lost == null || lost.toLowerCase(Locale.ROOT).contains("pipe") ? null : lost;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      lost = String.valueOf(e.getMessage());
      throw e;
    }
  }
}
