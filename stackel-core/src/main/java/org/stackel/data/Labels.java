package org.stackel.data;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Labels in one spelling, whatever file they come from. Blanks of all kinds, invisible characters
 * and quotes around a label are no part of it, accents are composed (NFC), and whole numbers are
 * written in one way: {@code 1}, {@code 1.0}, {@code +1} and {@code 1.000e+00} are the class 1.
 * What is no plain number, such as {@code 01}, {@code 1D} or {@code 1_000}, stays as it is.
 */
public final class Labels {
  /** What programs write where there is no label. */
  static final Set<String> NONE =
      Set.of(
          "", "NaN", "nan", "-NaN", "-nan", "null", "NULL", "None", "N/A", "n/a", "NA", "<NA>",
          "#N/A", "#NA");

  /** What stands for no agreed relation between two sentences. */
  public static final List<String> NO_RELATION = List.of("-", "-1");

  private static final Pattern WHOLE =
      Pattern.compile("[+-]?(?:0|[1-9][0-9]{0,14})(?:\\.0*)?(?:[eE][+-]0+)?");
  private static final Pattern SCIENTIFIC =
      Pattern.compile("[+-]?[1-9]\\.[0-9]+[eE]\\+(?:0[0-9]|1[0-4])");

  /** What a number begins with that only its spelling needs. */
  private static final Pattern ZEROS = Pattern.compile("^0+(?=[0-9]+$)");

  private Labels() {}

  /** A label in its one spelling; empty if nothing is left of it. */
  public static String normal(String raw) {
    String label = trimmed(raw);
    if (label.length() > 1 && label.startsWith("\"") && label.endsWith("\"")) {
      label = trimmed(label.substring(1, label.length() - 1));
    }
    return number(label);
  }

  /** A text without blanks and invisible characters at both ends, its accents composed. */
  public static String trimmed(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isBlank(text.codePointAt(from))) {
      from += Character.charCount(text.codePointAt(from));
    }
    while (to > from && isBlank(text.codePointBefore(to))) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    return Normalizer.normalize(text.substring(from, to), Normalizer.Form.NFC);
  }

  private static boolean isBlank(int c) {
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || Character.getType(c) == Character.FORMAT
        || Character.getType(c) == Character.CONTROL;
  }

  private static String number(String label) {
    if (!WHOLE.matcher(label).matches() && !SCIENTIFIC.matcher(label).matches()) {
      return label;
    }
    double value = Double.parseDouble(label);
    return value == Math.rint(value) ? Long.toString((long) value) : label;
  }

  /** What two labels have in common that a reader would take for the same. */
  static String likeness(String label) {
    var plain = new StringBuilder(label.length());
    Normalizer.normalize(label, Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .codePoints()
        .filter(c -> !isBlank(c) && c != '_')
        .forEach(plain::appendCodePoint);
    return ZEROS.matcher(plain).replaceFirst("");
  }
}
