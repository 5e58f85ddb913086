package org.stackel.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;

class ScheduleTest {
  @Test
  void constantNeverChanges() {
    assertThat(Schedule.constant(0.3).at(0)).isEqualTo(0.3);
    assertThat(Schedule.constant(0.3).at(Long.MAX_VALUE)).isEqualTo(0.3);
  }

  @Test
  void powerDecaysWithTheStepNumberFromOne() {
    var schedule = new Schedule.Power(2, 0.5);
    assertThat(schedule.at(0)).isEqualTo(2);
    assertThat(schedule.at(3)).isEqualTo(1);
    assertThat(schedule.at(99)).isCloseTo(0.2, within(1e-15));
  }

  @Test
  void stepMultipliesAfterEverySoManySteps() {
    var schedule = new Schedule.Step(1, 0.5, 3);
    assertThat(LongStream.range(0, 8).mapToDouble(schedule::at))
        .containsExactly(1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25);
  }

  static Stream<Schedule> schedules() {
    return Stream.of(
        Schedule.constant(0.1), new Schedule.Power(0.2, 0), new Schedule.Step(0.3, 1, 1));
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void isReadFromWhatItWrites(Schedule schedule) {
    assertThat(Schedule.fromOption(new Rules("slip"), "upperLr", schedule.toOption()))
        .isEqualTo(schedule);
  }

  @Test
  void refusesStepSizesThatAreNotPositive() {
    for (double value : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Schedule.constant(value)).isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> Schedule.fromOption(new Rules("slip"), "upperLr", value))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContainingAll("upperLr", "slip");
      assertThatThrownBy(() -> new Schedule.Power(value, 1)).hasMessageContaining("initial");
      assertThatThrownBy(() -> new Schedule.Step(value, 1, 1)).hasMessageContaining("initial");
    }
  }

  @Test
  void namesTheOptionWhoseScheduleIsWrong() {
    assertThatThrownBy(
            () ->
                Schedule.fromOption(
                    new Rules("slip"), "upperLr", Map.of("type", "cosine", "initial", 1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContainingAll("type (cosine)", "upperLr of slip", "power, step");
    assertThatThrownBy(
            () ->
                Schedule.fromOption(
                    new Rules("slip"), "upperLr", Map.of("type", "theory", "epsilon", .1)))
        .hasMessageContainingAll("all step sizes of an algorithm together", "schedule");
  }
}
