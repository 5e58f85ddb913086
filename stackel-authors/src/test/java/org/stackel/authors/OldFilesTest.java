package org.stackel.authors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;

/** Files in which a script was a mode of the paper's algorithm name the algorithm of its own. */
class OldFilesTest {
  private static InvalidInputException refusal(String name, Map<String, ?> options) {
    var refusal =
        catchThrowableOfType(InvalidInputException.class, () -> Algorithms.create(name, options));
    assertThat(refusal).as("refusal of %s", options).isNotNull();
    return refusal;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "accbo; accbo-authors-auc was meant.",
        "adambo; adambo-authors-few-shot was meant.",
        "bo-rep; one of bo-rep-authors-auc, bo-rep-authors-cleaning, bo-rep-authors-few-shot was",
        "ma-soba; one of ma-soba-authors-auc, ma-soba-authors-cleaning,",
        "saba; saba-authors was meant.",
        "slip; one of slip-authors-cleaning, slip-authors-few-shot was meant.",
        "stocbio; one of stocbio-authors-auc, stocbio-authors-cleaning,",
        "ttsa; one of ttsa-authors-auc, ttsa-authors-cleaning,"
      })
  void modeAuthorsNamesThem(String name, String maybe) {
    InvalidInputException refusal = refusal(name, Map.of("mode", "authors"));
    assertThat(refusal.key()).isEqualTo("mode");
    assertThat(refusal)
        .hasMessageStartingWith(
            "The mode (authors) of %s is now part of the algorithm's name.\nMaybe %s", name, maybe);
  }

  @ParameterizedTest
  @ValueSource(strings = {"slip", "bo-rep", "ma-soba", "stocbio", "ttsa"})
  void aScriptSaysWhich(String name) {
    var options = Map.of("mode", "authors", "script", "few-shot");
    assertThat(refusal(name, options))
        .hasMessageEndingWith("Maybe %s-authors-few-shot was meant.", name);
    assertThat(refusal(name, Map.of("script", "few-shot")).key()).isEqualTo("script");
  }

  @ParameterizedTest
  @ValueSource(strings = {"soba", "f2sa", "saba-authors", "slip-authors-cleaning"})
  void whereNoScriptCanBeFollowedNoneIsNamed(String name) {
    assertThat(refusal(name, Map.of("mode", "authors")))
        .hasMessage(
            "The mode (authors) of %s must be paper: no script of it can be followed.\n"
                + "Maybe the key can be left out.",
            name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "adambo; script; adambo-authors-few-shot has it.",
        "accbo; script-random; accbo-authors-auc has it.",
        "stocbio; script-shifted; one of stocbio-authors-auc,",
        "ttsa; script-unscaled; one of ttsa-authors-auc,",
        "mrbo; script; one of a, b, c was meant."
      })
  void aSeriesNamesThem(String name, String form, String maybe) {
    InvalidInputException refusal = refusal(name, Map.of("neumannForm", form));
    assertThat(refusal.key()).isEqualTo("neumannForm");
    assertThat(refusal)
        .hasMessageStartingWith(
            "The neumannForm (%s) of %s is the series of a published script, not an estimator.\n"
                + "Maybe %s",
            form, name, maybe);
  }

  @Test
  void theirSuccessorsTakeTheKeysThatHadAnEffect() {
    assertThat(
            Algorithms.create(
                "slip-authors-few-shot",
                Map.of("mode", "paper", "sampling", "shared", "momentum", 0.5)))
        .isEqualTo(
            Algorithms.create(
                "slip-authors-few-shot", Map.of("sampling", "shared", "momentum", 0.5)));
    assertThat(refusal("adambo-authors-few-shot", Map.of("neumannForm", "a")))
        .hasMessageContaining("The key 'neumannForm' is unknown to adambo-authors-few-shot.");
  }
}
