package org.stackel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

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

class OptionGroupsTest {
  /**
   * A problem.
   *
   * @param first before the group
   * @param batches a group
   * @param last behind it
   */
  @OptionRecord
  record Cleaning(double first, @Inline Batches batches, @Alias({"end", "final"}) long last)
      implements OptionGroupsTestCleaningBuilder.With {
    Cleaning() {
      this(1, new Batches(2, null, new Noise(0), new Rates(Schedule.constant(0.5), Unit.STEP)), 3);
    }

    Cleaning {
      new Rules("data-cleaning").atLeast("last", last, 0);
    }
  }

  /**
   * A group.
   *
   * @param batch examples
   * @param limit none if left out
   * @param noise an object
   * @param rates a group in the group
   */
  @OptionRecord
  record Batches(
      @Alias("size") int batch, @Nullable Double limit, Noise noise, @Inline Rates rates) {
    Batches {
      var rules = new Rules();
      rules.atLeast("batch", batch, 1);
      if (limit != null && limit < batch) {
        throw rules.broken("limit", limit, "must be at least batch", "the two are swapped.");
      }
    }
  }

  /**
   * An object.
   *
   * @param gradient standard deviation
   */
  @OptionRecord
  record Noise(double gradient) {
    Noise {
      new Rules().notNegative("gradient", gradient);
    }
  }

  /**
   * A group.
   *
   * @param lr step size
   * @param unit of what
   */
  @OptionRecord
  record Rates(Schedule lr, Unit unit) {
    Rates {
      if (unit == Unit.EPOCH) {
        throw new Rules().broken("unit", "epoch", "must be step", "'step' was meant.");
      }
    }
  }

  enum Unit {
    /** A step. */
    STEP,
    EPOCH
  }

  private static final Cleaning DEFAULTS = new Cleaning();

  private static Cleaning bind(Map<String, ?> given) {
    return Options.bind(DEFAULTS, given, "data-cleaning");
  }

  private static InvalidInputException refused(Map<String, ?> given) {
    var thrown = catchThrowableOfType(InvalidInputException.class, () -> bind(given));
    assertThat(thrown).isNotNull();
    return thrown;
  }

  @Test
  void optionsOfGroupsAreKeysOfTheOwnerInOrder() {
    Map<String, @Nullable Object> map = Options.toMap(DEFAULTS);
    assertThat(map)
        .hasToString(
            "{first=1.0, batch=2, limit=null, noise={gradient=0.0}, lr=0.5, unit=step, last=3}");
    assertThat(bind(map)).isEqualTo(DEFAULTS);
    assertThat(bind(Map.of())).isEqualTo(DEFAULTS);
    assertThat(bind(Map.of("batch", 4, "limit", 5, "noise", Map.of("gradient", 6), "lr", 7)))
        .isEqualTo(
            new Cleaning(
                1,
                new Batches(4, 5.0, new Noise(6), new Rates(Schedule.constant(7), Unit.STEP)),
                3));
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("batch", 0, "batch", "The batch (0) of data-cleaning must be at least 1."),
        Arguments.of("batch", "two", "batch", "The batch (two) of data-cleaning must be a number."),
        Arguments.of(
            "batch", null, "batch", "The batch (null) of data-cleaning must have a value."),
        Arguments.of(
            "limit", 1, "limit", "The limit (1.0) of data-cleaning must be at least batch."),
        Arguments.of("last", -1, "last", "The last (-1) of data-cleaning must be at least 0."),
        Arguments.of("lr", 0, "lr", "The lr (0.0) of data-cleaning must be greater than 0."),
        Arguments.of(
            "lr",
            Map.of("type", "power", "exponent", -1),
            "lr.exponent",
            "The exponent (-1.0) of a power schedule must be at least 0."),
        Arguments.of("unit", "epoch", "unit", "The unit (epoch) of data-cleaning must be step."),
        Arguments.of(
            "unit", "hour", "unit", "The unit (hour) of data-cleaning must be one of step, epoch."),
        Arguments.of("noise", 1, "noise", "The noise (1) of data-cleaning must be an object."),
        Arguments.of(
            "noise",
            Map.of("gradient", -1),
            "noise.gradient",
            "The gradient (-1.0) of noise of data-cleaning must be at least 0."),
        Arguments.of(
            "noise",
            Map.of("gradiant", 1),
            "noise.gradiant",
            "The key 'gradiant' is unknown to noise of data-cleaning."),
        Arguments.of("rates", Map.of(), "rates", "The key 'rates' is unknown to data-cleaning."),
        Arguments.of("batches", 1, "batches", "The key 'batches' is unknown to data-cleaning."));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void aMistakeInAGroupIsOneOfTheOwner(
      String key, @Nullable Object value, String path, String message) {
    var given = new HashMap<String, @Nullable Object>();
    given.put(key, value);
    InvalidInputException thrown = refused(given);
    assertThat(thrown.key()).isEqualTo(path);
    assertThat(thrown.getMessage()).startsWith(message + "\nMaybe ");
  }

  @Test
  void unknownKeysNameThoseOfGroupsButNoFormerOnes() {
    assertThat(refused(Map.of("batsh", 1)))
        .hasMessageContaining(
            "'batch' was meant; data-cleaning knows first, batch, limit, noise, lr, unit, last.");
  }

  @Test
  void aGroupThatIsMadeAloneHasNoOwner() {
    assertThatThrownBy(() -> new Noise(-1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("The gradient (-1.0) must be at least 0.\nMaybe the sign is wrong.");
    assertThatThrownBy(() -> DEFAULTS.withBatch(0))
        .hasMessageStartingWith("The batch (0) must be at least 1.");
  }

  @Test
  void aBuilderChecksAGroupWhenAllIsThere() {
    assertThat(OptionGroupsTestCleaningBuilder.of(DEFAULTS).limit(20).batch(20).lr(0.1).build())
        .isEqualTo(bind(Map.of("limit", 20, "batch", 20, "lr", 0.1)));
    assertThat(DEFAULTS.with(it -> it.batch(7).limit(8)).withNoise(n -> n.gradient(9)))
        .isEqualTo(bind(Map.of("limit", 8, "batch", 7, "noise", Map.of("gradient", 9))));
  }

  record Deep(@Nullable Cleaning cleaning) {}

  @Test
  void anObjectThatIsLeftOutStartsFromItsOwnDefaults() {
    var none = new Deep(null);
    assertThat(Options.bind(none, Map.of("cleaning", Map.of("batch", 5)), "deep").cleaning())
        .isEqualTo(DEFAULTS.withBatch(5));
    assertThatThrownBy(() -> Options.bind(none, Map.of("cleaning", Map.of("batch", 0)), "deep"))
        .hasMessageStartingWith("The batch (0) of cleaning of deep must be at least 1.");
  }

  // ---- former names ----------------------------------------------------------------------------

  @Test
  void formerNamesAreReadAndNotWritten() {
    assertThat(bind(Map.of("end", 9, "size", 8))).isEqualTo(bind(Map.of("last", 9, "batch", 8)));
    assertThat(bind(Map.of("final", 9)).last()).isEqualTo(9);
    assertThat(Options.current(Cleaning.class, Map.of("size", 8), "data-cleaning"))
        .isEqualTo(Map.of("batch", 8));
  }

  @Test
  void allNamesOfAnOptionAreKnown() {
    assertThat(Options.names(Cleaning.class, "size")).containsExactlyInAnyOrder("batch", "size");
    assertThat(Options.names(Cleaning.class, "last"))
        .containsExactlyInAnyOrder("last", "end", "final");
    assertThat(Options.names(Cleaning.class, "first")).containsExactly("first");
    assertThat(Options.names(Cleaning.class, "other")).containsExactly("other");
  }

  @Test
  void twoNamesOfOneOptionAreRefused() {
    InvalidInputException thrown = refused(Map.of("end", 9, "last", 9));
    assertThat(thrown.key()).isEqualTo("end");
    assertThat(thrown.getMessage())
        .containsPattern("The keys '(end|last)' and '(end|last)' of data-cleaning are one option.")
        .endsWith("\nMaybe 'end', a former name, can be removed.");
    assertThat(refused(Map.of("end", 9, "final", 9)).getMessage()).contains("are one option");
  }

  /** So that it is found in the file. */
  @Test
  void aMistakeHasTheKeyThatWasGiven() {
    InvalidInputException thrown = refused(Map.of("size", 0));
    assertThat(thrown.key()).isEqualTo("size");
    assertThat(thrown).hasMessageStartingWith("The batch (0) of data-cleaning");
  }

  // ---- records that the processor did not see --------------------------------------------------

  record Clash(int batch, @Inline Batches batches) {}

  record FormerClash(@Inline Noise noise, @Alias("gradient") double lr) {}

  record NoRecord(@Inline int batch) {}

  @Test
  void keysThatAreNotDistinctAreADefectOfTheRecord() {
    Batches batches = DEFAULTS.batches();
    for (Record record :
        List.of(new Clash(1, batches), new FormerClash(batches.noise(), 1), new NoRecord(1))) {
      assertThatThrownBy(() -> Options.bind(record, Map.of(), "it"))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThatThrownBy(() -> Options.bind(new Clash(1, batches), Map.of(), "it"))
        .hasMessage(Clash.class.getName() + " has two options called batch");
  }
}
