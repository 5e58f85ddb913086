package org.stackel.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShownTest {
  @Test
  void aHugeValueIsCut() {
    String value = "x".repeat(10_000_000);
    String message =
        new InvalidInputException("The cell is '" + value + "'; it must be a number.", "a comma.")
            .getMessage();
    assertThat(message)
        .hasSizeLessThan(2_200)
        .startsWith("The cell is 'xxx")
        .contains(" … ")
        .endsWith("xx'; it must be a number.\nMaybe a comma.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Unexpected end-of-input: expected close marker for Object (start marker at [Source: REDACTED (A.B disabled); byte offset: #UNKNOWN]) | the text ends too early",
        "Unexpected close marker ']': expected '}' (for Object starting at [Source: REDACTED (A.B disabled); line: 1]) | Unexpected close marker ']': expected '}'",
        "Unexpected character ((CTRL-CHAR, code 10)): expected a hex-digit | Unexpected character (a line break): expected a hex-digit",
        "Unexpected character ('x' (code 120)): was expecting comma to separate Array entries | Unexpected character ('x'): was expecting comma to separate entries of a list",
        "Unexpected close marker '}': no open Object to close | Unexpected close marker '}': no { is open",
      })
  void reasonsOfAParserAreInWords(String reason, String words) {
    assertThat(Shown.jsonReason(reason)).isEqualTo(words);
  }

  /** A value that turns a terminal red, or sets its title. */
  @Test
  void nothingCommandsTheTerminal() {
    assertThat(Shown.of("'\u001b[31mred\u0007\u009b', a\tb\nc\r"))
        .isEqualTo("'\\u001b[31mred\\u0007\\u009b', a\tb\nc\\u000d");
  }
}
