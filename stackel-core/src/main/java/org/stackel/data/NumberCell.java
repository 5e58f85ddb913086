package org.stackel.data;

import java.util.regex.Pattern;
import org.stackel.config.InvalidInputException;

/** What stands in the place of a number. */
public final class NumberCell {
  private static final Pattern WITH_COMMA =
      Pattern.compile("[+-]?[0-9]+(\\.[0-9]{3})*,[0-9]+([eE][+-]?[0-9]+)?");

  private NumberCell() {}

  /** Whether a cell says that there is no number: it is blank, or such as NA. */
  public static boolean isMissing(String cell) {
    String plain = cell.strip();
    return Labels.NONE.contains(plain) || plain.equals("?") || plain.equals("-");
  }

  /** Whether it is a number but for a comma. */
  public static boolean hasComma(String cell) {
    return WITH_COMMA.matcher(cell.strip()).matches();
  }

  /** The complaint about a cell that is no number. */
  public static InvalidInputException noNumber(String column, String cell) {
    return new InvalidInputException(
        "The column '%s' is '%s'; it must be a number with a decimal point."
            .formatted(column, cell.strip()),
        hasComma(cell)
            ? "the comma is a decimal comma or separates thousands: write 3.14, or 1234."
            : "the cell can be left empty.");
  }
}
