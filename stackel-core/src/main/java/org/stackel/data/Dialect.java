package org.stackel.data;

import java.util.Locale;

/**
 * How cells are written in a delimited file.
 *
 * @param separator character between cells
 * @param quotes what a quote at the beginning of a cell means
 */
record Dialect(char separator, Quotes quotes) {
  /** What a quote at the beginning of a cell means. */
  enum Quotes {
    /** The cell runs to the closing quote; a quote inside is written twice (RFC 4180). */
    DOUBLED,
    /** The same, with blanks allowed around the quotes. */
    AFTER_BLANKS,
    /** The cell runs to the closing quote; a backslash stands before a quote inside. */
    BACKSLASH,
    /** A quote is a character like others, and cells never run over lines. */
    NONE
  }

  boolean hasQuotes() {
    return quotes != Quotes.NONE;
  }

  /** The separator in words. */
  String separatorName() {
    return name(separator);
  }

  static String name(char separator) {
    return separator == '\t' ? "a tab" : separator == ',' ? "a comma" : "'" + separator + "'";
  }

  /** Whether a character may stand around the quotes of a cell. */
  boolean isBlank(char c) {
    return quotes == Quotes.AFTER_BLANKS && c != separator && (c == ' ' || c == '\t');
  }

  /** What a cell says. */
  String decoded(String raw) {
    if (!isQuoted(raw)) {
      return raw;
    }
    String inner = raw.strip();
    inner = inner.substring(1, inner.length() - 1);
    if (quotes != Quotes.BACKSLASH) {
      return inner.indexOf('"') < 0 ? inner : inner.replace("\"\"", "\"");
    }
    var text = new StringBuilder(inner.length());
    for (int i = 0; i < inner.length(); i++) {
      char c = inner.charAt(i);
      boolean isEscape = i + 1 < inner.length() && isEscaped(c, inner.charAt(i + 1));
      text.append(isEscape ? inner.charAt(++i) : c);
    }
    return text.toString();
  }

  /** A backslash before anything else stays: paths and formulas have them. */
  private static boolean isEscaped(char first, char second) {
    return (first == '\\' && (second == '"' || second == '\\')) || (first == '"' && second == '"');
  }

  boolean isQuoted(String raw) {
    int at = 0;
    while (at < raw.length() && isBlank(raw.charAt(at))) {
      at++;
    }
    return hasQuotes() && at < raw.length() && raw.charAt(at) == '"';
  }

  /**
   * How a value is written in the place of a cell: quoted if the cell was, or if it must be, with
   * the blanks that the cell has around it, unless the value has some itself.
   */
  String encoded(String value, String inPlaceOf) {
    if (!value.equals(value.strip())) {
      return isQuoted(inPlaceOf) ? quoted(value) : encoded(value);
    }
    int from = 0;
    int to = inPlaceOf.length();
    while (from < to && inPlaceOf.charAt(from) == ' ') {
      from++;
    }
    while (to > from && inPlaceOf.charAt(to - 1) == ' ') {
      to--;
    }
    boolean isQuoted = isQuoted(inPlaceOf);
    if (isQuoted && quotes != Quotes.AFTER_BLANKS) {
      return quoted(value);
    }
    return inPlaceOf.substring(0, from)
        + (isQuoted ? quoted(value) : encoded(value))
        + inPlaceOf.substring(to);
  }

  /** How a value is written in a new cell. */
  String encoded(String value) {
    boolean isPlain =
        value.indexOf(separator) < 0
            && value.indexOf('\n') < 0
            && value.indexOf('\r') < 0
            && (!hasQuotes() || value.indexOf('"') < 0);
    if (isPlain) {
      return value;
    }
    if (!hasQuotes()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "'%s' must have neither %s nor a line break: the file has no quotes",
              value,
              separatorName()));
    }
    return quoted(value);
  }

  private String quoted(String value) {
    String inner =
        quotes == Quotes.BACKSLASH
            ? value.replace("\\", "\\\\").replace("\"", "\\\"")
            : value.replace("\"", "\"\"");
    return '"' + inner + '"';
  }
}
