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

  /** Below this share of a number its error is that of the arithmetic. */
  private static final double ROUNDING = 1e-12;

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

  /** A mean with its standard error, whose first two digits say how many a reader can use. */
  static String measured(double mean, double error) {
    double size = Math.max(Math.abs(mean), error);
    if (!Double.isFinite(size)) {
      return plain(mean) + " ± " + plain(error);
    }
    if (error <= ROUNDING * size) {
      return plain(mean) + " ± 0";
    }
    int decimals = 1 - exponent(error);
    if (size < 1e-3 || size >= 1e6) {
      int power = exponent(size);
      double unit = Math.pow(10, power);
      String pattern = decimals(Math.min(decimals + power, 3));
      return "(%s ± %s)e%s"
          .formatted(
              format(pattern, mean / unit), format(pattern, error / unit), minus("" + power));
    }
    String pattern = size >= 1000 ? COUNT : decimals(Math.min(decimals, 6));
    return format(pattern, mean) + " ± " + format(pattern, error);
  }

  private static int exponent(double positive) {
    return (int) Math.floor(Math.log10(positive));
  }

  private static String decimals(int count) {
    return count > 0 ? "0." + "0".repeat(count) : "0";
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
