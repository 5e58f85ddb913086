package org.stackel.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.OptionDoc;
import org.stackel.config.OptionDocs;
import org.stackel.problem.Problems;

/** Every option of the catalogues has a description; that of a number says which are allowed. */
class OptionDescriptionsTest {
  private static final Pattern RANGE =
      Pattern.compile(
          "at least|at most|between|greater than|less than|below|above|any number|\\bin [\\[(]"
              + "|\\d or \\d|factor|multiple");

  static Stream<Arguments> entries() {
    return Stream.concat(
        Problems.all().stream()
            .map(e -> Arguments.of(e.name(), OptionDocs.of((Record) e.defaults()))),
        Algorithms.all().stream()
            .map(e -> Arguments.of(e.name(), OptionDocs.of((Record) e.defaults()))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("entries")
  void isComplete(String name, OptionDocs docs) {
    assertThat(gaps(docs.options())).as(name).isEmpty();
  }

  private static List<String> gaps(List<OptionDoc> options) {
    var gaps = new ArrayList<String>();
    for (OptionDoc option : options) {
      String text = option.description();
      if (text.isBlank()) {
        gaps.add(option.key() + " has no description");
      } else if (isNumber(option) && !RANGE.matcher(text).find()) {
        gaps.add(option.key() + " states no range: " + text);
      }
      option.values().stream()
          .filter(value -> value.description().isBlank())
          .forEach(value -> gaps.add(option.key() + " does not describe " + value.word()));
      gaps.addAll(gaps(option.options()));
    }
    return gaps;
  }

  private static boolean isNumber(OptionDoc option) {
    return option.kind().equals("number") || option.kind().equals("whole number");
  }

  @Test
  void gapsAreFound() {
    var number = new OptionDoc("n", "number", false, 1.0, "size", List.of(), List.of());
    var word = List.of(new OptionDoc.Value("a", ""));
    var outer = new OptionDoc("o", "object", false, null, "an object", word, List.of(number));
    var empty = new OptionDoc("e", "text", false, "", "", List.of(), List.of());
    assertThat(gaps(List.of(outer, empty)))
        .containsExactly(
            "o does not describe a", "n states no range: size", "e has no description");
  }
}
