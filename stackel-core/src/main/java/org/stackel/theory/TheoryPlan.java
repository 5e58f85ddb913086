package org.stackel.theory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The hyperparameters that an analysis asks for, and the number of steps. */
public final class TheoryPlan {
  private final Map<String, Object> options = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();
  private double steps = 1;

  /**
   * A number of steps or terms, which may be more than a whole number can be.
   *
   * @param value the number, not rounded
   */
  public record Length(double value) {}

  /** A hyperparameter: a number, a word, or a map. */
  public TheoryPlan put(String name, Object value) {
    options.put(name, value);
    return this;
  }

  /** A hyperparameter that is a number of steps or terms; it is rounded up. */
  public TheoryPlan length(String name, double value) {
    return put(name, new Length(Math.ceil(value)));
  }

  /** A momentum of {@code 1 - renewal}, less than 1 whatever rounding does. */
  public TheoryPlan momentum(double renewal) {
    double momentum = 1 - renewal;
    if (momentum >= 1) {
      remark("1 - momentum is smaller than the precision of numbers; epsilon is too small.");
      momentum = Math.nextDown(1.0);
    }
    return put("momentum", momentum);
  }

  /** The number of upper-level steps; it is rounded up. */
  public TheoryPlan steps(double number) {
    steps = Math.max(1, Math.ceil(number));
    return this;
  }

  /** A remark for readers, one sentence. */
  public TheoryPlan remark(String sentence) {
    remarks.add(sentence);
    return this;
  }

  /** Hyperparameters by name; numbers of steps as {@link Length}. */
  public Map<String, Object> options() {
    return Collections.unmodifiableMap(options);
  }

  /** T, the number of upper-level steps. */
  public double steps() {
    return steps;
  }

  /** Remarks for readers, in sentences. */
  public List<String> remarks() {
    return List.copyOf(remarks);
  }
}
