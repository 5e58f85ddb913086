package org.stackel.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Fingerprints of source files, for the provenance of a run. */
public final class Sha256 {
  private Sha256() {}

  /**
   * SHA-256 of a file as it lies on disk, as 64 lower-case hexadecimal digits.
   *
   * @throws org.stackel.config.InvalidInputException if the file is missing or cannot be read
   */
  public static String of(Path file) {
    MessageDigest digest = digest();
    try (InputStream in = InputFile.open(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256 of bytes, as 64 hexadecimal digits. */
  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
