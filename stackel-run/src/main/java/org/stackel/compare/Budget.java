package org.stackel.compare;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.experiment.Theory;
import org.stackel.oracle.OracleCalls;
import org.stackel.runfile.BudgetKind;

/**
 * What every run of a comparison may spend.
 *
 * @param kind what is counted
 * @param amount how much; null for what the first algorithm uses in the experiment's steps
 */
public record Budget(BudgetKind kind, @Nullable Double amount) {
  /** The steps of the experiment. */
  public static final Budget STEPS = new Budget(BudgetKind.STEPS, null);

  /**
   * Reads {@code oracle} or {@code oracle=4000}.
   *
   * @throws InvalidInputException for anything else
   */
  public static Budget parse(String text) {
    int equals = text.indexOf('=');
    String word = equals < 0 ? text : text.substring(0, equals);
    BudgetKind kind = null;
    for (BudgetKind each : BudgetKind.values()) {
      kind = Options.kebab(each).equals(word) ? each : kind;
    }
    if (kind == null) {
      throw wrong(text, "one of steps, seconds, oracle, samples, or one of them and an amount");
    }
    return new Budget(kind, equals < 0 ? null : amount(kind, text, text.substring(equals + 1)));
  }

  private static double amount(BudgetKind kind, String text, String number) {
    boolean isWhole = kind != BudgetKind.SECONDS;
    try {
      double amount = Double.parseDouble(number);
      if (amount > 0 && amount <= Settings.NO_LIMIT && (!isWhole || amount == Math.rint(amount))) {
        return amount;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong(text, isWhole ? "a whole number from 1 to 10^9" : "a number above 0, at most 10^9");
  }

  private static InvalidInputException wrong(String text, String rule) {
    return new InvalidInputException(
            "--budget takes %s, found '%s'.".formatted(rule, text),
            "--budget oracle or --budget seconds=10 was meant.")
        .at("--budget");
  }

  /** What a run spent of this kind. */
  double spent(double seconds, OracleCalls calls) {
    return switch (kind) {
      case SECONDS -> seconds;
      case SAMPLES -> calls.samples();
      case ORACLE -> calls.total();
      case STEPS -> throw new IllegalArgumentException("steps are given, not measured");
    };
  }

  /** This budget with an amount that was measured; seconds are rounded up to milliseconds. */
  Budget with(double measured) {
    return new Budget(
        kind, kind == BudgetKind.SECONDS ? Math.ceil(measured * 1000) / 1000 : measured);
  }

  /** Whether a run must show how much there is. */
  boolean isToBeMeasured() {
    return kind != BudgetKind.STEPS && amount == null;
  }

  /** The experiment with this budget. Its hyperparameters stay those of its own steps. */
  public Experiment applyTo(Experiment experiment) {
    if (kind == BudgetKind.STEPS) {
      return amount == null ? experiment : steps(experiment, amount.longValue());
    }
    var settings = new LinkedHashMap<String, @Nullable Object>();
    settings.put("steps", Settings.NO_LIMIT);
    settings.put("maxSeconds", kind == BudgetKind.SECONDS ? amount : null);
    settings.put("maxOracleCalls", kind == BudgetKind.ORACLE ? amount : null);
    settings.put("maxSamples", kind == BudgetKind.SAMPLES ? amount : null);
    return experiment.withSettings(settings);
  }

  /** Where evaluations lie as theory's length asks for, this length asks for others. */
  private static Experiment steps(Experiment experiment, long steps) {
    boolean isTheory = experiment.theory() != null && experiment.settings().steps() > steps;
    return (isTheory ? experiment.withSettings(Theory.every(steps)) : experiment).withSteps(steps);
  }
}
