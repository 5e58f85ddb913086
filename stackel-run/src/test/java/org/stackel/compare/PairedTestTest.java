package org.stackel.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.stackel.runfile.ComparisonFile.Difference;

class PairedTestTest {
  private static Map<Long, Double> numbers(double... values) {
    var map = new LinkedHashMap<Long, Double>();
    for (int i = 0; i < values.length; i++) {
      map.put((long) i, values[i]);
    }
    return map;
  }

  private static Difference of(Map<Long, Double> a, Map<Long, Double> b) {
    return PairedTest.of("a", a, b);
  }

  /** With two degrees of freedom {@code p = 1 - t / √(t² + 2)}. */
  @Test
  void probabilityOfThreeSeedsIsTheClosedForm() {
    Difference test = of(numbers(2, 4, 6), numbers(1, 2, 3));
    assertThat(test.n()).isEqualTo(3);
    assertThat(test.difference()).isCloseTo(2, within(1e-15));
    assertThat(test.se()).isCloseTo(1 / Math.sqrt(3), within(1e-15));
    double t = 2 * Math.sqrt(3);
    assertThat(test.p()).isCloseTo(1 - t / Math.sqrt(t * t + 2), within(1e-12));
    assertThat(of(numbers(1, 2, 3), numbers(2, 4, 6)).p()).isCloseTo(test.p(), within(1e-15));
  }

  /** Student's sleep data (1908): t = -4.0621, 9 degrees of freedom, p = 0.002833. */
  @Test
  void agreesWithStudentsExample() {
    Difference test =
        of(
            numbers(.7, -1.6, -.2, -1.2, -.1, 3.4, 3.7, .8, 0, 2),
            numbers(1.9, .8, 1.1, .1, -.1, 4.4, 5.5, 1.6, 4.6, 3.4));
    assertThat(test.difference() / test.se()).isCloseTo(-4.0621, within(1e-4));
    assertThat(test.p()).isCloseTo(.002833, within(1e-6));
  }

  @Test
  void onlySeedsThatBothHaveCount() {
    Map<Long, Double> fewer = numbers(1, 2, 3, 5);
    fewer.remove(1L);
    assertThat(of(fewer, numbers(0, 0, 0, 0)).n()).isEqualTo(3);
    assertThat(of(fewer, numbers(0, 0, 0))).isNull();
  }

  @Test
  void saysNothingWithoutEnoughFiniteNumbers() {
    assertThat(of(numbers(1, 2), numbers(2, 4))).isNull();
    assertThat(of(numbers(1, 2, Double.NaN), numbers(2, 4, 6))).isNull();
    assertThat(of(numbers(1e200, -1e200, 3), numbers(0, 0, 0))).as("infinite variance").isNull();
  }

  /** Without noise all seeds are the same run: an infinite t would be no evidence. */
  @Test
  void pairsThatDoNotVaryHaveNoProbability() {
    Difference test = of(numbers(.3, .3, .3), numbers(.1, .1, .1));
    assertThat(test.difference()).isCloseTo(.2, within(1e-15));
    assertThat(test.p()).isNull();
    assertThat(of(numbers(1, 2, 3), numbers(1, 2, 3)).p()).isNull();
  }
}
