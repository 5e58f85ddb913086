package org.stackel.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a whole number, and complains in words. */
final class WholeNumber implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException(
          (text.matches("[+-]?[0-9]+") ? "'%s' is beyond ±2^63" : "'%s' is not a whole number")
              .formatted(text));
    }
  }
}
