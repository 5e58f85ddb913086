package org.stackel.distributed;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.stackel.config.InvalidInputException;

/** What a process must know to join a run. It is proved, never sent. */
public final class Token {
  /** The environment variable that hands a token to a process. */
  public static final String VARIABLE = "STACKEL_RANK_TOKEN";

  private static final int SHORTEST = 16;
  private static final String MAC = "HmacSHA256";

  private final byte[] key;

  private Token(String text) {
    key = text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * A token that all ranks were given.
   *
   * @throws InvalidInputException if it has fewer than 16 characters
   */
  public static Token of(String text) {
    if (text.length() < SHORTEST) {
      throw new InvalidInputException(
              "The token of the run must have at least %d characters, not %d."
                  .formatted(SHORTEST, text.length()),
              "`openssl rand -hex 32` makes one; every rank needs the same.")
          .at(VARIABLE);
    }
    return new Token(text);
  }

  /** The text of a new token, from the operating system's randomness. */
  public static String random() {
    return HexFormat.of().formatHex(nonce());
  }

  /** 32 bytes that nobody can guess. */
  static byte[] nonce() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /** What only somebody with the token can compute of these bytes. */
  byte[] proof(byte[] about) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key, MAC));
      return mac.doFinal(about);
    } catch (GeneralSecurityException e) { // every Java has it
      throw new IllegalStateException(e);
    }
  }

  boolean isProof(byte[] given, byte[] about) {
    return MessageDigest.isEqual(given, proof(about));
  }

  @Override
  public String toString() {
    return "Token";
  }
}
