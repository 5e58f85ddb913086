package org.stackel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {
  private static final Rules RULES = new Rules("the sample");

  private static void check(String rule, double value) {
    switch (rule) {
      case "positive" -> RULES.positive("a", value);
      case "positiveIfGiven" -> RULES.positiveIfGiven("a", value);
      case "notNegative" -> RULES.notNegative("a", value);
      case "fraction" -> RULES.fraction("a", value);
      case "share" -> RULES.share("a", value);
      case "finite" -> RULES.finite("a", value);
      default -> RULES.atLeast("a", (long) value, 2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "positive, 1e-300",
    "positive, 1e300",
    "positiveIfGiven, 1",
    "notNegative, 0",
    "notNegative, 5",
    "fraction, 0",
    "fraction, 0.9999",
    "share, 1e-9",
    "share, 1",
    "finite, -1e308",
    "atLeast, 2"
  })
  void accepts(String rule, double value) {
    assertThatCode(() -> check(rule, value)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "positive, 0",
    "positive, -0.0",
    "positive, -1",
    "positive, NaN",
    "positive, Infinity",
    "positiveIfGiven, 0",
    "notNegative, -1e-300",
    "notNegative, NaN",
    "notNegative, Infinity",
    "fraction, 1",
    "fraction, -0.1",
    "fraction, NaN",
    "share, 0",
    "share, 1.0001",
    "share, NaN",
    "finite, NaN",
    "finite, Infinity",
    "finite, -Infinity",
    "atLeast, 1"
  })
  void refuses(String rule, double value) {
    var thrown = catchThrowableOfType(InvalidInputException.class, () -> check(rule, value));
    assertThat(thrown).isNotNull();
    assertThat(thrown.key()).isEqualTo("a");
    assertThat(thrown.getMessage()).startsWith("The a (").contains(") of the sample must ");
  }

  @Test
  void takesAnOptionThatIsLeftOut() {
    assertThatCode(() -> RULES.positiveIfGiven("a", null)).doesNotThrowAnyException();
  }

  @Test
  void wantsOneOfSeveralWords() {
    assertThatCode(() -> RULES.oneOf("a", "b", List.of("a", "b"))).doesNotThrowAnyException();
    var thrown =
        catchThrowableOfType(
            InvalidInputException.class, () -> RULES.oneOf("a", "blu", List.of("red", "blue")));
    assertThat(thrown)
        .hasMessage("The a (blu) of the sample must be one of red, blue.\nMaybe 'blue' was meant.");
  }
}
