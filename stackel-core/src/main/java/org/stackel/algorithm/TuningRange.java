package org.stackel.algorithm;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import org.stackel.config.Rules;
import org.stackel.optim.Schedule;

/**
 * Where tuning looks for a hyperparameter: between two multiples of its default, uniformly in the
 * logarithm.
 *
 * @param key of the hyperparameter: a number, or a schedule, whose first step size is multiplied
 * @param least smallest factor, greater than 0
 * @param most largest factor
 */
public record TuningRange(String key, double least, double most) {
  private static final double WIDTH = 10;

  public TuningRange {
    var rules = new Rules("a tuning range");
    rules.positive("least", least);
    if (!(most >= least) || Double.isInfinite(most)) {
      throw rules.broken("most", most, "must be at least " + least, "the two are swapped.");
    }
  }

  private static boolean isStepSize(RecordComponent component) {
    String name = component.getName();
    return component.getType() == double.class
        && (name.endsWith("Lr") || name.endsWith("Step") || name.equals("stepSize"));
  }

  /**
   * Every schedule, every number that is a step size, and the step of a Neumann series, from a
   * tenth to ten times its default.
   */
  public static List<TuningRange> ofStepSizes(Record defaults) {
    return Arrays.stream(defaults.getClass().getRecordComponents())
        .filter(c -> c.getType() == Schedule.class || isStepSize(c))
        .map(RecordComponent::getName)
        .map(key -> new TuningRange(key, 1 / WIDTH, WIDTH))
        .toList();
  }

  /** Whether this is the step size of x. */
  public boolean isUpper() {
    return key.equals("upperLr") || key.equals("stepSize");
  }

  /** The factor of the range that is nearest to a given one. */
  public double within(double factor) {
    return Math.max(least, Math.min(most, factor));
  }

  /** The factor at a place in [0, 1] of the range. */
  public double at(double place) {
    return least * Math.pow(most / least, place);
  }
}
