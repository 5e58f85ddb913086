package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.config.InvalidInputException;

class TuningRangeTest {
  static Stream<Algorithms.Entry> entries() {
    return Algorithms.all().stream();
  }

  @ParameterizedTest
  @MethodSource("entries")
  void everyAlgorithmDeclaresKeysThatItHas(Algorithms.Entry entry) {
    assertThat(entry.tuned()).isNotEmpty();
    assertThat(entry.options().keySet())
        .containsAll(entry.tuned().stream().map(TuningRange::key).toList());
  }

  @Test
  void stepSizesAreTunedAndMomentumIsNot() {
    assertThat(keys("slip")).containsExactly("upperLr", "lowerLr", "linearSystemLr", "warmStartLr");
    assertThat(keys("adambo")).containsExactly("upperLr", "lowerLr", "neumannStep");
  }

  private static List<String> keys(String algorithm) {
    return Algorithms.named(algorithm).tuned().stream().map(TuningRange::key).toList();
  }

  @Test
  void placesAreUniformInTheLogarithm() {
    var range = new TuningRange("lr", .1, 10);
    assertThat(range.at(0)).isCloseTo(.1, within(1e-15));
    assertThat(range.at(.5)).isCloseTo(1, within(1e-15));
    assertThat(range.at(1)).isCloseTo(10, within(1e-12));
  }

  @Test
  void refusesRangesThatAreNone() {
    assertThatThrownBy(() -> new TuningRange("lr", 0, 10))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> new TuningRange("lr", 2, 1)).isInstanceOf(InvalidInputException.class);
  }
}
