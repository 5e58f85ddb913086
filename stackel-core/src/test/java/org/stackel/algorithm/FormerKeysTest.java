package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.config.InvalidInputException;

/** Experiment files of version 0.1. */
class FormerKeysTest {
  static Stream<Algorithms.Entry> entries() {
    return Algorithms.all().stream();
  }

  /** Every saved experiment has these. */
  @ParameterizedTest
  @MethodSource("entries")
  void whatChangedNoNumberIsAccepted(Algorithms.Entry entry) {
    var former = new HashMap<String, @Nullable Object>(entry.options());
    former.put("mode", "paper");
    former.put("script", null);
    former.putIfAbsent("sampling", "independent");
    assertThat(Algorithms.create(entry.name(), former)).isEqualTo(entry.defaults());
    assertThat(List.of("mode", "script", "sampling")).allMatch(entry::knows);
    assertThat(entry.knows("modes")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "anil",
        "bome",
        "itd",
        "maml",
        "msgbio",
        "saba",
        "soba",
        "v-pbgd",
        "v-pbsgd",
        "vr-msgbio"
      })
  void samplingWithoutEffectIsNoHyperparameter(String name) {
    BilevelAlgorithm<?> defaults = Algorithms.named(name).defaults();
    assertThat(Algorithms.named(name).options()).doesNotContainKey("sampling");
    for (String word : List.of("independent", "shared")) {
      assertThat(Algorithms.create(name, Map.of("sampling", word))).isEqualTo(defaults);
    }
    assertThatThrownBy(() -> Algorithms.create(name, Map.of("sampling", "often")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "The sampling (often) of %s must be one of independent, shared.", name);
  }

  /** Core alone does not know the algorithms of scripts. */
  @Test
  void theModuleOfTheScriptsIsNamed() {
    assertThatThrownBy(() -> Algorithms.create("slip", Map.of("mode", "authors")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "The mode (authors) of slip is now part of the algorithm's name.\n"
                + "Maybe the module stackel-authors, which has these algorithms, is missing on the"
                + " class path.");
  }

  @ParameterizedTest
  @CsvSource({"mode, papers", "script, cleaning", "neumannForm, script"})
  void whatWouldChangeNumbersIsRefused(String key, String value) {
    assertThatThrownBy(() -> Algorithms.create("adambo", Map.of(key, value)))
        .isInstanceOfSatisfying(
            InvalidInputException.class, e -> assertThat(e.key()).isEqualTo(key));
  }

  @Test
  void nothingStandsForTheMode() {
    assertThatThrownBy(() -> Algorithms.create("slip", Collections.singletonMap("mode", null)))
        .hasMessageContaining("The mode (null) of slip must be paper.");
  }

  /** A record that has such a key reads it itself. */
  @Test
  void ownKeysOfAnAlgorithmAreItsOwn() {
    Map<String, ?> options = Map.of("mode", "authors", "sampling", "rarely");
    assertThat(FormerKeys.dropped("another", options.keySet(), options)).isEqualTo(options);
  }
}
