package org.stackel.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Option;
import org.stackel.config.Options;
import org.stackel.config.Rules;

/** A step size as a function of the step number. In JSON a number, or an object with a type. */
public sealed interface Schedule extends Option {
  /** The step size of step t, from 0 on. */
  double at(long t);

  /** A constant step size. */
  static Schedule constant(double value) {
    return new Constant(value);
  }

  /**
   * A constant step size.
   *
   * @param value step size, greater than 0
   */
  record Constant(double value) implements Schedule {
    public Constant {
      new Rules("a schedule").positive("value", value);
    }

    @Override
    public double at(long t) {
      return value;
    }

    @Override
    public Object toOption() {
      return value;
    }
  }

  /**
   * {@code initial / (t + 1)^exponent}.
   *
   * @param initial step size of the first step
   * @param exponent 0 for a constant step size
   */
  record Power(double initial, double exponent) implements Schedule {
    public Power {
      var rules = new Rules("a power schedule");
      rules.positive("initial", initial);
      rules.notNegative("exponent", exponent);
    }

    @Override
    public double at(long t) {
      return initial / Math.pow(t + 1.0, exponent);
    }

    @Override
    public Object toOption() {
      return withType("power", this);
    }
  }

  /**
   * {@code initial · factor^⌊t / every⌋}.
   *
   * @param initial step size of the first steps
   * @param factor factor of each multiplication
   * @param every number of steps between two multiplications
   */
  record Step(double initial, double factor, long every) implements Schedule {
    public Step {
      var rules = new Rules("a step schedule");
      rules.positive("initial", initial);
      rules.share("factor", factor);
      rules.atLeast("every", every, 1);
    }

    @Override
    public double at(long t) {
      long times = t / every;
      return initial * Math.pow(factor, (double) times);
    }

    @Override
    public Object toOption() {
      return withType("step", this);
    }
  }

  private static Map<String, @Nullable Object> withType(String type, Record schedule) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("type", type);
    map.putAll(Options.toMap(schedule));
    return map;
  }

  /**
   * Reads a number or an object such as {@code {"type": "power", "initial": 0.1, "exponent": 0.5}}.
   *
   * @param rules the rules of the algorithm whose option this is
   * @throws InvalidInputException for anything else, and for step sizes that are not positive
   */
  static Schedule fromOption(Rules rules, String name, Object value) {
    if (value instanceof Number number) {
      rules.positive(name, number.doubleValue());
      return new Constant(number.doubleValue());
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw rules.broken(
          name,
          value,
          "must be a number or a schedule",
          "{\"type\": \"power\", \"initial\": 0.1, \"exponent\": 0.5} was meant.");
    }
    var keys = new LinkedHashMap<String, @Nullable Object>();
    map.forEach((key, element) -> keys.put(String.valueOf(key), element));
    String owner = name + " of " + rules.owner();
    try {
      Object type = keys.remove("type");
      if ("theory".equals(type)) {
        throw new InvalidInputException(
                "Theory gives all step sizes of an algorithm together, not one.",
                "\"schedule\": \"theory\" and \"epsilon\" in the algorithm were meant.")
            .atKey("type");
      }
      new Rules(owner).oneOf("type", String.valueOf(type), List.of("power", "step"));
      return "power".equals(type)
          ? Options.bind(new Power(0.1, 0.5), keys, owner)
          : Options.bind(new Step(0.1, 0.5, 100), keys, owner);
    } catch (InvalidInputException e) {
      throw e.under(name);
    }
  }
}
