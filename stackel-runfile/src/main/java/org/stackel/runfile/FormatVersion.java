package org.stackel.runfile;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/**
 * The version of the files' formats, the first key of every file that is written as a whole. Files
 * without it have version 1.
 */
public final class FormatVersion {
  /** The newest version that this release knows, and the one that it writes. */
  public static final int CURRENT = 1;

  /** The key. */
  public static final String KEY = "version";

  private FormatVersion() {}

  /**
   * Refuses versions that this release does not know.
   *
   * @param content of a whole file, as JSON has it
   * @throws InvalidInputException with the key, for a version that is not one of 1 to {@value
   *     #CURRENT}
   */
  public static void check(Map<?, ?> content) {
    Object version = content.get(KEY);
    if (!content.containsKey(KEY) || isKnown(version)) {
      return;
    }
    if (String.valueOf(CURRENT).equals(version)) {
      throw new InvalidInputException(
              String.format(
                  Locale.ROOT,
                  "The version (\"%s\") must be the number %d, without quotes.",
                  version,
                  CURRENT),
              "remove the quotes.")
          .atKey(KEY);
    }
    throw version instanceof Number number && number.doubleValue() > CURRENT
        ? new InvalidInputException(
                String.format(
                    Locale.ROOT,
                    "The version (%s) is larger than %d: the file was written by a newer Stackel.",
                    version,
                    CURRENT),
                "a newer release of Stackel reads it.")
            .atKey(KEY)
        : new InvalidInputException(
                String.format(Locale.ROOT, "The version (%s) must be %d.", version, CURRENT),
                "leave the key out: the version is then 1.")
            .atKey(KEY);
  }

  static boolean isKnown(@Nullable Object version) {
    return version instanceof Number number
        && number.doubleValue() >= 1
        && number.doubleValue() <= CURRENT;
  }
}
