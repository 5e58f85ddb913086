package org.stackel.config;

import java.util.regex.Pattern;

/**
 * Texts of users in CSV files that Stackel composes. A spreadsheet executes a cell that begins like
 * a formula; an apostrophe before it makes it a text.
 */
public final class SpreadsheetText {
  /** What begins like a formula, perhaps behind blanks, and apostrophes that were there before. */
  private static final Pattern FORMULA =
      Pattern.compile("'*(?:[\\t\\r\\n]|\\s*[=+\\-@\uFF1D\uFF0B\uFF0D\uFF20])");

  private static final Pattern NUMBER =
      Pattern.compile("[+-](?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]Infinity");

  private SpreadsheetText() {}

  /** The text as a cell that nothing executes; numbers stay as they are. */
  public static String safe(String text) {
    return isFormula(text) && !NUMBER.matcher(text).matches() ? "'" + text : text;
  }

  /** The text of a cell that {@link #safe} wrote. */
  public static String original(String cell) {
    return cell.startsWith("'") && isFormula(cell) ? cell.substring(1) : cell;
  }

  private static boolean isFormula(String text) {
    return !text.isEmpty()
        && !Character.isLetterOrDigit(text.charAt(0))
        && FORMULA.matcher(text).lookingAt();
  }
}
