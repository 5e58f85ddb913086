package org.stackel.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** Numbers for people: a decimal point, four digits, the same in every country. */
final class Numbers {
  /** The pattern of whole numbers. */
  static final String COUNT = "#,##0";

  private Numbers() {}

  /** Four significant digits; powers of ten for the very large and the very small. */
  static String plain(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
    }
    double size = Math.abs(value);
    if (value != 0 && (size >= 1e6 || size < 1e-3)) {
      return format("0.###E0", value).replace('E', 'e');
    }
    return size >= 1000
        ? format(COUNT, value)
        : minus(rounded(value, 4).stripTrailingZeros().toPlainString());
  }

  /** By a pattern such as 0.000, 0.0% or 0.00E0. */
  static String format(String pattern, double value) {
    return Double.isFinite(value)
        ? minus(
            new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value))
        : plain(value);
  }

  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  static String seconds(double seconds) {
    return (seconds < 100 ? format("0.0", seconds) : plain(seconds)) + " s";
  }

  /** For the data of the page: seven digits are more than a screen shows. */
  static BigDecimal rounded(double value, int digits) {
    return new BigDecimal(value).round(new MathContext(digits));
  }

  private static String minus(String number) {
    return number.replaceFirst("^-(0[.0]*%?)$", "$1").replace('-', '−'); // no sign before zero
  }
}
