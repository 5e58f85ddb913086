package org.stackel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.optim.Schedule;

class OptionsTest {
  enum Color {
    RED,
    DARK_BLUE
  }

  record Inner(long count, @Nullable Double limit, Schedule lr) {
    Inner {
      var rules = new Rules("inner of sample");
      rules.atLeast("count", count, 1);
      rules.positiveIfGiven("limit", limit);
    }
  }

  record Sample(
      double ratio,
      long steps,
      int size,
      boolean loud,
      String name,
      Color color,
      @Nullable Double radius,
      @Nullable String note,
      List<Double> numbers,
      List<List<Double>> rows,
      Inner inner,
      Schedule lr,
      @Nullable Schedule warm) {
    Sample {
      new Rules("sample").fraction("ratio", ratio);
    }
  }

  private static final Sample DEFAULTS =
      new Sample(
          0.5,
          10,
          3,
          false,
          "plain",
          Color.RED,
          null,
          null,
          List.of(1.0),
          List.of(List.of()),
          new Inner(1, null, Schedule.constant(1)),
          Schedule.constant(0.1),
          null);

  private static Sample bind(Map<String, ?> given) {
    return Options.bind(DEFAULTS, given, "sample");
  }

  private static Map<String, @Nullable Object> one(String key, @Nullable Object value) {
    var map = new HashMap<String, @Nullable Object>();
    map.put(key, value);
    return map;
  }

  @Test
  void nothingGivenIsTheDefaults() {
    assertThat(bind(Map.of())).isEqualTo(DEFAULTS);
  }

  @Test
  void everyKindIsRead() {
    Sample bound =
        bind(
            Map.ofEntries(
                Map.entry("ratio", new BigDecimal("0.25")),
                Map.entry("steps", 5.0),
                Map.entry("size", 7L),
                Map.entry("loud", true),
                Map.entry("name", "new"),
                Map.entry("color", "dark-blue"),
                Map.entry("radius", 2),
                Map.entry("note", "hello"),
                Map.entry("numbers", List.of(1, 2.5)),
                Map.entry("rows", List.of(List.of(1), List.of(2, 3))),
                Map.entry("inner", Map.of("count", BigInteger.TWO, "limit", 3)),
                Map.entry("lr", Map.of("type", "power", "initial", 1, "exponent", 0.5)),
                Map.entry("warm", 0.5)));
    assertThat(bound)
        .isEqualTo(
            new Sample(
                0.25,
                5,
                7,
                true,
                "new",
                Color.DARK_BLUE,
                2.0,
                "hello",
                List.of(1.0, 2.5),
                List.of(List.of(1.0), List.of(2.0, 3.0)),
                new Inner(2, 3.0, Schedule.constant(1)),
                new Schedule.Power(1, 0.5),
                Schedule.constant(0.5)));
    assertThat(Options.bind(DEFAULTS, Options.toMap(bound), "sample")).isEqualTo(bound);
    assertThat(Options.bind(bound, Options.toMap(DEFAULTS), "sample"))
        .as("null takes an option away")
        .isEqualTo(DEFAULTS);
  }

  @Test
  void recordsBecomeWhatJsonHas() {
    Map<String, @Nullable Object> map = Options.toMap(DEFAULTS);
    assertThat(map.keySet())
        .containsExactly(
            "ratio", "steps", "size", "loud", "name", "color", "radius", "note", "numbers", "rows",
            "inner", "lr", "warm");
    assertThat(map)
        .containsEntry("color", "red")
        .containsEntry("lr", 0.1)
        .containsEntry("radius", null);
    assertThat((Map<?, ?>) map.get("inner")).hasToString("{count=1, limit=null, lr=1.0}");
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("ratio", "0.5", "must be a number", "quotes"),
        Arguments.of("ratio", true, "must be a number", "`stackel list`"),
        Arguments.of("ratio", null, "must have a value", "leave the key out"),
        Arguments.of("ratio", List.of(1), "must be a number", "stackel list"),
        Arguments.of("ratio", 1.0, "less than 1", "fraction"),
        Arguments.of("ratio", Double.NaN, "less than 1", "fraction"),
        Arguments.of("steps", 1.5, "must be a whole number", ""),
        Arguments.of("steps", Double.NaN, "must be a whole number", ""),
        Arguments.of("steps", Double.POSITIVE_INFINITY, "must be a whole number", ""),
        Arguments.of("steps", 1e17, "must be a whole number", ""),
        Arguments.of("steps", "5", "must be a number", "quotes"),
        Arguments.of("steps", null, "must have a value", ""),
        Arguments.of("size", 1L << 31, "must be less than 2^31", ""),
        Arguments.of("size", -1L - (1L << 31), "2^31", ""),
        Arguments.of("loud", "true", "must be true or false", "quotes"),
        Arguments.of("loud", 1, "must be true or false", ""),
        Arguments.of("name", 3, "must be a text", ""),
        Arguments.of("name", null, "must have a value", ""),
        Arguments.of("note", 3, "must be a text", ""),
        Arguments.of("color", "dark_blue", "one of red, dark-blue", "'dark-blue' was meant"),
        Arguments.of("color", "rad", "one of red, dark-blue", "'red' was meant"),
        Arguments.of("color", 1, "one of", ""),
        Arguments.of("color", null, "must have a value", ""),
        Arguments.of("radius", "none", "must be a number", ""),
        Arguments.of("numbers", 1, "must be a list", ""),
        Arguments.of("numbers", null, "must have a value", ""),
        Arguments.of("numbers", List.of("1"), "must be a number", ""),
        Arguments.of("numbers", Arrays.asList(1.0, null), "must have a value", ""),
        Arguments.of("rows", List.of(1), "must be a list", ""),
        Arguments.of("rows", Arrays.asList(List.of(1), null), "must have a value", ""),
        Arguments.of("inner", 3, "must be an object", ""),
        Arguments.of("inner", null, "must have a value", ""),
        Arguments.of("lr", -1, "must be greater than 0", ""),
        Arguments.of("lr", Double.NaN, "must be greater than 0", ""),
        Arguments.of("lr", "fast", "must be a number or a schedule", "power"),
        Arguments.of("lr", null, "must have a value", ""));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void aWrongValueIsNamedWithItsRule(
      String key, @Nullable Object value, String rule, String maybe) {
    var thrown = catchThrowableOfType(InvalidInputException.class, () -> bind(one(key, value)));
    assertThat(thrown).isNotNull();
    assertThat(thrown.getMessage())
        .startsWith("The " + key + " (")
        .contains("sample")
        .contains(rule);
    String[] lines = thrown.getMessage().split("\n", -1);
    assertThat(lines).hasSize(2);
    assertThat(lines[1]).startsWith("Maybe ").contains(maybe);
    assertThat(thrown.key()).isEqualTo(key);
  }

  @Test
  void unknownKeysNameTheNearestKnownOne() {
    assertThatThrownBy(() -> bind(one("Radios", 1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The key 'Radios' is unknown to sample.")
        .hasMessageContaining("Maybe 'radius' was meant; sample knows ratio, steps,");
    assertThat(Options.unknownKey("x", List.of(), "nothing").getMessage())
        .contains("nothing has no keys");
  }

  static Stream<Arguments> nested() {
    return Stream.of(
        Arguments.of("inner", Map.of("count", 0), "inner.count"),
        Arguments.of("inner", Map.of("count", "many"), "inner.count"),
        Arguments.of("inner", Map.of("limit", -1), "inner.limit"),
        Arguments.of("inner", Map.of("cound", 1), "inner.cound"),
        Arguments.of("inner", Map.of("lr", 0), "inner.lr"),
        Arguments.of("inner", Map.of("lr", Map.of("type", "step", "every", 0)), "inner.lr.every"),
        Arguments.of("lr", Map.of("type", "powder"), "lr.type"),
        Arguments.of("lr", Map.of("initial", 1), "lr.type"),
        Arguments.of("lr", Map.of("type", "power", "initial", -1), "lr.initial"),
        Arguments.of("lr", Map.of("type", "power", "exponent", -1), "lr.exponent"),
        Arguments.of("lr", Map.of("type", "power", "factor", 1), "lr.factor"),
        Arguments.of("lr", Map.of("type", "step", "factor", 0), "lr.factor"),
        Arguments.of("lr", Map.of("type", "step", "factor", 1.5), "lr.factor"),
        Arguments.of("lr", Map.of("type", "step", "every", 1.5), "lr.every"));
  }

  @ParameterizedTest
  @MethodSource("nested")
  void mistakesInsideCarryTheirPath(String key, Map<String, ?> value, String path) {
    var thrown = catchThrowableOfType(InvalidInputException.class, () -> bind(one(key, value)));
    assertThat(thrown).isNotNull();
    assertThat(thrown.key()).isEqualTo(path);
    assertThat(thrown.under("algorithm").key()).isEqualTo("algorithm." + path);
  }

  @Test
  void theNearestWordIsByEditDistance() {
    var words = List.of("momentum", "period", "lowerSteps");
    assertThat(Options.nearest("momentun", words)).isEqualTo("momentum");
    assertThat(Options.nearest("PERIODS", words)).isEqualTo("period");
    assertThat(Options.nearest("lower-steps", words)).isEqualTo("lowerSteps");
    assertThat(Options.nearest("x", List.of())).isEmpty();
  }

  @Test
  void onlyNearWordsAreSuggested() {
    var words = List.of("momentum", "period", "lowerSteps");
    assertThat(Options.meant("momentun", words)).isEqualTo("'momentum' was meant.");
    assertThat(Options.meant("steps", words)).isEqualTo("'lowerSteps' was meant.");
    assertThat(Options.meant("zebra", words))
        .isEqualTo("one of momentum, period, lowerSteps was meant.");
    assertThat(Options.meant("periods", words, "slip knows"))
        .isEqualTo("'period' was meant; slip knows momentum, period, lowerSteps.");
    assertThat(Options.meant("zebra", words, "slip knows"))
        .isEqualTo("one of momentum, period, lowerSteps was meant.");
    assertThat(Options.isNear("x", "")).isFalse();
  }

  @Test
  void aComplaintKeepsItsFirstPlaceAndKey() {
    var plain = new InvalidInputException("A is wrong.", "b is right.");
    assertThat(plain.key()).isNull();
    assertThat(plain.location()).isNull();
    assertThat(plain).hasMessage("A is wrong.\nMaybe b is right.");
    var placed = plain.at("train.csv:17").at("other:1").atKey("k").atKey("other");
    assertThat(placed).hasMessage("train.csv:17: A is wrong.\nMaybe b is right.");
    assertThat(placed.location()).isEqualTo("train.csv:17");
    assertThat(placed.key()).isEqualTo("k");
    assertThat(plain.under("outer").key()).isEqualTo("outer");
    var cause = new IllegalStateException("why");
    assertThat(placed.causedBy(cause).under("p")).hasCause(cause);
    assertThat(placed.causedBy(cause).under("p").key()).isEqualTo("p.k");
  }
}
