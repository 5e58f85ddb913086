package org.stackel.config;

import java.util.Locale;

/** Texts with values of users' files, made fit for a terminal. */
public final class Shown {
  private static final int MAX_HEAD = 1_600;
  private static final int MAX_TAIL = 400;

  private static final int MAX_VALUE = 200;

  private Shown() {}

  /** A value within a sentence: shorter, so that the rule behind it is seen. */
  static String value(Object value) {
    String text = String.valueOf(value);
    int most = MAX_VALUE / 2;
    return plain(
        text.length() <= MAX_VALUE
            ? text
            : text.substring(0, most) + " … " + text.substring(text.length() - most));
  }

  /** The reason of a JSON parser in words for people who do not know the parser. */
  public static String jsonReason(String reason) {
    return reason
        .replaceAll("^Unexpected end-of-input.*", "the text ends too early")
        .replaceAll(" \\(for (?:Object|Array) starting at .*\\)$", "")
        .replaceAll("\\(?\\(CTRL-CHAR, code 10\\)\\)?", "(a line break)")
        .replaceAll("\\(?\\(CTRL-CHAR, code \\d+\\)\\)?", "(a control character)")
        .replace("separate Object entries", "separate entries of an object")
        .replace("separate Array entries", "separate entries of a list")
        .replace("no open Object to close", "no { is open")
        .replace("no open Array to close", "no [ is open")
        .replaceAll("maybe a \\(non-standard\\) comment\\?.*", "JSON has no comments")
        .replaceAll(" \\(code \\d+[^)]*\\)", "")
        .replaceAll(
            "\\((?:for )?JSON String, Number, Array, Object or token 'null', 'true' or 'false'\\)",
            "(a text in quotes, a number, a list, an object, true, false or null)")
        .replaceAll("\\(JSON String, Number \\(or 'NaN'[^)]*\\)[^)]*\\)", "(a value)");
  }

  /** The text with its middle cut if it is very long, and without characters that command. */
  static String of(String text) {
    return plain(
        text.length() <= MAX_HEAD + MAX_TAIL
            ? text
            : text.substring(0, MAX_HEAD) + " … " + text.substring(text.length() - MAX_TAIL));
  }

  /** The text without characters that command a terminal. */
  public static String plain(String text) {
    if (text.chars().noneMatch(Shown::isCommand)) {
      return text;
    }
    var plain = new StringBuilder();
    text.chars()
        .forEach(
            c -> {
              if (isCommand(c)) {
                plain.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                plain.append((char) c);
              }
            });
    return plain.toString();
  }

  private static boolean isCommand(int c) {
    return Character.isISOControl(c) && c != '\n' && c != '\t';
  }
}
