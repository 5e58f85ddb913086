package org.stackel.text;

import org.stackel.config.InvalidInputException;
import org.stackel.config.Option;
import org.stackel.config.Rules;

/**
 * Which rows of a table are read: those that have this value in this column. In experiment files
 * {@code "column=value"}.
 *
 * @param column name of the column, or key
 * @param value what must stand there
 */
public record Only(String column, String value) implements Option {
  @Override
  public Object toOption() {
    return column + "=" + value;
  }

  /** The option in words, where it is one of several. */
  public static String kind() {
    return "texts of the form column=value";
  }

  /** Reads what {@link #toOption} writes. */
  public static Only fromOption(Rules rules, String name, Object value) {
    String text = String.valueOf(value);
    int equals = text.indexOf('=');
    if (equals <= 0) {
      throw rules.broken(
          name, text, "must have the form column=value", "[\"split=train\"] shows the form.");
    }
    return new Only(text.substring(0, equals), text.substring(equals + 1));
  }

  /** The complaint that no row has the value. */
  InvalidInputException nothingLeft() {
    return new InvalidInputException(
        "No row has '%s' in the column '%s'.".formatted(value, column),
        "the value is misspelt; upper and lower case matter.");
  }
}
