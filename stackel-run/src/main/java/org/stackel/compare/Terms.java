package org.stackel.compare;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/**
 * On which terms methods are compared.
 *
 * @param budget of every run, tuning included
 * @param target what runs are to reach; null for the level that every method reached at its end
 * @param tunings points of the search of every algorithm, the defaults among them; 0 for none
 * @param tuningSeeds seeds of the search; those of the comparison are left out; if empty, the first
 *     two from 1000 on that are not compared
 */
public record Terms(Budget budget, @Nullable Target target, long tunings, List<Long> tuningSeeds) {
  /** The steps of the experiment, its hyperparameters, the level that all reached. */
  public static final Terms PLAIN = new Terms(Budget.STEPS, null, 0);

  private static final long MAX_TUNINGS = 10_000;

  /** Tuning, if any, on the seeds from 1000 on. */
  public Terms(Budget budget, @Nullable Target target, long tunings) {
    this(budget, target, tunings, List.of());
  }

  public Terms {
    tuningSeeds = List.copyOf(tuningSeeds);
    if (tunings != 0 && (tunings < 2 || tunings > MAX_TUNINGS)) {
      throw new InvalidInputException(
              String.format(
                  Locale.ROOT,
                  "--tune takes a number of points from 2 to %,d, found %d; the defaults are one of them.",
                  MAX_TUNINGS,
                  tunings),
              "--tune 8 was meant.")
          .at("--tune");
    }
  }
}
