package org.stackel.sweep;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.tensor.Seed;

/** What values of a key are drawn from. */
sealed interface Range {
  /** A value, from a number that is drawn evenly from [0, 1). */
  @Nullable Object at(double place);

  /** The value of a point: a function of seed, key and number of the point. */
  default @Nullable Object draw(Seed seed, String key, long point) {
    return at(seed.child(key).child(point).generator().nextDouble());
  }

  /** One of several values. */
  record Choice(List<? extends @Nullable Object> values) implements Range {
    @Override
    public @Nullable Object at(double place) {
      return values.get((int) (place * values.size()));
    }
  }

  /** Numbers between two bounds. */
  record Numbers(double low, double high, Scale scale, Kind kind) implements Range {
    @Override
    public Object at(double place) {
      if (kind == Kind.WHOLE) { // each number has the same share of its scale
        double value =
            scale == Scale.LOG ? between(low, high + 1, place) : low + place * (high + 1 - low);
        return Math.min((long) high, (long) Math.floor(value));
      }
      return threeDigits(between(low, high, place));
    }

    private double between(double a, double b, double place) {
      return scale == Scale.LOG
          ? Math.exp(Math.log(a) + place * (Math.log(b) - Math.log(a)))
          : a + place * (b - a);
    }

    /** A person can type them. */
    private static double threeDigits(double value) {
      return Double.parseDouble(String.format(Locale.ROOT, "%.3g", value));
    }
  }

  /** How a range is divided. */
  enum Scale {
    /** Evenly. */
    LINEAR,
    /** Every power of ten has the same share. */
    LOG
  }

  /** What kind of numbers. */
  enum Kind {
    /** Both bounds are whole numbers. */
    WHOLE,
    /** One of them has a decimal point. */
    REAL
  }

  /**
   * Reads {@code {"log": [1e-4, 1.0]}}.
   *
   * @param path of the range, for messages
   */
  static Range of(@Nullable Object value, String path) {
    List<String> words = List.of("linear", "log", "choice");
    if (!(value instanceof Map<?, ?> map) || map.size() != 1) {
      throw new InvalidInputException(
              "A range must be an object with one key: linear, log or choice.",
              "{\"log\": [0.001, 1.0]} was meant.")
          .atKey(path);
    }
    Map.Entry<?, ?> entry = map.entrySet().iterator().next();
    String word = String.valueOf(entry.getKey());
    if (!words.contains(word)) {
      throw Options.unknownKey(word, words, "a range").under(path);
    }
    String key = path + "." + word;
    if (word.equals("choice")) {
      return new Choice(SweepFile.values(entry.getValue(), key));
    }
    Scale scale = word.equals("log") ? Scale.LOG : Scale.LINEAR;
    boolean isWhole = false;
    if (entry.getValue() instanceof List<?> bounds
        && bounds.size() == 2
        && bounds.get(0) instanceof Number low
        && bounds.get(1) instanceof Number high
        && low.doubleValue() < high.doubleValue()
        && (scale == Scale.LINEAR || low.doubleValue() > 0)) {
      isWhole = low instanceof Long && high instanceof Long;
      return new Numbers(
          low.doubleValue(), high.doubleValue(), scale, isWhole ? Kind.WHOLE : Kind.REAL);
    }
    throw new InvalidInputException(
            scale == Scale.LOG
                ? "The bounds of a log range must be two numbers greater than 0, the smaller first."
                : "The bounds of a linear range must be two numbers, the smaller first.",
            "[0.001, 1.0] was meant.")
        .atKey(key);
  }
}
