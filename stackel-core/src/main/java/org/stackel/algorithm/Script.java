package org.stackel.algorithm;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.config.Rules;

/**
 * Which published script mode {@code authors} follows, where the scripts of one algorithm differ
 * between experiments. What each does is said in the algorithm's Javadoc.
 */
public enum Script {
  /** Data cleaning, in the repository of SLIP and, for BO-REP, in its own. */
  CLEANING,
  /** Few-shot tasks: in the repositories of BO-REP, also for its reviews, of SLIP and of AdamBO. */
  FEW_SHOT,
  /** The AUC, in the repository of AccBO. */
  AUC;

  /**
   * The script that is followed: what was given, or the first of those published; none in mode
   * {@code paper}, in which none may be given.
   */
  static @Nullable Script followed(
      Rules rules, Mode mode, @Nullable Script given, Script... published) {
    if (given == null) {
      return mode == Mode.AUTHORS ? published[0] : null;
    }
    if (mode == Mode.PAPER) {
      throw rules.broken(
          "script",
          Options.kebab(given),
          "must be left out in mode paper, which follows none",
          "\"mode\": \"authors\" was meant.");
    }
    List<String> names = List.of(published).stream().map(Options::kebab).toList();
    rules.oneOf("script", Options.kebab(given), names);
    return given;
  }
}
