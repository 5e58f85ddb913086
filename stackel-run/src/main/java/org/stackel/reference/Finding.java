package org.stackel.reference;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.runfile.CheckFile.Verdict;

/**
 * One result of a check.
 *
 * @param what what was compared
 * @param value the error or amount found
 * @param bound largest value of a right result; null if reported without a verdict
 */
public record Finding(String what, double value, @Nullable Double bound) {
  /** From here on a wrong scale could hide behind rounding or chance. */
  private static final double TOO_COARSE = 1;

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
    String verdict = verdict() == Verdict.WRONG ? "WRONG" : Options.kebab(verdict());
    return String.format(Locale.ROOT, "%s: %s (%s, bound %.2g)", what, number, verdict, bound);
  }
}
