package org.stackel.bilevel;

import java.util.Arrays;
import java.util.List;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;

/** A set that a variable must stay in. Vectors are in the order of the variable's numbers. */
public sealed interface Region {
  /**
   * Every number in the same bounds, either of which may be infinite.
   *
   * @throws InvalidInputException if {@code low} exceeds {@code high}
   */
  static Region box(double low, double high) {
    return new Box(List.of(low), List.of(high));
  }

  /**
   * Every number in bounds of its own, each of which may be infinite.
   *
   * @throws InvalidInputException if the vectors differ in size or a {@code low} exceeds its {@code
   *     high}
   */
  static Region box(double[] low, double[] high) {
    return new Box(list(low), list(high));
  }

  /**
   * The Euclidean ball around the origin.
   *
   * @throws InvalidInputException if the radius is not positive
   */
  static Region ball(double radius) {
    return new Ball(List.of(0.0), radius);
  }

  /**
   * The Euclidean ball around a center.
   *
   * @throws InvalidInputException if the radius is not positive
   */
  static Region ball(double[] center, double radius) {
    return new Ball(list(center), radius);
  }

  private static List<Double> list(double[] numbers) {
    return Arrays.stream(numbers).boxed().toList();
  }

  /**
   * Bounds.
   *
   * @param low smallest values: one for all numbers, or one each
   * @param high largest values, as many
   */
  record Box(List<Double> low, List<Double> high) implements Region {
    public Box {
      low = List.copyOf(low);
      high = List.copyOf(high);
      var rules = new Rules("the box");
      if (low.size() != high.size()) {
        throw rules.broken(
            "low",
            low,
            "must have as many numbers as high, " + high.size(),
            "a bound is missing; infinite ones stand for none.");
      }
      for (int i = 0; i < low.size(); i++) {
        if (!(low.get(i) <= high.get(i))) {
          throw rules.broken("low", low, "must not exceed high, " + high, "the two are swapped.");
        }
      }
    }
  }

  /**
   * A Euclidean ball.
   *
   * @param center one number for all coordinates, or one each
   * @param radius radius of the ball, greater than 0
   */
  record Ball(List<Double> center, double radius) implements Region {
    public Ball {
      center = List.copyOf(center);
      var rules = new Rules("the ball");
      rules.positive("radius", radius);
      center.forEach(number -> rules.finite("center", number));
    }
  }
}
