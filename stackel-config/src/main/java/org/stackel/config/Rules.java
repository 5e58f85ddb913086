package org.stackel.config;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Rules that values of options must keep. A broken one throws an {@link InvalidInputException} that
 * names the option, its value, its owner and the rule.
 *
 * @param owner whose option it is, as users write it: {@code bo-rep}; empty if it is not known
 */
public record Rules(String owner) {

  /** Rules without an owner: {@link Options#bind} names it when one is broken. */
  public Rules() {
    this("");
  }

  /** A number greater than zero. */
  public void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw broken(name, value, "must be greater than 0", "a small value such as 0.01 was meant.");
    }
  }

  /** A number of at least zero. */
  public void notNegative(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw broken(name, value, "must be at least 0", "the sign is wrong.");
    }
  }

  /** A whole number of at least {@code least}. */
  public void atLeast(String name, long value, long least) {
    if (value < least) {
      throw broken(
          name,
          value,
          "must be at least " + least,
          "the smallest value, " + least + ", was meant.");
    }
  }

  /** A number in [0, 1). */
  public void fraction(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw broken(
          name, value, "must be at least 0 and less than 1", "a fraction such as 0.9 was meant.");
    }
  }

  /** A number in (0, 1]. */
  public void share(String name, double value) {
    if (!(value > 0 && value <= 1)) {
      throw broken(
          name, value, "must be greater than 0 and at most 1", "a share such as 0.5 was meant.");
    }
  }

  /** A positive number, or an option left out. */
  public void positiveIfGiven(String name, @Nullable Double value) {
    if (value != null) {
      positive(name, value);
    }
  }

  /** A finite number. */
  public void finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw broken(name, value, "must be a finite number", "NaN or Infinity was given.");
    }
  }

  /** One of several words. */
  public void oneOf(String name, String value, Collection<String> words) {
    if (!words.contains(value)) {
      String all = String.join(", ", words);
      throw words.size() == 1
          ? broken(name, value, "must be " + all, "'%s' was meant.".formatted(all))
          : broken(name, value, "must be one of " + all, Options.meant(value, words));
    }
  }

  /** A complaint in the common form. */
  public InvalidInputException broken(String name, Object value, String rule, String maybe) {
    InvalidInputException broken =
        InvalidInputException.withoutOwner(
                "The %s (%s)".formatted(name, Shown.value(value)), rule + ".", maybe)
            .atKey(name);
    return owner.isEmpty() ? broken : broken.ofOwner(owner);
  }
}
