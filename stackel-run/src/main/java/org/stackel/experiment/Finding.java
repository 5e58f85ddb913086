package org.stackel.experiment;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One result of a check.
 *
 * @param what what was compared
 * @param value the error or amount found
 * @param bound the largest value that is right; null if the value is told and not judged
 */
public record Finding(String what, double value, @Nullable Double bound) {
  /** From here on a wrong scale could hide behind rounding or chance. */
  private static final double TOO_COARSE = 1;

  /** What a finding says. */
  public enum Verdict {
    /** Within its bound. */
    RIGHT,
    /** Beyond its bound. */
    WRONG,
    /** The bound is so wide that even a wrong derivative would pass. */
    UNCLEAR,
    /** Not judged. */
    TOLD
  }

  /** The judgement. */
  public Verdict verdict() {
    if (bound == null) {
      return Verdict.TOLD;
    }
    if (!(value <= bound)) { // not a number is wrong
      return Verdict.WRONG;
    }
    return bound >= TOO_COARSE ? Verdict.UNCLEAR : Verdict.RIGHT;
  }

  @Override
  public String toString() {
    String number = String.format(Locale.ROOT, "%.3g", value);
    if (bound == null) {
      return what + ": " + number;
    }
    String verdict =
        verdict() == Verdict.WRONG ? "WRONG" : verdict().name().toLowerCase(Locale.ROOT);
    return String.format(Locale.ROOT, "%s: %s (%s, bound %.2g)", what, number, verdict, bound);
  }
}
